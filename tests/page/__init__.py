"""The page of a document: what stands on it, and how a browser renders it."""

"""Prompts, what is expected of documents, and scores."""

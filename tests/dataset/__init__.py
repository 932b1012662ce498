"""Training pairs: where they come from, what is written, what is left out."""

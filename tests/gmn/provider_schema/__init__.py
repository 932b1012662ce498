"""Schemas in the dialects of the providers."""

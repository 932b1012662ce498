"""Prompts and documents as examples for the fine-tuning of a model.

``exporting.Exporter`` makes examples of pairs; ``pairs`` finds them in the cache and in files of a batch, ``synthetic``
has the built-in designer make them, ``forms`` writes them down.
"""

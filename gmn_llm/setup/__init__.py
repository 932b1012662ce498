"""An installation: what is found around it, a configuration for that, and whether all of it works."""

from __future__ import annotations

from gmn_llm.setup.composing import composed
from gmn_llm.setup.surroundings import Ollama, Surroundings, looked

__all__ = ["Ollama", "Surroundings", "composed", "looked"]

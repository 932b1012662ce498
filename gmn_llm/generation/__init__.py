"""From a task to a valid document: draft, check, repair."""

from __future__ import annotations

from gmn_llm.generation.driver import drive
from gmn_llm.generation.task import Task

__all__ = ["Task", "drive"]

"""How well a model writes documents: prompts, what is expected of them, and the scores."""

from __future__ import annotations

from gmn_llm.evaluation.running import Case, evaluated, judged
from gmn_llm.evaluation.score import Score
from gmn_llm.evaluation.suite import Prompt, Suite, load_suite

__all__ = ["Case", "Prompt", "Score", "Suite", "evaluated", "judged", "load_suite"]

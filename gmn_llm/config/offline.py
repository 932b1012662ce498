"""The switches that keep LiteLLM from fetching anything while it is imported."""

from __future__ import annotations

import os

__all__ = ["SWITCHES", "set_switches"]

SWITCHES = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True"}
"""LiteLLM reads these while it is imported: its price list and its table of headers come from the wheel
then.
"""


def set_switches() -> None:
    """Set the switches where the environment does not; to be called before the first import of LiteLLM."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)

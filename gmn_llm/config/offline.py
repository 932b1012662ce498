"""The switches that keep LiteLLM from fetching anything, and from talking, while it is imported."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LOGGERS", "SWITCHES", "WANTED", "loading", "set_switches"]

LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
WANTED = "LITELLM_LOG"
"""The variable by which somebody asks for LiteLLM's own log, which has what is said in it."""

SWITCHES = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True"}
"""LiteLLM reads these while it is imported: its price list and its table of headers come from the wheel
then.
"""


def set_switches() -> None:
    """Set the switches where the environment does not; to be called before the first import of LiteLLM."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)


@contextmanager
def loading() -> Iterator[None]:
    """Set the switches, and let the block load LiteLLM without a word.

    Its loggers are open to standard output from the start, and write there in a program that logs all levels.
    """
    set_switches()
    hushed = [] if WANTED in os.environ else [each for each in map(logging.getLogger, LOGGERS) if not each.level]
    for logger in hushed:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger in hushed:
            logger.setLevel(logging.NOTSET)

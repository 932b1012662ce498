"""LiteLLM, imported once, offline and without a word of its own on the terminal."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from importlib import import_module
from typing import Any

from gmn_llm.config.offline import set_switches

__all__ = ["litellm"]

LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")
WANTED = "LITELLM_LOG"
CALLS = "acompletion|async_completion|async_streaming|acompletion_stream"
PREPARED = rf"coroutine '\w+\.([\w.<>]+\.)?({CALLS})\w*' was never awaited"
"""What Python says of a call that is cancelled while LiteLLM prepares it on a thread; nothing is open then."""


def _import_offline() -> Any:
    set_switches()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module: Any = import_module("litellm")
        # LiteLLM builds these on first use, and pydantic warns of a detail in them then.
        module.types.router.LiteLLM_Params.model_validate({"model": "openai/any"})
        for kind in (module.Message, module.ModelResponse, module.ModelResponseStream):
            kind()
    module.disable_hf_tokenizer_download = True
    module.suppress_debug_info = True
    module.telemetry = False
    # httpx's own transport takes proxies and certificates from the usual variables, and a session that a program
    # ends without closing is not complained of; it costs no more time than aiohttp's.
    module.disable_aiohttp_transport = True
    if WANTED not in os.environ:
        _silence()
    warnings.filterwarnings("ignore", PREPARED, RuntimeWarning)
    return module


def _silence() -> None:
    """Take the terminal from LiteLLM's loggers; ``LITELLM_LOG`` in the environment gives it back."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            stream = getattr(handler, "stream", None)
            if stream in (sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__):
                logger.removeHandler(handler)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        logger.propagate = False


# Untyped on purpose: what LiteLLM calls its types changes with each release, what it does is held by tests.
litellm: Any = _import_offline()

"""LiteLLM, imported once, offline and without a word of its own on the terminal."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from importlib import import_module
from typing import Any

from gmn_llm.config.offline import LOGGERS, WANTED, loading

__all__ = ["litellm"]

CALLS = "acompletion|async_completion|async_streaming|acompletion_stream|try_connect"
PREPARED = rf"coroutine '\w+\.([\w.<>]+\.)?({CALLS})\w*' was never awaited"
"""What Python says of a call that is cancelled while LiteLLM prepares it on a thread, or before its HTTP client has
begun to connect; nothing is open then."""

FIELDS = (
    "annotations|arguments|choices|content|created|delta|finish_reason|function|function_call|id|index|logprobs|message"
    r"|model|name|object|reasoning_content|refusal|role|service_tier|system_fingerprint|tool_calls|type|usage"
    r"|\w+_tokens(_details)?"
)
SERIALIZED = rf"Pydantic serializer warnings:[\s\S]*field_name='({FIELDS})'"
"""What pydantic says where LiteLLM copies an answer that is not the protocol's; what becomes of it is told in words."""


def _import_offline() -> Any:
    with loading(), warnings.catch_warnings():
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
    warnings.filterwarnings("ignore", SERIALIZED, UserWarning, r"pydantic\.main")
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

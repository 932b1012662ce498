"""How one example is written: OpenAI's chat format for fine-tuning, and ShareGPT's.

OpenAI: https://platform.openai.com/docs/guides/supervised-fine-tuning ; ShareGPT's as LLaMA-Factory and Axolotl read
it: https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md .
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from gmn_llm.messages import LLMMessage, LLMRole

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Form", "line_of"]

SPEAKERS: Final = {LLMRole.SYSTEM: "system", LLMRole.USER: "human", LLMRole.ASSISTANT: "gpt"}


class Form(StrEnum):
    """What a line of the file looks like."""

    OPENAI = "openai"
    SHAREGPT = "sharegpt"


def line_of(messages: Sequence[LLMMessage], form: Form) -> bytes:
    """Return a conversation as one line of JSON, UTF-8, with the line's end; lone surrogates become ``?``."""
    if form is Form.OPENAI:
        said: object = {"messages": [{"role": str(m.role), "content": m.content} for m in messages]}
    else:
        said = {"conversations": [{"from": SPEAKERS[m.role], "value": m.content} for m in messages]}
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") + b"\n"

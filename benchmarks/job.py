"""What a client is told to do, the same for all of them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

__all__ = ["KEY", "MODEL", "PROMPT", "Call", "Job", "answer", "question", "schema"]

DATA = Path(__file__).resolve().parent / "data"
KEY = "sk-benchmark-0123456789"
MODEL = "gpt-4o"
PROMPT = "Create an agent that explores a 5x5 grid world"

Call: TypeAlias = Callable[[], Awaitable[object]]
"""Makes one checked call; one that returns a float has measured its own seconds."""


@dataclass(frozen=True, slots=True)
class Job:
    """Whom to ask, and with what around it.

    Attributes:
        origin: Address of the server, without a path.
        answer: Name of the server's answer.
        delay: Milliseconds after which it comes.
        folder: An empty folder of the client's own.
        deployments: How many deployments a router has to choose from.
        tree: The folder that has the package that is measured.
    """

    origin: str
    folder: str
    tree: str
    answer: str = "answer"
    delay: int = 0
    deployments: int = 1

    @property
    def url(self) -> str:
        """OpenAI's base address."""
        return f"{self.origin}/{self.delay}/{self.answer}/v1"

    def to_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """Return what ``to_json`` wrote."""
        return cls(**json.loads(text))


@cache
def question() -> Mapping[str, Any]:
    """Return what is asked: ``messages``, ``response_format``, ``temperature``, ``max_tokens``; frozen in a file."""
    return _data("question")


@cache
def schema() -> Mapping[str, Any]:
    """Return the JSON Schema of the canonical document, frozen in a file."""
    return _data("gmn.schema")


@cache
def answer() -> Mapping[str, Any]:
    """Return the document that the server answers with."""
    return _data("answer")


def messages() -> Sequence[Mapping[str, str]]:
    """Return the two messages of the question."""
    told: Sequence[Mapping[str, str]] = question()["messages"]
    return told


def _data(name: str) -> Mapping[str, Any]:
    value: Mapping[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return value

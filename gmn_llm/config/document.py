"""A configuration as read: its value, and where in it each key stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Document", "KeyPath", "Problem", "dotted", "stands_in", "value_at"]

KeyPath = tuple[str | int, ...]


def _nowhere() -> Mapping[KeyPath, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration.

    Attributes:
        path: The keys that lead to it.
        message: What is wrong, in words that name the key; no secret.
        line: Its line, where that is not the line of ``path``.
    """

    path: KeyPath
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A configuration before it is checked.

    Attributes:
        value: The mapping that was read; empty for an empty file.
        source: What to call it in a message: the file, or words.
        lines: Returns the line of each key path, from 1. Called only when there is something to say, so that
            a good file is not walked for nothing.
        repeated: The keys that stand twice, each with the line of its second place.
    """

    value: Mapping[str, object]
    source: str
    lines: Callable[[], Mapping[KeyPath, int]] = field(default=_nowhere, repr=False)
    repeated: tuple[Problem, ...] = ()

    def line(self, problem: Problem) -> int | None:
        """Return the line of a problem: that of the deepest part of its path that stands in the file."""
        if problem.line is not None:
            return problem.line
        known = self.lines()
        parts = (problem.path[:length] for length in range(len(problem.path), 0, -1))
        return next((known[part] for part in parts if part in known), None)

    def told(self, problem: Problem) -> str:
        """Return ``FILE, line N: what is wrong``."""
        line = self.line(problem)
        return f"{self.source}{'' if line is None else f', line {line}'}: {problem.message}"


def dotted(path: KeyPath) -> str:
    """Return ``model_list[0].litellm_params`` for ``("model_list", 0, "litellm_params")``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def stands_in(value: object, path: KeyPath) -> bool:
    """Return whether there is something at a key path."""
    for part in path:
        inside = (isinstance(value, Mapping) and part in value) or (
            isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)
        )
        if not inside:
            return False
        value = value_at(value, (part,))
    return True


def value_at(value: object, path: KeyPath) -> object:
    """Return what stands at a key path.

    Raises:
        KeyError: Nothing does.
        IndexError: As KeyError, for a list.
    """
    for part in path:
        value = cast("Mapping[object, object]", value)[part]
    return value

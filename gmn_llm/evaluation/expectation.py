"""What one expectation is, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.evaluation.view import View
    from gmn_llm.gmn.parts import Axis

__all__ = ["TOLERANCE", "Expectation", "Verdict", "told_axes", "within"]

TOLERANCE = 0.02
"""How far a probability may be from the one that was asked for: models round."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a document meets an expectation.

    Attributes:
        met: Whether it does.
        found: What is there, in words.
    """

    met: bool
    found: str


class Expectation(BaseModel):
    """Something that a prompt asks for and that can be checked on any document.

    A subclass is one check: its ``check`` is the name in a file of prompts, its other fields the parameters.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    check: str

    def verdict(self, view: View) -> Verdict:
        """Return whether a document meets it."""
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the check with its parameters, as they were given."""
        given = self.model_dump(exclude_unset=True, by_alias=True)
        return f"{self.check}({', '.join(f'{key}={value}' for key, value in given.items() if key != 'check')})"


def within(count: float, least: int | None, most: int | None) -> bool:
    """Return whether a count keeps to its bounds; None is no bound."""
    return (least is None or count >= least) and (most is None or count <= most)


def told_axes(axes: Iterable[Axis]) -> str:
    """Return factors, modalities or actions in words."""
    shown = (f"{axis.id}: {axis.size}" + (f" ({', '.join(axis.labels[:12])})" if axis.labels else "") for axis in axes)
    return "; ".join(shown) or "none"

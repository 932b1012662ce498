"""What a JSON Schema says, without its references and conditions: a tree of six kinds of shapes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "NOTHING",
    "Anything",
    "Bounds",
    "Choice",
    "FreeKeys",
    "Listing",
    "Member",
    "Record",
    "Scalar",
    "Shape",
    "choice",
    "listing",
]

Bounds = tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value at all."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, a number, a truth value or null.

    Attributes:
        type: JSON Schema's name of the type.
        values: The values it may have, or None for all of its type.
        bounds: Keywords of the schema with their values.
        words: What the schema says of it.
    """

    type: str
    values: tuple[object, ...] | None = None
    bounds: Bounds = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list whose items all have one shape."""

    items: Shape
    bounds: Bounds = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class FreeKeys:
    """An object whose keys are data."""

    values: Shape
    words: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A property of a record."""

    name: str
    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class Record:
    """An object whose keys are known.

    Attributes:
        members: Its properties, those that tell it from its siblings first.
        extra: The shape of further keys, or None where there may be none.
        words: What the schema says of it.
        by_name: The properties by their names.
    """

    members: tuple[Member, ...]
    extra: Shape | None = None
    words: str = ""
    by_name: Mapping[str, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Looked into once for each key of an answer.
        object.__setattr__(self, "by_name", {member.name: member for member in self.members})


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several shapes; of none at all, no value."""

    options: tuple[Shape, ...]
    words: str = ""


Shape = Anything | Scalar | Listing | FreeKeys | Record | Choice
NOTHING = Choice(())


def choice(options: Iterable[Shape], words: str = "") -> Shape:
    """Return the shape of what has one of ``options``: flat, each once, and the option itself where it is alone."""
    flat: list[Shape] = []
    for option in options:
        inner = option.options if isinstance(option, Choice) else (option,)
        flat += [part for part in inner if part not in flat]
    if len(flat) == 1:
        return replace(flat[0], words=flat[0].words or words)
    return Choice(tuple(flat), words)


def listing(items: Shape, bounds: Bounds, words: str) -> Shape:
    """Return the shape of a list; one of lists and other things has either only lists or only others.

    A nested list of numbers has one depth throughout, and there is no simpler way to say so.
    """
    if items == NOTHING:
        return NOTHING
    options = items.options if isinstance(items, Choice) else (items,)
    lists = [option for option in options if isinstance(option, Listing)]
    others = [option for option in options if not isinstance(option, Listing)]
    if not lists or not others:
        return Listing(items, bounds, words)
    flat = [choice(others), *lists]
    return Choice(tuple(Listing(option, bounds) for option in flat), words)

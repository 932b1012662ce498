"""Lists of names in a sentence: ``cold, comfortable or hot``, ``(cave, river)``, ``from shelf to desk to door``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.vocabulary import DIRECTIONS, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["Listing", "chain_at", "listing_at", "spelled"]

_CLOSING: Final = frozenset({"or", "and", "&", "/"})
_JOINING: Final = _CLOSING | {","}
_LEADING: Final = words("a an the its his her their either too very quite fairly rather to be both some maybe of in")
_BREAKING: Final = (
    words(
        "is are was were be has have had can may might could must should will would do does in on at from with without "
        "into onto to by for but as while when where who whom whose which that if until because since after before it "
        "he she they we you i there then than so between among through during about over under again depending given "
        "each every whether how want wish hope like love hate fear prefer avoid start begin plan see one per"
    )
    | _JOINING
)
_TRAILING: Final = words("respectively instead itself again now air place")
_SWITCHED: Final = frozenset({"on", "off"})
_OBJECTS: Final = words("it them him her")
_ARTICLES: Final = words("a an the its some")
_PARTICLES: Final = words("up down on off out in away alone back over")
_LONGEST: Final = 3
_MOST: Final = 24


@dataclass(frozen=True, slots=True)
class Listing:
    """A list.

    Attributes:
        items: Its names as labels: lower case, joined by underscores, each once.
        places: Where each of them begins.
        start: Where the list begins.
        stop: Where it ends.
        closed: ``or``, ``and`` or "": the word before the last item.
    """

    items: tuple[str, ...]
    places: tuple[int, ...]
    start: int
    stop: int
    closed: str


def listing_at(text: Text, index: int, *, open_ended: bool = False) -> Listing | None:
    """Return the list of at least two names that begins at ``index``, or None.

    Args:
        text: The text.
        index: Where its first item, or a small word before that, stands.
        open_ended: Whether commas alone make a list (in brackets, after a colon).
    """
    items: list[str] = []
    places: list[int] = []
    cursor = stop = index
    closed = ""
    while len(items) < _MOST:
        label, begin, after = _item(text, cursor, index)
        if not label:
            break
        items.append(label)
        places.append(begin)
        cursor = stop = after
        joined = _joined(text, cursor)
        if not joined or (closed and text.word(cursor) != closed):
            break
        closed = next((text.word(at) for at in range(cursor, cursor + joined) if text.word(at) in _CLOSING), closed)
        cursor += joined
    distinct = list(dict.fromkeys(items))
    if len(distinct) < 2 or len(distinct) < len(items) or not (closed or open_ended):
        return None
    if any(label in DIRECTIONS for label in distinct):
        return None
    return Listing(tuple(distinct), tuple(places), index, stop, closed)


def chain_at(text: Text, index: int) -> Listing | None:
    """Return the names of ``from A to B to C``, where ``from`` stands at ``index``: three at least."""
    items: list[str] = []
    places: list[int] = []
    cursor = index
    while text.word(cursor) in {"from", "to"} and len(items) < _MOST:
        label, begin, after = _item(text, cursor + 1, index)
        if not label:
            break
        items.append(label)
        places.append(begin)
        cursor = after
    if len(set(items)) < 3 or len(set(items)) < len(items):
        return None
    return Listing(tuple(items), tuple(places), index, cursor, "to")


def spelled(text: Text, index: int) -> str:
    """Return the word at ``index`` as it is written, in lower case; "" outside the text."""
    return text.tokens[index].text.casefold() if 0 <= index < len(text) else ""


def _item(text: Text, index: int, start: int) -> tuple[str, int, int]:
    """Return a name as a label, where it begins, and where it ends; "" where there is none."""
    begin = index
    while begin < index + 4 and text.word(begin) in _LEADING and text.sentence(begin) == text.sentence(start):
        begin += 1
    after = text.word(begin + 1)
    if spelled(text, begin) in _SWITCHED and text.free(begin) and (not after.isalpha() or after in _CLOSING):
        return spelled(text, begin), begin, begin + 1
    parts: list[str] = []
    cursor = begin
    while cursor < len(text) and len(parts) < _LONGEST and text.sentence(cursor) == text.sentence(start):
        word = spelled(text, cursor)
        if word == "-" and parts and spelled(text, cursor + 1).isalpha():
            cursor += 1
            continue
        if parts and word in _OBJECTS and not _goes_on(text, cursor + 1):
            cursor += 1
            continue
        if not word.isalpha() or word in _BREAKING or text.word(cursor) in _BREAKING or not text.free(cursor):
            break
        if word in _TRAILING and parts:
            cursor += 1
            break
        parts.append(word)
        cursor += 1
    label = "_".join(part for part in parts if part not in _ARTICLES)[:40]
    return (label, begin, cursor) if label and label.isascii() else ("", index, index)


def _goes_on(text: Text, index: int) -> bool:
    """Return whether a new clause begins after ``it``, and not only a particle or the end (``turn it up``)."""
    return text.word(index).isalpha() and text.word(index) not in _JOINING | _PARTICLES


def _joined(text: Text, index: int) -> int:
    """Return how many joining words stand at ``index``."""
    count = 0
    while text.word(index + count) in _JOINING and text.sentence(index + count) == text.sentence(index):
        count += 1
    return count

"""Where the agent starts, and whether it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.mock.places import LOST, STARTS
from gmn_llm.mock.spots import Spot, spot_at

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["read_start"]


def read_start(text: Text, *, names: frozenset[str] = frozenset()) -> tuple[Spot | None, bool]:
    """Return where the agent starts, and whether it is said not to know where."""
    starts: list[Spot] = []
    unknown = False
    at_first = [at for at in text.places({"first"}) if text.word(at - 1) == "at"]
    for index in [*text.places(STARTS), *at_first]:
        if not text.free(index):
            continue
        for begin in range(index + 1, min(index + 5, len(text))):
            if text.sentence(begin) != text.sentence(index) or text.word(begin) in {"and", ","}:
                break
            found = spot_at(text, begin, names=names) if text.free(begin) else None
            if found is not None:
                starts.append(found[0])
                text.mark(index, found[1])
                break
            if text.word(begin) in LOST:
                unknown = True
                text.mark(index, begin + 1)
                break
        text.mark(index, index + 1)
    for index in text.places({"from"}):
        before = _ends_at(text, index)
        if before is not None and not starts:
            starts.append(before[0])
            text.mark(before[1], index + 1)
        found = spot_at(text, index + 1, names=names) if text.free(index + 1) else None
        if found is not None and not starts:
            starts.append(found[0])
            text.mark(index, found[1])
    if len(set(starts)) > 1:
        text.doubt("The sentence names several places to start from: the first was taken.")
    if _could_be_anywhere(text):
        unknown = True
    if text.has({"where"}) and text.has({"unsure", "lost"}) | _not_known(text):
        unknown = True
        text.claim({"unsure", "lost"})
    return (starts[0] if starts else None), unknown and not starts


def _ends_at(text: Text, stop: int) -> tuple[Spot, int] | None:
    """Return a spot that ends just before ``stop`` and where it begins (Japanese puts ``from`` after it)."""
    for begin in range(max(stop - 4, 0), stop - 1):
        found = spot_at(text, begin) if text.word(begin) in {"up", "down", "left", "right", "top", "bottom"} else None
        if found is not None and found[1] == stop and text.free(begin):
            return found[0], begin
    return None


def _not_known(text: Text) -> bool:
    return any(
        text.word(index - 1) in {"not", "cannot"} and "where" in {text.word(index + 1), text.word(index + 2)}
        for index in text.places({"know"})
    )


def _could_be_anywhere(text: Text) -> bool:
    """Read ``it could be anywhere`` and ``has no idea in which cell he begins``."""
    found = False
    for index in text.places({"anywhere"}):
        if text.word(index - 1) in {"be", "is", "wake", "placed", "dropped"}:
            text.mark(index - 1, index + 1)
            found = True
    for index in text.places({"somewhere", "randomly", "random"}):
        if text.word(index - 1) in {"placed", "dropped", "put", "wakes"}:
            text.mark(index - 1, index + 1)
            found = True
    for index in text.places({"idea", "clue"}):
        after = {text.word(at) for at in range(index + 1, index + 4)}
        if text.word(index - 1) == "no" and after & {"where", "which"}:
            text.mark(index - 1, index + 1)
            found = True
    return found

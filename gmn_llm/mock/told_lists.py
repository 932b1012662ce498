"""Values that stand in a list of their own: in brackets, after a colon, after ``called``, between two numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.factors import Part
from gmn_llm.mock.kinds import KINDS
from gmn_llm.mock.lists import chain_at, listing_at, spelled
from gmn_llm.mock.numbers import number_at, whole_at
from gmn_llm.mock.spots import CELLS
from gmn_llm.mock.told import (
    CHANGES,
    COPULAS,
    INSTRUMENTS,
    LEVELS,
    NEUTRAL,
    NOT_STATES,
    PLACED,
    Named,
    singular,
    take,
    thing_at,
)
from gmn_llm.mock.vocabulary import MOVES, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from gmn_llm.mock.tokens import Text
    from gmn_llm.mock.told import Told

__all__ = ["READERS", "WORDS"]

_SIGNS: Final = words("word sign symptom clue colour color symbol sound cue signal message")
_TRAVELS: Final = MOVES | words("commute shuttle switch hop sail ride hike patrol wander circulate alternate goes")
WORDS: Final = _SIGNS | _TRAVELS


def _bracketed(text: Text, told: Told) -> None:
    """Read ``mood (happy, sad)``, ``where it is (cave, river)`` and ``how hungry it is (full, starving)``."""
    for index in text.places({"("}):
        found = listing_at(text, index + 1, open_ended=True)
        if found is None or text.word(found.stop) != ")":
            continue
        name, begin = _asked(text, index) or (thing_at(text, index - 1), index - 1)
        if not name or name in NOT_STATES or text.word(begin - 1) == "traffic":
            continue
        number = whole_at(text, begin - 1) if begin and text.free(begin - 1) else None
        begin -= number is not None and number[1] == begin
        take(text, told, found, name, begin)


def _asked(text: Text, index: int) -> tuple[str, int] | None:
    """Read ``where it is`` and ``how hungry it is`` before ``index``: the name of what is asked, and where that is."""
    if text.word(index - 1) not in COPULAS:
        return None
    if text.word(index - 3) == "where":
        return "location", index - 3
    if text.word(index - 4) == "how":
        return thing_at(text, index - 3) or NEUTRAL, index - 4
    return None


def _headed(text: Text, told: Told) -> None:
    """Read ``States: standing, crouching`` and ``3 rooms: hall, office, lab``."""
    for index in text.places({":"}):
        found = listing_at(text, index + 1, open_ended=True)
        name = thing_at(text, index - 1) or ("state" if text.word(index - 1) == "state" else "")
        if found is None or not name or name in NOT_STATES or not text.free(index - 1):
            continue
        if text.word(found.stop) in COPULAS or not _ends(text, found.stop):
            continue
        known = name in PLACED or name in INSTRUMENTS or name in KINDS
        many = name in LEVELS or spelled(text, index - 1) != name
        if not (known or many or found.closed == "or"):
            continue  # a heading in the singular names no list of its values
        begin = index - 1
        number = whole_at(text, begin - 1) if begin and text.free(begin - 1) else None
        take(text, told, found, NEUTRAL if name == "state" else name, begin - (number is not None))


def _ends(text: Text, index: int) -> bool:
    return index >= len(text) or not text.word(index).isalpha() or text.word(index) in {"and", "but", "so"}


def _reversed(text: Text, told: Told) -> None:
    """Read ``design, build, test, release are the phases``."""
    for index in text.places({"are"}):
        noun = index + 2 if text.word(index + 1) in {"the", "its", "all"} else index + 1
        if singular(text.word(noun)) not in LEVELS | PLACED:
            continue
        for begin in range(max(index - 40, 0), index):
            found = listing_at(text, begin, open_ended=True) if text.sentence(begin) == text.sentence(index) else None
            if found is not None and found.stop == index and text.word(begin - 1) in {"", ":", ",", ".", ";"}:
                name = singular(text.word(noun))
                take(text, told, found, NEUTRAL if name in {"state", "value"} else name, begin)
                text.mark(index, noun + 1)
                break


def _offered(text: Text, told: Told) -> None:
    """Read ``a location out of module, airlock and outside``."""
    for index in text.places({"out"}):
        name = thing_at(text, index - 1)
        found = listing_at(text, index + 2) if text.word(index + 1) == "of" else None
        if found is not None and name and name not in NOT_STATES:
            take(text, told, found, name, index - 1)


def _called(text: Text, told: Told) -> None:
    """Read ``five stations called Aldgate, Bank and Dover`` and ``two regimes, bull and bear``."""
    for index in range(1, len(text)):
        called = spelled(text, index) in {"called", "named", "namely"}
        if not called and text.word(index) != ",":
            continue
        number = _count_before(text, index)
        found = listing_at(text, index + 1)
        if found is None or number is None:
            continue
        count, begin = number
        name = thing_at(text, index - 1)
        if name and name not in NOT_STATES and (called or count == len(found.items)) and text.free(begin):
            told.lined |= bool({"line", "track", "row", "route"} & {text.word(at) for at in range(begin - 4, begin)})
            take(text, told, found, name, begin)


def _count_before(text: Text, index: int) -> tuple[int, int] | None:
    """Return the number before the noun that ends at ``index``, and where it begins."""
    for begin in (index - 2, index - 3):
        number = whole_at(text, begin) if begin >= 0 and number_at(text, begin) else None
        if number is not None and number[1] <= index - 1:
            return number[0], begin
    return None


def _travelled(text: Text, told: Told) -> None:
    """Read ``drives between the airport, the hotel and the mall`` and ``goes from shelf to desk to storage``."""
    for index in text.places({"between", "among", "from"}):
        before = {text.word(at) for at in range(max(index - 4, 0), index)}
        found = chain_at(text, index) if text.word(index) == "from" else listing_at(text, index + 1)
        if found is None or told.places or not before & _TRAVELS:
            continue
        told.places = found.items
        text.mark(index, found.stop)


def _levelled(text: Text, told: Told) -> None:
    """Read ``noise levels silent, murmur and loud`` and ``the colours red, green and blue``."""
    for index in text.places(LEVELS | _SIGNS):
        found = listing_at(text, index + 1)
        plural = spelled(text, index) != text.word(index)
        if found is None or not plural or not text.free(index):
            continue
        if text.word(index) in _SIGNS:
            told.senses.append(Named(text.word(index), found.items, index))
            text.mark(index, found.stop)
        elif text.free(index - 1):
            take(text, told, found, thing_at(text, index - 1) or singular(spelled(text, index)), index - 1)


def _ranged(text: Text, told: Told) -> None:
    """Read ``a level from 0 to 10`` and ``an inventory between -2 and 2``: whole numbers from one to the other."""
    for index in range(1, len(text)):
        first = _signed(text, index + 1 if text.word(index) in {"from", "between"} else index)
        if first is None or not text.free(index) or text.word(first[1]) not in {"to", "through", "and", "-", "until"}:
            continue
        if text.word(first[1]) == "and" and text.word(index) != "between":
            continue
        last = _signed(text, first[1] + 1)
        if last is None or not 1 < last[0] - first[0] + 1 <= 100 or text.word(last[1]) in {"%", "percent", "by", "x"}:
            continue
        named = next((at for at in range(index - 1, max(index - 5, -1), -1) if _ranges(text, at)), None)
        if named is None or text.sentence(named) != text.sentence(index):
            continue
        labels = tuple(f"minus_{-n}" if n < 0 else f"level_{n}" for n in range(first[0], last[0] + 1))
        name = thing_at(text, named)
        told.parts.append(Part(NEUTRAL if name == "state" else name, len(labels), labels, index=named))
        text.mark(named, last[1])


def _ranges(text: Text, index: int) -> bool:
    name = thing_at(text, index)
    return bool(name) and name not in NOT_STATES | CHANGES | MOVES | CELLS and text.word(index) not in {"out", "up"}


def _signed(text: Text, index: int) -> tuple[int, int] | None:
    """Return the whole number at ``index``, perhaps with a minus, and where it ends."""
    minus = text.word(index) in {"-", "\u2212", "minus"}
    found = number_at(text, index + minus)
    if found is None or found[0] != int(found[0]):
        return None
    return (-int(found[0]) if minus else int(found[0])), found[1]


READERS: Final[tuple[Callable[[Text, Told], None], ...]] = (
    _bracketed, _headed, _reversed, _called, _offered, _travelled, _levelled, _ranged,
)  # fmt: skip
"""In the order in which they are asked."""

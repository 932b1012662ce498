"""Values that stand in a clause: ``the soup is bland or good``, ``hears echoes near or far``, ``rather than``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.factors import Part
from gmn_llm.mock.lists import listing_at, spelled
from gmn_llm.mock.spots import ROOMS
from gmn_llm.mock.told import CHANGES, COPULAS, NEUTRAL, NOT_STATES, USELESS, Named, singular, take, thing_at
from gmn_llm.mock.vocabulary import NEGATIONS, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from gmn_llm.mock.tokens import Text
    from gmn_llm.mock.told import Told

__all__ = ["READERS", "WORDS"]

_MODALS: Final = words("that which who may might can could should either or it will always one of")
_SENSING: Final = words(
    "see hear smell feel observe observes notice perceive detect show sense receive taste read reads"
)
_SEEING: Final = words("see observe observes perceive sense detect notice")
_READING: Final = words("show read reads receive")
_SORTS: Final = words("classify label sort judge diagnose mark rate tag categorise categorize recognise recognize")
_WEATHER: Final = words("rain snow storm sunny dry wet cloudy rainy shine sunshine hail foggy clear")
_BEGUN: Final = words("initially first start begin beginning currently originally")
WORDS: Final = _SENSING | _SORTS


def _through(text: Text, told: Told) -> None:
    """Read ``a traffic light cycles by itself through green, yellow and red``."""
    for index in text.places({"through"}):
        found = listing_at(text, index + 1)
        verb = next((at for at in range(index - 1, max(index - 6, -1), -1) if text.word(at) in CHANGES), None)
        if found is None or verb is None or text.sentence(verb) != text.sentence(index):
            continue
        name = thing_at(text, verb - 1)
        if name:
            take(text, told, found, name, verb - 1, free=text.word(verb) != "go")


def _apposed(text: Text, told: Told) -> None:
    """Read ``the weather, sunny, rainy or stormy, changes on its own``."""
    for index in text.places({","}):
        name = thing_at(text, index - 1)
        found = listing_at(text, index + 1)
        if not name or found is None or not text.free(index - 1) or text.word(found.stop) != ",":
            continue
        if text.word(index - 2) in COPULAS:
            continue
        if text.word(found.stop + 1) in CHANGES - {"go", "turn"} and name not in NOT_STATES:
            take(text, told, found, name, index - 1, free=True)
            text.mark(found.stop, found.stop + 5)


def _sensed(text: Text, told: Told) -> None:
    """Read ``observes food, nothing or pain``, ``hears echoes near or far`` and ``smells fruit or not``."""
    for index in text.places(_SENSING):
        if not text.free(index):
            continue
        denied = _or_not(text, index + 1)
        if denied is not None:
            name, stop = denied
            told.senses.append(Named(name, (f"no_{name}", name), index))
            text.mark(index, stop)
            continue
        found = listing_at(text, index + 1)
        if found is None or found.closed not in {"or", "/"} or text.word(index + 1) in ROOMS:
            continue
        _, _, rest = found.items[0].partition("_")
        if rest and all("_" not in item for item in found.items[1:]):  # hears ECHOES near or far
            told.senses.append(Named(singular(text.word(found.places[0])), (rest, *found.items[1:]), index))
        elif text.word(index) in _READING and thing_at(text, index - 1):
            told.senses.append(Named(thing_at(text, index - 1), found.items, index))  # the needle shows spike or flat
        elif text.word(index) in _SEEING and not told.seen:
            told.seen = found.items
        else:
            told.senses.append(Named(_modality(text.word(index)), found.items, index))
        text.mark(index, found.stop)


def _modality(verb: str) -> str:
    return {"hear": "hearing", "smell": "odour", "feel": "touch", "taste": "flavour"}.get(verb, "outcome")


def _or_not(text: Text, index: int) -> tuple[str, int] | None:
    start = index + (text.word(index) in {"a", "an", "the", "some"})
    name = spelled(text, start)
    if name.isalpha() and text.word(start + 1) == "or" and text.word(start + 2) in {"not", "nothing", "none"}:
        return name, start + 3
    return None


def _weathered(text: Text, told: Told) -> None:
    """Read ``it may rain or stay dry``."""
    for index in text.places({"may", "might", "will", "could", "can"}):
        found = listing_at(text, index + 1)
        if found is None or text.word(index - 1) != "it" or not text.free(index):
            continue
        labels = tuple(item.removeprefix("stay_").removeprefix("be_") for item in found.items)
        if _WEATHER & set(labels) and not any(part.name == "weather" for part in told.parts):
            told.parts.append(Part("weather", len(labels), labels, free=True, index=index))
            text.mark(index, found.stop)


def _begun(text: Text, told: Told) -> None:
    """Read ``it is initially asleep`` and ``starts warm``: the state a named thing begins in."""
    for index in text.places(_BEGUN):
        near = (at for at in range(index - 3, index + 6) if text.sentence(at) == text.sentence(index) and text.free(at))
        for at in near:
            place = next((k for k, part in enumerate(told.parts) if spelled(text, at) in part.labels), None)
            if place is not None:
                told.parts[place] = replace(told.parts[place], start=spelled(text, at))
                text.mark(min(at, index), max(at, index) + 1)
                break


def _contrasted(text: Text, told: Told) -> None:
    """Read ``turns out vivid rather than dull``: the first is what is wanted."""
    for index in text.places({"rather"}):
        good, bad = spelled(text, index - 1), spelled(text, index + 2)
        if text.word(index + 1) == "than" and good.isalpha() and bad.isalpha() and {good, bad}.isdisjoint(USELESS):
            told.senses.append(Named("outcome", (bad, good), index))
            told.likings.append((good, True))
            text.mark(index - 1, index + 3)


def _sorted(text: Text, told: Told) -> None:
    """Read ``classify e-mails as spam or legitimate``."""
    for index in text.places({"as"}):
        before = range(max(index - 6, 0), index)
        verb = next((at for at in before if text.word(at) in _SORTS), None)
        found = listing_at(text, index + 1)
        if verb is not None and found is not None and found.closed == "or":
            take(text, told, found, "truth", verb)


def _stated(text: Text, told: Told) -> None:
    """Read ``the soup is bland, good or too salty``, ``may be empty or ripe`` and ``is the coin fair or biased``."""
    short = [at for at, token in enumerate(text.tokens) if token.text.casefold() in {"it's", "it\u2019s"}]
    for index in (*text.places(COPULAS), *short):
        if not text.free(index):
            continue
        name, begin, start = (NEUTRAL, index, index + 1) if index in short else _subject(text, index)
        found = listing_at(text, start)
        both = found is not None and found.closed == "and" and text.word(index) in {"is", "be", "was"}
        if not name or found is None or both or name in NOT_STATES:
            continue
        if {text.word(at) for at in found.places} & (NEGATIONS - {"no"}):
            continue
        if name in _SENSING:
            told.senses.append(Named(_modality(name), found.items, index))  # all it feels is a bump or no bump
            text.mark(begin, found.stop)
        else:
            changes = text.word(found.stop) == "," and text.word(found.stop + 1) in CHANGES
            take(text, told, found, name, begin, places=False, free=changes)


def _subject(text: Text, copula: int) -> tuple[str, int, int]:
    """Return what a copula is about, where that begins, and where what is said of it begins."""
    if text.word(copula - 1) in {"", ".", "?", "!", ":", ",", ";"} and text.word(copula + 1) in {"the", "a", "this"}:
        noun = copula + 2
        return thing_at(text, noun) or NEUTRAL, copula, noun + 1
    back = copula - 1
    while back > copula - 5 and (text.word(back) in _MODALS or (text.word(back) == "," and back < copula - 1)):
        back -= 1
    start = copula + 1 + (text.word(copula + 1) in {"either", "currently", "always"})
    if text.sentence(back) != text.sentence(copula):
        return NEUTRAL if text.word(copula - 1) == "it" else "", copula - 1, start
    if text.word(back) in {"whether", "if"} and text.word(copula - 1) == "it":
        return _whether(text, start), back, start
    plain = text.word(back).isalpha() and singular(text.word(back)) not in NOT_STATES
    return thing_at(text, back) or (NEUTRAL if plain else ""), max(back, 0), start


def _whether(text: Text, index: int) -> str:
    """Return a name for what ``it`` is, by what it is said to be."""
    near = {text.word(at) for at in range(index, index + 4)}
    return "daytime" if {"day", "night"} <= near else "weather" if near & {"rain", "sunny", "dry"} else NEUTRAL


def _alternatives(text: Text, told: Told) -> None:
    """Read ``is there an intruder or is it safe`` and ``either a thief is there or all is quiet``."""
    for index in text.places({"or"}):
        left, right = _clause(text, index, -1), _clause(text, index, 1)
        if left is not None and right is not None and left[0] != right[0]:
            begin, stop = left[1], right[1] + 1
            told.parts.append(Part(NEUTRAL, 2, (right[0], left[0]), index=begin))
            text.mark(begin, stop)


def _clause(text: Text, index: int, step: int) -> tuple[str, int] | None:
    """Return the one thing that is said to be there on one side of ``or``, and where the clause ends."""
    small = words("is are there a an the it all everything either whether some nothing but")
    said: list[str] = []
    at, seen = index + step, set()
    while 0 <= at < len(text) and text.sentence(at) == text.sentence(index) and abs(at - index) < 8:
        word = spelled(text, at)
        if not word.isalpha():
            break
        seen.add(word)
        if word not in small:
            said.append(word)
        at += step
    if not seen & {"is", "are"} or len(said) != 1 or not text.free(index + step):
        return None
    return said[0], at - step


READERS: Final[tuple[Callable[[Text, Told], None], ...]] = (
    _through, _apposed, _sensed, _sorted, _stated, _alternatives, _contrasted, _weathered, _begun,
)  # fmt: skip
"""In the order in which they are asked."""

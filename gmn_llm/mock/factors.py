"""State factors beside the place: battery, weather, price, and whatever has levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.kinds import ALIASES, KINDS, Kind, kind_of, level_labels
from gmn_llm.mock.numbers import number_at, whole_at
from gmn_llm.mock.vocabulary import FILLER, STOPS, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["WORDS", "Kind", "Part", "kind_of", "level_labels", "read_parts"]


_LEVELS: Final = words("level state value stage setting degree step grade mode condition phase position point reading")
_OWN: Final = words(
    "itself own randomly random independently uncontrolled uncontrollable autonomously alone spontaneously"
)
_DRIFTS: Final = words("change drift fluctuate vary evolve shift cycle rise fall alternate")
_IDLE: Final = FILLER | STOPS | words("level state time day step levels own only one change")
WORDS: Final = (
    frozenset(KINDS)
    | frozenset(ALIASES)
    | _LEVELS
    | _OWN
    | _DRIFTS
    | words("control influence affect steer hidden unseen night day lights")
    | frozenset(label for kind in KINDS.values() for label in kind.labels)
)


@dataclass(frozen=True, slots=True)
class Part:
    """A state factor the sentence asks for.

    Attributes:
        name: What it is called.
        size: How many levels, or None where nothing is said.
        labels: Their names where the sentence gives them.
        free: Whether it changes by itself and can't be controlled.
        hidden: Whether the agent can't see it.
        index: Where in the text it is named.
        start: The level it starts at, or "".
    """

    name: str
    size: int | None = None
    labels: tuple[str, ...] = ()
    free: bool = False
    hidden: bool = False
    index: int = 0
    start: str = ""


def read_parts(text: Text) -> tuple[Part, ...]:
    """Return the state factors named beside the place, in the order of the sentence."""
    parts: dict[str, Part] = {}
    lights = [at for at in text.places({"light"}) if text.word(at - 1) == "traffic"]
    for part in (*_lights(text, lights), *_sized(text), *_listed(text), *_free(text), *_mentioned(text)):
        parts[part.name] = _merged(text, parts[part.name], part) if part.name in parts else part
    return tuple(sorted(parts.values(), key=lambda part: part.index))


def _lights(text: Text, lights: list[int]) -> list[Part]:
    """Read ``a traffic light (red, green)``: one thing of two words."""
    parts = []
    for index in lights:
        begin = index + 1
        while text.word(begin) in {"(", ":", "is", "either", "can", "be"}:
            begin += 1
        labels, stop = _labels(text, begin) if begin > index + 1 else ((), index + 1)
        labels, stop = (labels, stop) if len(labels) >= 2 else ((), index + 1)
        parts.append(Part("signal", len(labels) or None, labels, free=True, index=index))
        text.mark(index - 1, stop)
    return parts


def _merged(text: Text, first: Part, second: Part) -> Part:
    if first.size and second.size and first.size != second.size:
        text.doubt(
            f"The sentence gives {first.size} and {second.size} levels for {first.name}: {first.size} were taken."
        )
    return Part(
        first.name,
        first.size or second.size,
        first.labels or second.labels,
        first.free or second.free,
        first.hidden or second.hidden,
        min(first.index, second.index),
    )


def _name(text: Text, index: int) -> str:
    """Return the name of the thing at ``index``, or "" where the word can't be one."""
    word = text.word(index)
    name = ALIASES.get(word, word)
    usable = name.isalpha() and name.isascii() and len(name) > 2 and name not in _IDLE
    return name if usable else ""


def _sized(text: Text) -> list[Part]:
    """Read ``a battery of three levels``, ``five temperature levels`` and ``a 3-level battery``."""
    parts = []
    for index in text.places(_LEVELS):
        if not text.free(index):
            continue
        found = _before(text, index)
        if found is None:
            continue
        size, start, stop, name = found
        if size < 1:
            text.doubt(f"{name} can't have {size} levels: it got one.")
        parts.append(Part(name, max(size, 1), index=start))
        text.mark(start, stop)
    return parts


def _before(text: Text, index: int) -> tuple[int, int, int, str] | None:
    """Return size, first and last token and name of what has the levels that stand at ``index``."""
    for begin in (index - 1, index - 2, index - 3, index - 4):
        number = whole_at(text, begin) if begin >= 0 and text.free(begin) and number_at(text, begin) else None
        if number is None:
            continue
        if number[1] == index - 1 and _name(text, index - 1) and text.word(index - 1) != "-":
            return number[0], begin, index + 1, _name(text, index - 1)
        if number[1] < index - 1 or (
            number[1] == index - 1 and text.word(index - 1) not in {"-", "different", "possible", "discrete"}
        ):
            continue
        return _owner(text, number[0], begin, index)
    return None


def _owner(text: Text, size: int, begin: int, index: int) -> tuple[int, int, int, str] | None:
    if text.word(index + 1) in {"of", "for"}:
        after = index + 2
        while text.word(after) in {"the", "a", "its", "an", ""} and after < len(text):
            after += 1
        if _name(text, after):
            return size, begin, after + 1, _name(text, after)
    if text.word(begin + 1) == "-" or text.word(index - 1) == "-":
        if _name(text, index + 1):
            return size, begin, index + 2, _name(text, index + 1)
        return None
    for back in range(begin - 1, max(begin - 5, -1), -1):
        if text.sentence(back) != text.sentence(begin) or text.word(back) == ",":
            break
        if text.word(back) in {"of", "with", "has", "have", "at", "in", "one", "on", "the", "its", "", "("}:
            continue
        name = _name(text, back)
        return (size, back, index + 1, name) if name and text.free(back) else None
    return None


def _listed(text: Text) -> list[Part]:
    """Read ``the weather is sunny, cloudy or rainy``: the names of the levels."""
    parts = []
    for index, token in enumerate(text.tokens):
        name = ALIASES.get(token.word, token.word)
        if name not in KINDS or (name == "light" and text.word(index - 1) == "traffic"):
            continue
        begin = index + 1
        while text.word(begin) in {
            "level",
            "state",
            "can",
            "be",
            "is",
            "either",
            "may",
            "(",
            ":",
            "which",
        } and begin < len(text):
            begin += 1
        labels, stop = _labels(text, begin) if begin > index + 1 else ((), begin)
        if len(labels) >= 2:
            text.mark(index, stop)
            parts.append(Part(name, len(labels), labels, index=index))
    return parts


def _labels(text: Text, begin: int) -> tuple[tuple[str, ...], int]:
    labels: list[str] = []
    cursor = stop = begin
    joined = True
    while cursor < len(text) and text.sentence(cursor) == text.sentence(begin):
        word = text.word(cursor)
        if word in {",", "or", "and", "/"}:
            joined = True
        elif joined and word.isalpha() and word not in STOPS and (word not in FILLER or word in {"medium", "good"}):
            labels.append(word)
            stop = cursor + 1
            joined = False
        else:
            break
        cursor += 1
    return tuple(dict.fromkeys(labels)), stop


def _free(text: Text) -> list[Part]:
    """Read what changes by itself or can't be controlled."""
    parts = []
    for index in text.places(_OWN):
        by = text.word(index - 1) in {"by", "its", "their", "the", "on", ""} or text.word(index) in _OWN - {
            "own",
            "alone",
            "random",
        }
        drift = next(
            (back for back in range(index, max(index - 6, -1), -1) if text.word(back) in _DRIFTS | {"move"}),
            None,
        )
        if not by or drift is None or text.sentence(drift) != text.sentence(index):
            continue
        parts.extend(_subject(text, drift, index + 1))
    for index in text.places({"control", "influence", "affect"}):
        denied = any(text.word(back) in {"cannot", "not", "no", "without"} for back in range(max(index - 3, 0), index))
        passive = any(text.word(back) in {"be", "beyond"} for back in range(max(index - 2, 0), index))
        if not denied and not passive:
            continue
        parts.extend(
            _subject(text, index, index + 1)
            if passive or text.word(index) + text.word(index + 1) == ""
            else _object(text, index)
        )
    for index in text.places({"drift", "fluctuate", "alternate", "evolve"}):
        if text.free(index):
            parts.extend(_subject(text, index, index + 1))
    return parts


def _subject(text: Text, verb: int, stop: int) -> list[Part]:
    if {"day", "night"} <= {text.word(back) for back in range(max(verb - 4, 0), verb)}:
        text.mark(verb - 4, stop)
        return [Part("daytime", free=True, index=verb)]
    for back in range(verb - 1, max(verb - 8, -1), -1):
        name = _name(text, back)
        if name and text.sentence(back) == text.sentence(verb):
            labels, end = _between(text, verb, stop)
            text.mark(back, max(stop, end))
            return [Part(name, len(labels) or None, labels, free=True, index=back)]
    return []


def _between(text: Text, verb: int, stop: int) -> tuple[tuple[str, ...], int]:
    """Read ``between sunny and rainy`` beside the verb: what it changes between, and where that ends."""
    for index in range(verb + 1, stop + 1):
        if text.word(index) == "between" and text.sentence(index) == text.sentence(verb):
            labels, end = _labels(text, index + 1)
            return (labels, end) if len(labels) >= 2 else ((), stop)
    return (), stop


def _object(text: Text, verb: int) -> list[Part]:
    for after in range(verb + 1, min(verb + 4, len(text))):
        name = _name(text, after)
        if name:
            text.mark(verb - 2, after + 1)
            return [Part(name, free=True, index=after)]
    return []


def _mentioned(text: Text) -> list[Part]:
    """Read well-known things that are only named (``with a battery``)."""
    parts = []
    for index, token in enumerate(text.tokens):
        name = ALIASES.get(token.word, token.word)
        if name not in KINDS or not text.free(index):
            continue
        if not _owned(text, index, token.word) and not _tallied(text, index):
            continue
        parts.append(Part(name, index=index, hidden=_hidden(text, index)))
        text.mark(index, index + 1)
    return parts


def _owned(text: Text, index: int, word: str) -> bool:
    """Return whether a named thing is a part of the world and not the object of an action or a sense."""
    if word in {
        "signal",
        "light",
        "heat",
        "charge",
        "stock",
        "object",
        "item",
        "switch",
        "water",
        "speed",
        "volume",
        "door",
    } | {"cat", "gas"}:
        return (
            text.word(index - 2) in {"with", "has", "have", "keep", "is", "whether"}
            or text.word(index - 1) == "whether"
        )
    near = {text.word(back) for back in range(max(index - 4, 0), index)}
    return bool(
        near
        & {
            "with",
            "has",
            "have",
            "keep",
            "its",
            "the",
            "a",
            "an",
            "and",
            "maintain",
            "depend",
            "of",
            "watch",
            "manage",
            "control",
            "regulate",
        }
    )


def _tallied(text: Text, index: int) -> bool:
    """Return whether a named thing stands in a list of factors (``3 factors: position, mood, energy``)."""
    if text.word(index - 1) not in {",", "and", ":"}:
        return False
    for head in range(index - 2, max(index - 60, -1), -1):
        if text.word(head) in {"factor", "factors", "variable", "variables"} and text.word(head + 1) == ":":
            if head and whole_at(text, head - 1) is not None:
                text.mark(head - 1, head + 1)
            return text.sentence(head) == text.sentence(index)
    return False


def _hidden(text: Text, index: int) -> bool:
    before = [text.word(back) for back in range(max(index - 5, 0), index)]
    return bool({"cannot", "not", "hidden", "unseen"} & set(before)) and bool(
        {"see", "hidden", "unseen", "observe", "sense"} & set(before)
    )

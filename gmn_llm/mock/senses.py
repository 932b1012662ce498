"""What the agent senses: its place, and signals such as a bell that is loud near the goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.numbers import whole_at
from gmn_llm.mock.spots import Spot, spot_at
from gmn_llm.mock.vocabulary import FILLER, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["VERBS", "WORDS", "Signal", "read_outcome_count", "read_seen", "read_signals"]

VERBS: Final = words("see hear smell feel sense perceive observe detect notice watch measure")
_SIGNALS: Final = {
    "bell": ("quiet", "loud"),
    "sound": ("quiet", "loud"),
    "noise": ("quiet", "loud"),
    "alarm": ("quiet", "loud"),
    "hum": ("quiet", "loud"),
    "music": ("quiet", "loud"),
    "buzzer": ("quiet", "loud"),
    "beep": ("quiet", "loud"),
    "siren": ("quiet", "loud"),
    "whistle": ("quiet", "loud"),
    "voice": ("quiet", "loud"),
    "echo": ("quiet", "loud"),
    "scent": ("faint", "strong"),
    "odour": ("faint", "strong"),
    "odor": ("faint", "strong"),
    "stench": ("faint", "strong"),
    "aroma": ("faint", "strong"),
    "breeze": ("still", "breezy"),
    "draft": ("still", "breezy"),
    "warmth": ("cold", "warm"),
    "heat": ("cold", "warm"),
    "glow": ("dark", "bright"),
    "beacon": ("dark", "bright"),
    "flash": ("dark", "bright"),
    "vibration": ("still", "shaking"),
    "tremor": ("still", "shaking"),
    "bump": ("clear", "bumped"),
    "glitter": ("dull", "glittering"),
    "food": ("faint", "strong"),
    "cheese": ("faint", "strong"),
    "smoke": ("clear", "smoky"),
    "rumble": ("quiet", "loud"),
}
_NEAR: Final = words("near close next beside at around when inside adjacent by in nearby")
_GOAL_WORDS: Final = words("goal target treasure exit reward food cheese prize gold home charger")
_PIT_WORDS: Final = words("pit hole trap lava danger hazard cliff wumpus monster enemy")
_COLOURS: Final = words("colour color symbol shape observation outcome reading signal cue percept")
WORDS: Final = (
    VERBS
    | frozenset(_SIGNALS)
    | _NEAR
    | _GOAL_WORDS
    | _PIT_WORDS
    | _COLOURS
    | words(
        "loud quiet strong faint bright dark warm cold louder stronger brighter warmer soft silent sight own cell "
        "location position exactly where camera eye sensor vision"
    )
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A sense beside the sight of the place.

    Attributes:
        name: What is sensed.
        labels: What it can be, weakest first.
        near: ``goal``, ``pit``, ``wall`` or "" with ``spot`` set: where it is strong.
        spot: Where it is strong, where the sentence says so by place.
        index: Where in the text it stands.
    """

    name: str
    labels: tuple[str, ...]
    near: str = "goal"
    spot: Spot | None = None
    index: int = 0


def read_signals(text: Text) -> tuple[Signal, ...]:
    """Return the signals the sentence names after a verb of sensing."""
    found: dict[str, Signal] = {}
    for index in text.places(VERBS - {"see", "watch"} | {"see"}):
        for after in range(index + 1, min(index + 9, len(text))):
            if text.sentence(after) != text.sentence(index):
                break
            name = text.word(after)
            if name in VERBS and after > index + 1 and name not in _SIGNALS:
                break
            if name in _SIGNALS and text.free(after) and name not in found:
                signal, stop = _placed(text, name, after)
                found[name] = signal
                text.mark(after, after + 1)
                text.mark(index, index + 1)
                _claim_strength(text, after, stop)
                break
    return tuple(found.values())


def read_outcome_count(text: Text) -> int | None:
    """Return how many observations the sentence asks for, where it gives a bare number."""
    for index in text.places({"thing", "things"}):
        number = whole_at(text, index - 1) if index and text.free(index - 1) else None
        stop = next((at + 1 for at in range(index + 1, index + 6) if text.word(at) in VERBS), None)
        if number is not None and number[1] == index and stop is not None and number[0] > 0:
            text.mark(index - 1, stop)
            return number[0]
    for index in text.places(_COLOURS | {"observation"}):
        for begin in (index - 1, index - 2):
            number = whole_at(text, begin) if begin >= 0 and text.free(begin) and text.free(index) else None
            if number is not None and (number[1] == index or text.word(index - 1) in {"possible", "different", "-"}):
                text.mark(begin, index + 1)
                if number[0] < 1:
                    text.doubt("An agent that observes nothing can't be modelled: it got one observation.")
                return max(number[0], 1)
    return None


def read_seen(text: Text) -> tuple[str, ...]:
    """Return the names of what is seen, where the sentence lists them (``sees red, green or blue``)."""
    for index in text.places({"see", "observe", "perceive", "sense", "detect"}):
        labels: list[str] = []
        cursor = index + 1
        while text.word(cursor) in {"either", ":", "one", "of", "only", "colour", "color", "the"}:
            cursor += 1
        begin, joined = cursor, True
        while cursor < len(text) and text.sentence(cursor) == text.sentence(index):
            word = text.word(cursor)
            if word in {",", "or", "/"}:
                joined = True
            elif (
                joined
                and word.isalpha()
                and word not in FILLER | VERBS | _NEAR
                and word not in _SIGNALS
                and text.free(cursor)
            ):
                labels.append(word)
                joined = False
            else:
                break
            cursor += 1
        if len(set(labels)) >= 2 and not joined and "or" in {text.word(at) for at in range(begin, cursor)}:
            text.mark(index, cursor)
            return tuple(dict.fromkeys(labels))
    text.claim(VERBS)
    text.claim({"sight", "camera", "eye", "sensor", "vision", "exactly"})
    return ()


def _placed(text: Text, name: str, index: int) -> tuple[Signal, int]:
    """Read where a signal is strong; without a word on it, near the goal."""
    labels = _SIGNALS[name]
    for after in range(index + 1, min(index + 10, len(text))):
        if text.sentence(after) != text.sentence(index) or text.word(after) in VERBS:
            break
        if text.word(after) not in _NEAR:
            continue
        for what in range(after + 1, min(after + 5, len(text))):
            word = text.word(what)
            if word in _GOAL_WORDS or word in _PIT_WORDS or word == "wall":
                near = "goal" if word in _GOAL_WORDS else "wall" if word == "wall" else "pit"
                text.mark(after, what + 1)
                return Signal(name, labels, near, index=index), what + 1
        spot = spot_at(text, after + 1)
        if spot is not None:
            text.mark(after, spot[1])
            return Signal(name, labels, "", spot[0], index), spot[1]
    return Signal(name, labels, index=index), index + 1


def _claim_strength(text: Text, start: int, stop: int) -> None:
    strengths = words(
        "loud quiet strong faint bright dark warm cold louder stronger brighter warmer near close next of"
    )
    for index in range(start, max(stop, start + 5)):
        if text.word(index) in strengths:
            text.mark(index, index + 1)

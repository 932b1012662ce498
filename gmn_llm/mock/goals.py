"""What the agent wants and what it shuns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.factors import level_labels
from gmn_llm.mock.numbers import whole_at
from gmn_llm.mock.spots import Spot, spot_at, spots_at
from gmn_llm.mock.vocabulary import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.mock.factors import Part
    from gmn_llm.mock.tokens import Text

__all__ = ["WORDS", "Goal", "read_goals"]

_SEEK: Final = words("look search")
_REACH: Final = words(
    "reach get arrive find return head seek goal target exit destination attain enter visit "
    "approach go move run escape end finish deliver"
)
_PRIZES: Final = words(
    "treasure food exit goal reward apple cheese prize gold home charger target destination flag "
    "star diamond coin fruit honey gem base finish nut berry acorn prey nectar pearl trophy medal berries nuts water"
)
_SHUN: Final = words("avoid away shun fear dislike dread stay escape flee out evade")
_PERILS: Final = words("pit hole trap lava danger hazard cliff monster wumpus fire mine enemy swamp shock")
_PREFER: Final = words("prefer like love want wish favour favor enjoy keep maintain maximise maximize hold rather best")
_LEAST: Final = words("minimise minimize hate reduce lower")
_HIGH: Final = words("full high max maximum charged top large topped healthy maximise maximize highest above bright")
_LOW: Final = words("empty low min minimum small lowest zero minimise minimize reduce below depleted lower")
_MID: Final = words("middle medium half moderate comfortable mid constant stable steady balanced")
_LINK: Final = words(
    "now should be instead is at in on lies located sits placed hidden stands , waits the a : to "
    "near be lie by with of located which there are grow wait"
) | {""}
WORDS: Final = (
    _SEEK
    | _REACH
    | _PRIZES
    | _SHUN
    | _PERILS
    | _PREFER
    | _LEAST
    | _HIGH
    | _LOW
    | _MID
    | words("running profit money hidden somewhere must should toward towards happy")
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing wanted or shunned.

    Attributes:
        wanted: True for wanted, False for shunned.
        spot: A place, or None.
        part: The name of a state factor, or "".
        level: A label or index of that factor; -1 for the highest; None where only ``spot`` counts.
    """

    wanted: bool
    spot: Spot | None = None
    part: str = ""
    level: str | int | None = None


def read_goals(text: Text, parts: Iterable[Part], *, names: frozenset[str] = frozenset()) -> tuple[Goal, ...]:
    """Return what is wanted and shunned, in the order of the sentence."""
    goals = [
        *_levels(text, tuple(parts)),
        *_perils(text, names),
        *_shunned(text, names),
        *_prizes(text, names),
        *_reached(text, names),
    ]
    wanted = {goal.spot for goal in goals if goal.wanted and goal.spot is not None}
    if not any(goal.spot is not None for goal in goals):
        goals.extend(_named_first(text))
        wanted = {goal.spot for goal in goals if goal.wanted and goal.spot is not None}
    clash = [goal for goal in goals if not goal.wanted and goal.spot in wanted]
    if clash:
        text.doubt("The same place is wanted and to be avoided: it was taken as wanted.")
    return tuple(dict.fromkeys(goal for goal in goals if goal not in clash))


def _levels(text: Text, parts: tuple[Part, ...]) -> list[Goal]:
    """Read ``keep the battery full``, ``avoid an empty battery`` and ``prefers sunny weather``."""
    goals = []
    for part in parts:
        again = {"level"} if len(parts) == 1 else set()
        for index in text.places({part.name, *_aliases(part.name), *again}):
            near = [
                at
                for at in range(max(index - 7, 0), min(index + 8, len(text)))
                if text.sentence(at) == text.sentence(index)
            ]
            verbs = [at for at in near if text.word(at) in _PREFER | _LEAST | {"avoid", "never", "without"}]
            if not verbs:
                continue
            labels = part.labels or level_labels(part.name, part.size or len(level_labels(part.name, 3)))
            level, at = _level(text, near, verbs, labels)
            if level is None:
                continue
            shunned = any(text.word(verb) in {"avoid", "never", "without"} for verb in verbs)
            text.mark(at, at + 1)
            text.mark(index, index + 1)
            for verb in verbs:
                text.mark(verb, verb + 1)
            goals.append(Goal(wanted=not shunned, part=part.name, level=level))
            break
    return goals


def _aliases(name: str) -> tuple[str, ...]:
    return {"battery": ("charge",), "hunger": ("hungry",), "temperature": ("heat",)}.get(name, ())


def _level(text: Text, near: list[int], verbs: list[int], labels: tuple[str, ...]) -> tuple[str | int | None, int]:
    for at in near:
        word = text.word(at)
        if word in labels:
            return word, at
        number = whole_at(text, at) if text.free(at) else None
        if (
            number is not None
            and text.word(at - 1) in {"at", "level", "to", "around", "above"}
            and text.word(number[1]) != "%"
        ):
            return min(number[0], max(len(labels) - 1, 0)), at
    for at in near:
        word = text.word(at)
        spent = word in {"running", "run"} and text.word(at + 1) in {"out", "low", "down"}
        for told, level in ((word in _HIGH, -1), (word in _LOW or spent, 0), (word in _MID, len(labels) // 2)):
            if told:
                return level, at
    return None, verbs[0]


def _perils(text: Text, names: frozenset[str]) -> list[Goal]:
    """Read ``a pit at (2, 3)``, with or without a verb."""
    goals: list[Goal] = []
    for index in text.places(_PERILS):
        start = _after_link(text, index + 1)
        found, stop = spots_at(text, start, names=names) if text.free(index) else ((), index)
        if found:
            goals.extend(Goal(wanted=False, spot=spot) for spot in found)
            text.mark(index, stop)
            _mark_before(text, index, _SHUN | {"fear"})
    if not goals:
        for index in text.places({"avoid"}):
            noun = next((at for at in range(index + 1, min(index + 4, len(text))) if text.word(at) in _PERILS), None)
            if noun is not None and text.free(noun):
                text.mark(index, noun + 1)
                text.doubt(f"Where the {text.word(noun)} is was not said: it was put in the centre.")
                goals.append(Goal(wanted=False, spot=Spot(vertical="middle", horizontal="middle")))
    return goals


def _shunned(text: Text, names: frozenset[str]) -> list[Goal]:
    goals: list[Goal] = []
    for index in text.places({"avoid", "away", "shun", "fear", "dislike", "evade", "out", "never", "not"}):
        if not text.free(index) or (text.word(index) == "out" and text.word(index - 1) not in {"stay", "keep"}):
            continue
        start = index + 1
        limit = start + 4
        while start < limit and text.word(start) in {
            "from",
            "of",
            "the",
            "go",
            "to",
            "into",
            "be",
            "in",
            "enter",
            "being",
            "a",
            "visit",
            "like",
        }:
            start += 1
        if not text.free(start):
            continue
        found, stop = spots_at(text, start, names=names)
        if found:
            goals.extend(Goal(wanted=False, spot=spot) for spot in found)
            text.mark(index, stop)
            _mark_before(text, index, {"stay", "keep", "want"})
    return goals


def _prizes(text: Text, names: frozenset[str]) -> list[Goal]:
    """Read ``the treasure is in the bottom-right corner`` and a goal whose place is not said."""
    goals: list[Goal] = []
    unplaced = []
    for index in text.places(_PRIZES):
        if not text.free(index):
            continue
        start = _after_link(text, index + 1)
        found = spot_at(text, start, names=names) if text.free(start) and start < len(text) else None
        if found is not None and text.sentence(start) == text.sentence(index):
            goals.append(Goal(wanted=True, spot=found[0]))
            text.mark(index, found[1])
            _mark_before(text, index, _REACH | _PREFER | _SEEK)
        elif any(
            text.word(back) in _REACH - {"go", "move"} and text.word(back) != text.word(index)
            for back in range(max(index - 4, 0), index)
        ):
            unplaced.append(index)
    for index in unplaced:
        _mark_before(text, index, _REACH | _PREFER | _SEEK)
        text.mark(index, index + 1)
    if unplaced and not goals:
        text.doubt(f"Where the {text.word(unplaced[0])} is was not said: it was put at the far end from the start.")
        goals.append(Goal(wanted=True, spot=Spot(index=-1)))
    return goals


def _reached(text: Text, names: frozenset[str]) -> list[Goal]:
    goals: list[Goal] = []
    for index in text.places(_REACH | {"prefer", "like", "want", "love", "stay", "keep", "to", "towards", "toward"}):
        start = index + 1
        limit = start + 5
        while start < limit and text.word(start) in {
            "to",
            "at",
            "in",
            "the",
            "be",
            "up",
            "is",
            "into",
            "towards",
            "toward",
            "near",
            "of",
            "stay",
            "being",
            ":",
            "reach",
            "get",
            "go",
            "cell",
        }:
            if text.word(start) == "cell" and text.word(start + 1)[:1].isdigit():
                break
            start += 1
        if (
            not text.free(start)
            or text.sentence(start) != text.sentence(index)
            or (not text.free(index) and text.word(index) not in {"to", "go"})
        ):
            continue
        found = spot_at(text, start, names=names)
        if found is not None and text.free(found[1] - 1):
            goals.append(Goal(wanted=True, spot=found[0]))
            text.mark(index, found[1])
    return goals


def _named_first(text: Text) -> list[Goal]:
    """Read a corner that comes before its verb, (``die Ecke unten rechts erreichen``)."""
    for index in text.places({"corner", "up", "down", "left", "right", "top", "bottom", "centre", "row"}):
        found = spot_at(text, index) if text.free(index) else None
        sides = {text.word(at) for at in range(index, found[1])} if found is not None else set()
        if found is None or not text.free(found[1] - 1) or not sides & {"corner", "edge", "centre", "row"}:
            continue
        after = range(found[1], min(found[1] + 6, len(text)))
        verbs = _REACH - {"move", "go", "run"} | {"avoid"}
        there = (at for at in after if text.word(at) in verbs and text.sentence(at) == text.sentence(index))
        verb = next(there, None)
        if verb is not None:
            text.mark(index, verb + 1)
            return [Goal(wanted=text.word(verb) != "avoid", spot=found[0])]
    return []


def _after_link(text: Text, index: int) -> int:
    limit = index + 6
    while index < limit and text.word(index) in _LINK and index < len(text):
        index += 1
    return index


def _mark_before(text: Text, index: int, table: Iterable[str]) -> None:
    for back in range(max(index - 6, 0), index):
        if text.word(back) in table and text.sentence(back) == text.sentence(index):
            text.mark(back, back + 1)

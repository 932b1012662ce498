"""What the agent can do: the labels of its actions, as listed or counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.action_items import ARTICLES, SAME, read_items, read_way
from gmn_llm.mock.numbers import whole_at
from gmn_llm.mock.vocabulary import DIRECTIONS, JOINERS, MOVES, NEGATIONS, STAYS, STOPS, VERBS, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["FOUR", "WORDS", "Actions", "read_actions"]

FOUR: Final = ("up", "down", "left", "right")
_DIAGONALS: Final = ("northeast", "northwest", "southeast", "southwest")
_WHERE: Final = words("into in near through onto out on at when while during if diagonal diagonally")
_LEADING: Final = words("ever be able to do allowed allow permitted the") | {"nor"}
_MOST: Final = 200
_SENSING: Final = words("see hear smell feel sense perceive notice detect observe")
_HEADS: Final = words("can able may could action choose decide option control")
_COUNTED: Final = words("action move option choice control decision button direction")
WORDS: Final = (
    frozenset(DIRECTIONS)
    | frozenset(SAME)
    | MOVES
    | STAYS
    | VERBS
    | _HEADS
    | _COUNTED
    | JOINERS
    | STOPS
    | words("diagonal diagonally put direction upward downward upwards downwards")
)


@dataclass(frozen=True, slots=True)
class Actions:
    """What the sentence says of the actions.

    Attributes:
        labels: Their names, in the order of the sentence.
        count: How many there are to be, where only a number is given.
        directions: Whether the names include directions.
        barred: What it is said never to do.
        still: Whether it is said to have no action, or never to move.
    """

    labels: tuple[str, ...] = ()
    count: int | None = None
    directions: bool = False
    barred: tuple[str, ...] = ()
    still: bool = False


def read_actions(text: Text) -> Actions:
    """Return what the sentence says the agent can do."""
    labels: list[str] = []
    none = _none(text)
    count = _count(text)
    barred = _barred(text)
    labels.extend(_directed(text))
    labels.extend(_headed(text, found=bool(labels)))
    labels.extend(_whole_compass(text, labels))
    labels = list(dict.fromkeys(labels))
    forbidden = _forbidden(text)
    still = (none or bool(MOVES.intersection(forbidden))) and not labels
    labels = _without(text, labels, forbidden)
    if none:
        text.doubt(
            f"It is said to have no actions and to {', '.join(labels)}: these were kept."
            if labels
            else "An agent without an action is none: it may only stay as it is."
        )
    directions = any(label in DIRECTIONS for label in labels)
    if labels and count is not None and count != len(labels):
        text.doubt(f"The sentence asks for {count} actions and names {len(labels)}: the named ones were kept.")
        count = None
    barred = tuple(dict.fromkeys((*barred, *(word for word in forbidden if word not in MOVES))))
    return Actions(tuple(labels), count if not labels else None, directions, barred, still)


def _none(text: Text) -> bool:
    """Read ``no actions`` and ``without any action``."""
    for index in text.places({"action"}):
        back = index - 1 - (text.word(index - 1) in {"any", "possible", "available"})
        if text.word(back) in {"no", "without"} and text.word(index + 1) not in {"other", "except", "but", "cost"}:
            text.mark(back, index + 1)
            return True
    return False


def _barred(text: Text) -> tuple[str, ...]:
    """Read the directions after a negation (``must not move up or down``), so that no one takes them as moves."""
    found: list[str] = []
    for index in text.places(NEGATIONS):
        cursor = index + 1
        while cursor < index + 7 and text.word(cursor) in MOVES | _LEADING:
            cursor += 1
        run: list[str] = []
        stop = cursor
        while SAME.get(text.word(cursor), text.word(cursor)) in DIRECTIONS and text.free(cursor):
            label, stop = read_way(text, cursor, SAME.get(text.word(cursor), text.word(cursor)))
            run.append(label)
            cursor = stop
            while text.word(cursor) in JOINERS | _LEADING and text.word(cursor):
                cursor += 1
            if text.word(cursor) in {"stay", "wait"}:
                run.append(text.word(cursor))
                stop = cursor + 1
                break
        if run and text.sentence(cursor - 1) == text.sentence(index):
            found.extend(run)
            text.mark(index, stop)
    return tuple(found)


def _directed(text: Text) -> list[str]:
    """Read runs of directions: ``up, down, left or right``, with the other actions listed among them."""
    labels: list[str] = []
    index = 0
    while index < len(text):
        if _direction(text, index):
            run, stop = read_items(text, index, loose=False)
            moving = any(text.word(back) in MOVES for back in range(max(index - 3, 0), index))
            if sum(label in DIRECTIONS for label in run) >= 2 or (moving and run):
                before = _listed_before(text, index)
                labels.extend([*before, *run])
                text.mark(index, stop)
                index = stop
                continue
        index += 1
    return labels


def _listed_before(text: Text, index: int) -> list[str]:
    """Return an action listed just before a run of directions (``stays, moves up or ...``)."""
    cursor = index - 1
    while cursor > 0 and text.word(cursor) in MOVES | JOINERS and text.word(cursor) not in STAYS:
        cursor -= 1
    if text.word(cursor) in STAYS and text.free(cursor) and cursor < index - 1:
        text.mark(cursor, index)
        return ["stay" if text.word(cursor) in {"remain", "still", "noop"} else text.word(cursor)]
    return []


def _direction(text: Text, index: int) -> bool:
    word = SAME.get(text.word(index), text.word(index))
    if any(text.word(near) in {"corner", "edge"} for near in range(index - 2, index + 5)):
        return False
    return text.free(index) and word in DIRECTIONS and text.word(index - 1) not in VERBS - MOVES


def _headed(text: Text, *, found: bool) -> list[str]:
    """Read what follows ``can``, ``actions:`` and their like."""
    labels: list[str] = []
    for index in text.places(_HEADS):
        if not text.free(index) or text.word(index - 1) in NEGATIONS:
            continue
        start = index + 1
        while text.word(start) in ARTICLES | {
            ":",
            "are",
            "is",
            "namely",
            "between",
            "from",
            "among",
            "-",
            "(",
            "named",
            "called",
            "each",
            "step",
        }:
            if start >= len(text) or text.sentence(start) != text.sentence(index):
                break
            start += 1
        named = text.word(index) in {"action", "option", "control"}
        if text.word(start) in _SENSING or not text.free(start) or text.sentence(start) != text.sentence(index):
            continue
        items, stop = read_items(text, start, loose=True)
        known = any(item.split("_")[0] in VERBS for item in items)
        if not items or (found and not known) or (named and len(items) < 2) or not (known or len(items) >= 2):
            continue
        if items == ["move"] or (len(items) == 1 and items[0].split("_")[0] in MOVES):
            continue
        driving = text.has({"traffic"})
        labels.extend(item for item in items if item not in MOVES or len(items) > 2 or driving)
        text.mark(index, stop)
    labels.extend(_alternatives(text) if not labels and not found else [])
    return labels


def _alternatives(text: Text) -> list[str]:
    """Read two or more listed verbs with no word before them (``buys, sells or holds``)."""
    index = 0
    plain = VERBS - MOVES
    while index < len(text):
        if text.free(index) and text.word(index) in plain:
            items, stop = read_items(text, index, loose=False)
            if len(items) >= 2 and sum(item.split("_")[0] in plain for item in items) >= 2:
                text.mark(index, stop)
                return items
            index = max(stop, index + 1)
            continue
        index += 1
    return []


def _whole_compass(text: Text, labels: list[str]) -> list[str]:
    """Read ``in all four directions``, ``eight directions`` and ``diagonally``."""
    more: list[str] = []
    for index in text.places({"direction"}):
        number = whole_at(text, index - 1) if index and text.free(index - 1) else None
        if number is not None and number[0] in {4, 8} and number[1] == index:
            more.extend(FOUR if number[0] == 4 else (*FOUR, *_DIAGONALS))
            text.mark(index - 1, index + 1)
    slanted = text.places({"diagonal", "diagonally"})
    denied = any(text.word(back) in NEGATIONS for at in slanted for back in range(max(at - 3, 0), at))
    if text.claim({"diagonal", "diagonally"}) and not denied:
        more.extend(_DIAGONALS if labels or more else (*FOUR, *_DIAGONALS))
    if more and not labels and text.claim({"stay"}):
        more.append("stay")
    return more


def _count(text: Text) -> int | None:
    for index in text.places(_COUNTED):
        number = whole_at(text, index - 1) if index and text.free(index - 1) else None
        if number is None and text.word(index - 1) in {"possible", "different", "-", "available"}:
            number = whole_at(text, index - 2) if index > 1 and text.free(index - 2) else None
        ahead = text.word(index + 1) in {"ahead", "deep", "away"}
        if number is not None and not ahead and not (text.word(index) == "direction" and number[0] in {4, 8}):
            text.mark(index - 2 if text.word(index - 1) in {"possible", "different", "-"} else index - 1, index + 1)
            return _at_least_one(text, number[0])
    return None


def _at_least_one(text: Text, count: int) -> int:
    if count < 1:
        text.doubt("An agent without an action is none: it got one.")
    if count > _MOST:
        text.doubt(f"{count} actions are too many for a model that can be written out: {_MOST} were taken.")
    return min(max(count, 1), _MOST)


def _forbidden(text: Text) -> tuple[str, ...]:
    """Return what the sentence says it never does."""
    found: list[str] = []
    for index in (at for at in text.places(NEGATIONS) if text.free(at)):
        for after in range(index + 1, min(index + 4, len(text))):
            word = text.word(after)
            if word in MOVES | STAYS or word in DIRECTIONS:
                if word in {"go", "nothing"} or (word in MOVES and text.word(after + 1) in _WHERE):
                    break
                found.append(word)
                text.mark(index, after + 1)
                break
            if word not in {"ever", "be", "able", "to", "do", "does", "can", "", "allowed"}:
                break
    return tuple(found)


def _without(text: Text, labels: list[str], forbidden: tuple[str, ...]) -> list[str]:
    for word in forbidden:
        if word in MOVES and any(label in DIRECTIONS for label in labels):
            named = ", ".join(label for label in labels if label in DIRECTIONS)
            text.doubt(f'"{word}" is ruled out and yet it moves {named}: the named moves were kept.')
        elif word in MOVES:
            text.doubt(f'"{word}" is ruled out: it may only stay where it is.') if not labels else None
            labels = labels or ["stay"]
        elif word in labels and labels.count(word) >= 1 and len(labels) > 1:
            labels = [label for label in labels if label != word]
    return labels

"""One list of actions, read item by item: directions, staying, and verbs with what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.vocabulary import DIRECTIONS, FILLER, JOINERS, MOVES, STAYS, STOPS, VERBS, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["ARTICLES", "SAME", "read_items", "read_way"]

SAME: Final = {
    "forwards": "forward",
    "backward": "back",
    "backwards": "back",
    "upward": "up",
    "upwards": "up",
    "downward": "down",
    "downwards": "down",
    "northward": "north",
    "southward": "south",
    "anticlockwise": "counterclockwise",
}
_PARTICLES: Final = words("up down out off on in over back away")
ARTICLES: Final = words("a an the its their his her to either also just only be whether it one of then") | {""}


def read_items(text: Text, index: int, *, loose: bool) -> tuple[list[str], int]:
    """Read a list of actions; with ``loose`` its items may be words no one knows."""
    labels: list[str] = []
    stop = cursor = index
    while cursor < len(text) and text.sentence(cursor) == text.sentence(index):
        if text.word(cursor) in JOINERS:
            cursor += 1
            continue
        if text.word(cursor) in ARTICLES and cursor > index and text.word(cursor):
            cursor += 1
            continue
        if not text.word(cursor) or (text.word(cursor) in {"(", '"', "'"}):
            cursor += 1
            continue
        if text.word(cursor) == "do" and text.word(cursor + 1) == "nothing":
            cursor += 1
            continue
        label, after = _item(text, cursor, loose=loose)
        if not label and labels and _leads_on(text, cursor):
            cursor += 1
            continue
        if not label:
            break
        labels.append(_with_verb(label, labels))
        cursor = stop = after
    return labels, stop


def _with_verb(label: str, before: list[str]) -> str:
    """Return a bare direction with the verb of the item before it (``press left or right``)."""
    verb, _, direction = before[-1].partition("_") if before else ("", "", "")
    return f"{verb}_{label}" if label in DIRECTIONS and direction in DIRECTIONS else label


def _leads_on(text: Text, index: int) -> bool:
    """Return whether a small word stands before one more direction (``to the left``)."""
    if text.word(index) not in {"in", "to", "at", "of", "towards"} | MOVES:
        return False
    after = index + 1
    while after < index + 4 and text.word(after) in ARTICLES | {"to", "in"}:
        after += 1
    return text.word(after) in DIRECTIONS


def _item(text: Text, index: int, *, loose: bool) -> tuple[str, int]:
    word = SAME.get(text.word(index), text.word(index))
    if not text.free(index):
        return "", index
    if word in MOVES and SAME.get(text.word(index + 1), text.word(index + 1)) in DIRECTIONS:
        return _item(text, index + 1, loose=loose)
    if word in DIRECTIONS:
        return read_way(text, index, word)
    if word in STAYS and word != "still" and not (word in {"stop", "hold"} and text.word(index + 1) == "at"):
        return _stay(text, index, word)
    if (word in VERBS and (loose or word not in MOVES)) or (loose and _unknown(text, index)):
        return _phrase(text, index, word, loose=loose)
    return "", index


def read_way(text: Text, index: int, word: str) -> tuple[str, int]:
    """Read a direction, ``north-east`` and ``up-left`` among them."""
    after = text.word(index + 2) if text.word(index + 1) == "-" else ""
    if word in {"north", "south", "up", "down"} and after in {"east", "west", "left", "right"}:
        return f"{word}{after}" if after in {"east", "west"} else f"{word}_{after}", index + 3
    return word, index + (2 if text.word(index + 1) in {"direction", "ward", "wards"} else 1)


def _stay(text: Text, index: int, word: str) -> tuple[str, int]:
    stop = index + 1
    while (
        text.word(stop) in {"put", "still", "in", "place", "where", "it", "is", "motionless", "idle"}
        and stop < index + 5
    ):
        if text.word(stop) == "in" and text.word(stop + 1) != "place":
            break
        stop += 1
    if text.word(stop - 1) == "where":
        stop -= 1
    return ("stay" if word in {"remain", "nothing", "noop"} else word), stop


def _unknown(text: Text, index: int) -> bool:
    token = text.tokens[index]
    return (
        token.number is None
        and token.word.isalpha()
        and token.word not in STOPS
        and (token.word not in FILLER or token.word in {"explore", "move", "act"})
    )


def _phrase(text: Text, index: int, word: str, *, loose: bool) -> tuple[str, int]:
    """Read a verb with its particle or object (``pick up``, ``open the left door``), three words at most."""
    parts = [word]
    cursor = index + 1
    while cursor < len(text) and len(parts) < 3:
        following = text.word(cursor)
        if following in {"-", "_"} and text.word(cursor + 1).isalpha():
            cursor += 1
            continue
        if following in {"the", "a", "an", "its", "some"} and text.word(cursor + 1).isalpha() and word in VERBS:
            if text.word(cursor + 1) in FILLER | STOPS - {"left", "right"}:
                break
            cursor += 1
            continue
        if (
            following in _PARTICLES
            and len(parts) == 1
            and word in {"pick", "put", "turn", "back", "speed", "slow", "dig", "look", "switch", "give"}
        ):
            parts.append(following)
            cursor += 1
            continue
        if not following.isalpha() or following in STOPS | JOINERS | FILLER or not text.free(cursor):
            break
        if following in VERBS and not loose:
            break
        parts.append(following)
        cursor += 1
    if word in {"buy", "sell", "trade", "hold", "short"}:
        parts = parts[:1]
    label = "_".join(parts)[:40]
    return (label if label.replace("_", "a").isalnum() else ""), cursor

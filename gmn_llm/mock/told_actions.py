"""Actions by what is said to be done: ``he plants or waters``, ``by filling or draining``, ``is opened or shut``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.lists import Listing, listing_at, spelled
from gmn_llm.mock.vocabulary import DIRECTIONS, VERBS, words

if TYPE_CHECKING:
    from gmn_llm.mock.actions import Actions
    from gmn_llm.mock.tokens import Text

__all__ = ["read_told_actions", "with_told_actions"]

_DOERS: Final = words("he she it they who that which one")
_HEADS: Final = words("can could may")
_DECIDES: Final = words("decide choose whether opt")
_STATIVE: Final = words(
    "is was has does likes loves hates wants prefers seeks fears avoids sees hears smells feels observes knows starts "
    "begins looks needs hopes dislikes lives moves goes walks lies consists means works sits stays this its always "
    "sometimes keeps wakes tells gives shows wakes stands plans thinks reaches finds gets tries"
)
_SMALL: Final = words("a an the and or but of in on at to by with not no each every all some in from for is are")
_PLAIN_BEFORE: Final = words("night young old little hungry lonely human car bus truck taxi")
_DOUBLES: Final = frozenset("bdgmnprt")
_NEEDS_E: Final = ("v", "c", "z", "u", "rg", "dg", "ng")


def read_told_actions(text: Text) -> tuple[str, ...]:
    """Return the actions that the sentence tells in one of these ways, in its order."""
    found: list[str] = []
    for index in range(len(text)):
        if not text.free(index):
            continue
        for reader in (_passive, _gerunds, _decided, _allowed, _done, _told_to_do, _turned):
            read = reader(text, index)
            if read is not None:
                labels, stop = read
                found.extend(label for label in labels if label not in found)
                text.mark(index, stop)
                break
    return tuple(found)


def with_told_actions(actions: Actions, told: tuple[str, ...]) -> Actions:
    """Return the actions together with those that were told by what is done."""
    if not told:
        return actions
    labels = tuple(dict.fromkeys((*told, *actions.labels)))
    return replace(actions, labels=labels, count=None, still=False)


Read = tuple[tuple[str, ...], int]


def _passive(text: Text, index: int) -> Read | None:
    """Read ``can be opened or closed``."""
    if text.word(index) not in _HEADS or spelled(text, index + 1) != "be":
        return None
    found = listing_at(text, index + 2)
    if found is None or not all(item.endswith("ed") for item in found.items):
        return None
    return tuple(_base(item, "ed") for item in found.items), found.stop


def _gerunds(text: Text, index: int) -> Read | None:
    """Read ``by filling or draining``."""
    if text.word(index) != "by" or not spelled(text, index + 1).endswith("ing"):
        return None
    found = listing_at(text, index + 1)
    if found is None or not all(item.split("_")[0].endswith("ing") for item in found.items):
        return None
    return tuple(_based(item, "ing") for item in found.items), found.stop


def _decided(text: Text, index: int) -> Read | None:
    """Read ``decides to walk or to take shelter`` and ``whether to take an umbrella or leave it``."""
    if text.word(index) not in _DECIDES:
        return None
    start = next((at + 1 for at in range(index + 1, index + 6) if text.word(at) == "to"), None)
    found = listing_at(text, start) if start is not None else None
    if found is None or found.closed != "or" or text.sentence(found.start) != text.sentence(index):
        return None
    return found.items, found.stop


def _allowed(text: Text, index: int) -> Read | None:
    """Read ``can climb up, climb down, or sit still``: what goes somewhere in words of its own."""
    if text.word(index) not in _HEADS:
        return None
    found = listing_at(text, index + 1)
    if found is None or found.closed not in {"or", "/"}:
        return None
    about = any(spelled(text, at) in {"it", "him", "her", "them"} for at in range(found.start, found.stop))
    if not about and not any(_leads(item) for item in found.items):
        return None
    return found.items, found.stop


def _turned(text: Text, index: int) -> Read | None:
    """Read ``turn it up, turn it down, or leave it alone``, with no word before."""
    if text.word(index) not in VERBS or spelled(text, index + 1) not in {"it", "them"}:
        return None
    found = listing_at(text, index)
    if (
        found is None
        or found.closed != "or"
        or not all(item.split("_")[0] in VERBS | {"leave"} for item in found.items)
    ):
        return None
    return found.items, found.stop


def _leads(label: str) -> bool:
    first, *rest = label.split("_")
    return first not in DIRECTIONS and bool(set(rest) & set(DIRECTIONS)) and first not in {"move", "step"}


def _told_to_do(text: Text, index: int) -> Read | None:
    """Read ``all it can do is press or not press``."""
    if text.word(index) != "do" or text.word(index + 1) not in {"is", "are"}:
        return None
    found = listing_at(text, index + 2)
    return (found.items, found.stop) if found is not None else None


def _done(text: Text, index: int) -> Read | None:
    """Read ``he plants, waters, harvests or rests`` and ``who mixes red, blue and yellow``."""
    if spelled(text, index) not in _DOERS and not _subject(text, index):
        return None
    first = spelled(text, index + 1)
    if not first.endswith("s") or first.endswith("ss") or len(first) < 4 or first in _STATIVE:
        return None
    found = listing_at(text, index + 1)
    if found is None:
        return None
    verbs = [item.split("_")[0] for item in found.items]
    if all(verb.endswith("s") and verb not in _STATIVE for verb in verbs) and found.closed in {"or", "and", "/"}:
        return tuple(_based(item, "s") for item in found.items), found.stop
    return _each(found)


def _subject(text: Text, index: int) -> bool:
    """Return whether a noun stands at ``index`` that may do something: ``the gatherer``, ``an operator``."""
    word = spelled(text, index)
    plain = word.isalpha() and not word.endswith("s") and word not in _SMALL and text.word(index) not in VERBS
    return plain and spelled(text, index - 1) in {"the", "a", "an", "", ".", ","} | _PLAIN_BEFORE


def _each(found: Listing) -> Read | None:
    """Return one verb with each of the things that it is done to."""
    verb, _, thing = found.items[0].partition("_")
    if not thing or any("_" in item or item.endswith("s") for item in found.items[1:]):
        return None
    return tuple(f"{_base(verb, 's')}_{item}" for item in (thing, *found.items[1:])), found.stop


def _based(label: str, ending: str) -> str:
    verb, _, rest = label.partition("_")
    return "_".join(part for part in (_base(verb, ending), rest) if part)


def _base(word: str, ending: str) -> str:
    """Return a verb without the ending ``s``, ``ing`` or ``ed``."""
    if not word.endswith(ending):
        return word
    stem = word[: -len(ending)]
    if ending == "s":
        if word.endswith("ies") and len(word) > 4:
            return f"{word[:-3]}y"
        return word[:-2] if word.endswith(("ches", "shes", "sses", "xes", "zes", "oes")) else stem
    if stem in VERBS:
        return stem
    if f"{stem}e" in VERBS or stem.endswith(_NEEDS_E):
        return f"{stem}e"
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] in _DOUBLES else stem

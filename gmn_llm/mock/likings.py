"""What is wanted and shunned of things that were named: ``it seeks warmth and must never burn``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.lists import spelled
from gmn_llm.mock.numbers import number_at
from gmn_llm.mock.vocabulary import NEGATIONS, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.mock.tokens import Text

__all__ = ["WORDS", "read_likings"]

_WANT: Final = words(
    "want wish like love hope prefer seek should goal target aim must need desire favour favor enjoy arrive get keep "
    "kept reach maintain find adore long happy happiest dream crave look best rather win destination "
    "deliver"
)
_SHUN: Final = words("avoid hate fear dislike dread shun away escape flee worry afraid detest loathe prevent")
_ENDED: Final = frozenset({"but", ";", "while", "though", "although"})
PRIZED: Final = words("prize reward win profit gain candy treasure jackpot success gold cheese payout")
_CURSED: Final = words("loss shock pain penalty failure punishment")
WORDS: Final = _WANT | _SHUN | PRIZED | _CURSED
_ADDED: Final = words("th s es ing ed y ly ness er e")
_SMALL: Final = frozenset({"on", "off", "up", "down", "in", "out"})
_FAR: Final = 12


def read_likings(text: Text, labels: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """Return which labels are wanted (True) and which are shunned, as far as the sentence says so.

    Where it says nothing of them, those that everybody wants or shuns (a prize, a loss) are.
    """
    known = tuple(dict.fromkeys(labels))
    found: dict[str, bool] = {}
    last = ""
    for index in range(len(text)):
        if text.word(index) in {"there", "it"} and text.word(index - 1) in {"from", "of"} and last:
            wanted = _wanted(text, index)
            if wanted is False:
                found[last] = False
            continue
        label = _label(text, index, known)
        if not label:
            continue
        last = label
        wanted = _wanted(text, index)
        if wanted is not None:
            found[label] = wanted
            text.mark(index, index + 1)
    if not found:
        found = {label: good for good, table in ((True, PRIZED), (False, _CURSED)) for label in known if label in table}
    return tuple(found.items())


def _label(text: Text, index: int, known: tuple[str, ...]) -> str:
    """Return the label that the free word at ``index`` means, or ""."""
    if not text.free(index):
        return ""
    number = number_at(text, index)
    if number is not None and text.word(index - 1) in {"at", "level", "to", "around"} and number[0] == int(number[0]):
        label = f"level_{int(number[0])}"
        return label if label in known else ""
    word = spelled(text, index)
    if word in _SMALL and text.word(index + 1).isalpha():
        return ""
    return next((label for label in known if _alike(word, label) or _alike(text.word(index), label)), "")


def _alike(word: str, label: str) -> bool:
    if word == label:
        return True
    short, long = sorted((word, label), key=len)
    if len(short) >= 3 and long.startswith(short) and long[len(short) :] in _ADDED:
        return True
    return len(short) >= 6 and short[:5] == long[:5] and short[5:] != long[5:] and len(long) - len(short) <= 2


def _wanted(text: Text, index: int) -> bool | None:
    """Return whether what stands at ``index`` is wanted, by the nearest word of the clause that says so."""
    for back in range(index - 1, max(index - _FAR, -1), -1):
        word = text.word(back)
        if text.sentence(back) != text.sentence(index) or word in _ENDED:
            break
        if word in _SHUN or (word in {"stand", "bear", "endure"} and text.word(back - 1) in NEGATIONS):
            return False
        if word in NEGATIONS:
            hoped = any(text.word(at) in _WANT for at in range(back - 1, max(back - 8, -1), -1))
            return False if hoped or word == "never" else None
        if word in _WANT and not (word == "keep" and text.word(back + 1) == "away"):
            return text.word(back - 1) not in NEGATIONS
    return _wanted_after(text, index)


def _wanted_after(text: Text, index: int) -> bool | None:
    """Return whether what stands at ``index`` is wanted by what follows: ``must be visited``, ``is the goal``."""
    for after in range(index + 1, min(index + 7, len(text))):
        if text.sentence(after) != text.sentence(index) or text.word(after) in _ENDED:
            break
        if text.word(after) in {"must", "should"} and text.word(after + 1) == "be":
            return True
        if text.word(after) in {"goal", "target", "destination"}:
            return True
        if text.word(after) == "be" and text.word(after + 1) in _SHUN:
            return False
    return None

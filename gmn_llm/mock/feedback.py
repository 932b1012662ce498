"""What feedback in words asks to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.request import Request, read, text_of
from gmn_llm.mock.vocabulary import DIRECTIONS, STAYS, VERBS, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["Feedback", "read_feedback"]

_REMOVE: Final = words("remove drop delete without forbid disable no")
_MORE_EXACT: Final = words("accurate reliable precise sharper exact better clearer")
_LESS_EXACT: Final = words("noisier noisy blurrier worse unreliable vaguer imprecise")
_SENSE: Final = words("sense sensor sight camera see vision observation accuracy noise eyes hearing")
_UNDERSTOOD: Final = (
    _REMOVE
    | _MORE_EXACT
    | _LESS_EXACT
    | words(
        "add rename bigger larger grow enlarge expand smaller shrink tinier change update "
        "increase improve reduce set new now "
        "instead replace more less also called named label labels"
    )
)
_LENGTH: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What is to be different.

    Attributes:
        request: The feedback as every reader understands it.
        add_actions: Actions to add.
        drop_actions: Actions to take away.
        rename: Pairs of an action's old and new name.
        sharper: 1 for a more accurate sense, -1 for a noisier one, 0 where nothing is said.
        bigger: 1 for a larger place without a size, -1 for a smaller one, 0 where nothing is said.
        shown: The feedback on one line, shortened.
    """

    request: Request
    add_actions: tuple[str, ...]
    drop_actions: tuple[str, ...]
    rename: tuple[tuple[str, str], ...]
    sharper: int
    bigger: int
    shown: str


def read_feedback(feedback: str) -> Feedback:
    """Read feedback; takes time linear in its length."""
    text = text_of(feedback)
    rename = _rename(text)
    dropped = _named_actions(text, _REMOVE)
    named = _named_actions(text, words("add allow also give"))
    request = read(feedback, understood={*_UNDERSTOOD, *dropped, *named, *(name for pair in rename for name in pair)})
    dropped = tuple(dict.fromkeys((*dropped, *request.actions.barred)))
    moved = {name for pair in rename for name in pair}
    added = (
        ()
        if dropped and not request.actions.labels
        else tuple(label for label in (*named, *request.actions.labels) if label not in moved and label not in dropped)
    )
    shown = " ".join(feedback.encode("utf-8", "replace").decode("utf-8").split())
    return Feedback(
        request=request,
        add_actions=tuple(dict.fromkeys(added)),
        drop_actions=dropped,
        rename=rename,
        sharper=_sharper(text),
        bigger=_bigger(text),
        shown=shown if len(shown) <= _LENGTH else shown[: _LENGTH - 1] + "…",
    )


def _named_actions(text: Text, verbs: frozenset[str]) -> tuple[str, ...]:
    """Read ``add a stay action`` and ``remove the actions left and right``."""
    found: list[str] = []
    for index in text.places(verbs):
        near = [at for at in range(index + 1, min(index + 14, len(text))) if text.sentence(at) == text.sentence(index)]
        if not any(text.word(at) in {"action", "move", "option", "control"} for at in near):
            continue
        for at in near:
            word = text.word(at)
            if word in {"action", "option", "control", "move", "new", "called", "named", "able", "allow"}:
                continue
            free_word = word.isalpha() and text.word(at - 1) in {"called", "named", "action"} | (
                {"a", "the"} if text.word(at + 1) == "action" else set()
            )
            if word in DIRECTIONS or word in STAYS or word in VERBS or free_word:
                found.append(word)
    return tuple(dict.fromkeys(found))


def _rename(text: Text) -> tuple[tuple[str, str], ...]:
    pairs = []
    for index in text.places({"rename", "call"}):
        names = [
            text.tokens[at].word
            for at in range(index + 1, min(index + 8, len(text)))
            if text.word(at).isalpha()
            and text.word(at) not in {"the", "action", "to", "as", "into", "it", "label", "from", "a"}
        ]
        if len(names) >= 2:
            pairs.append((names[0], names[1]))
    return tuple(pairs)


def _sharper(text: Text) -> int:
    if not text.has(_SENSE):
        return 0
    more = text.has({"more", "improve", "increase", "better"})
    less = text.has({"less", "reduce", "lower"})
    if text.has(_MORE_EXACT):
        return -1 if less else 1
    if text.has(_LESS_EXACT) or text.has({"noise"}):
        return 1 if less else -1
    return 1 if more and text.has({"accuracy"}) else -1 if less and text.has({"accuracy"}) else 0


def _bigger(text: Text) -> int:
    if not text.has(words("grid map board world maze corridor line ring place")):
        return 0
    if text.has(words("bigger larger grow enlarge expand")):
        return 1
    return -1 if text.has(words("smaller shrink tinier")) else 0

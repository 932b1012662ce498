"""Chances that belong to named values: ``a bull market stays bull with probability 0.9``, ``a sensitivity of 90%``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.lists import spelled
from gmn_llm.mock.numbers import number_at, share_at
from gmn_llm.mock.told import Named
from gmn_llm.mock.vocabulary import words

if TYPE_CHECKING:
    from gmn_llm.mock.factors import Part
    from gmn_llm.mock.tokens import Text
    from gmn_llm.mock.told import Told

__all__ = ["TRUE_OF", "Share", "read_told_chances"]

Share = tuple[str, str, float]
"""A state, an outcome, and how likely it is there."""
TRUE_OF: Final = {"sensitivity": True, "specificity": False}
_STAYING: Final = words("stay remain persist last continue keep")
_SHOWING: Final = words("show give read produce yield land come say report")
_OTHER: Final = {
    "heads": "tails", "tails": "heads", "positive": "negative", "negative": "positive", "yes": "no", "no": "yes",
    "true": "false", "false": "true", "high": "low", "low": "high", "red": "green", "green": "red",
}  # fmt: skip
_BACK: Final = 8
_NOT_OUTCOMES: Final = words("up it the a an its in on at with right wrong that how one them")


def read_told_chances(text: Text, told: Told) -> tuple[list[Share], dict[str, float]]:
    """Return how likely outcomes are in named states, and how likely named states stay as they are.

    An outcome that was not named before becomes one: ``shows heads 80% of the time`` has tails for the rest.
    """
    states = {label: part for part in told.parts for label in part.labels}
    shares: list[Share] = []
    stays: dict[str, float] = {}
    shown = ""
    for index in range(len(text)):
        found = share_at(text, index) if text.free(index) else None
        if found is None and shown:
            found = _bare(text, index, states)
        if found is None or not 0 <= found[0] <= 1:
            continue
        value, stop = round(found[0], 10), found[1]
        near = [at for at in range(index - 1, max(index - _BACK, -1), -1) if text.sentence(at) == text.sentence(index)]
        state = next((spelled(text, at) for at in near if spelled(text, at) in states), "")
        if any(text.word(at) in TRUE_OF for at in near[:4]):
            shares.extend(_tested(told, next(TRUE_OF[text.word(at)] for at in near if text.word(at) in TRUE_OF), value))
        elif state and any(text.word(at) in _STAYING for at in near):
            stays.setdefault(state, value)
        elif state:
            shown = _shown(text, near) or shown
            if not shown:
                continue
            _know(told, shown, index)
            shares.append((state, shown, value))
        else:
            continue
        text.mark(index, stop)
        for at in near:
            if text.word(at) in _STAYING | _SHOWING | TRUE_OF.keys() | {"probability", "chance"}:
                text.mark(at, at + 1)
    return shares, stays


def _bare(text: Text, index: int, states: dict[str, Part]) -> tuple[float, int] | None:
    """Return a share that stands without its percent after one that has it (``a fair one 50``)."""
    number = number_at(text, index) if text.free(index) else None
    near = {spelled(text, at) for at in range(max(index - 3, 0), index) if text.sentence(at) == text.sentence(index)}
    if number is None or not 1 < number[0] <= 100 or not near & states.keys():
        return None
    return number[0] / 100, number[1]


def _shown(text: Text, near: list[int]) -> str:
    """Return the outcome after a verb of showing, or ""."""
    verb = next((at for at in near if text.word(at) in _SHOWING), None)
    outcome = spelled(text, verb + 1) if verb is not None else ""
    return outcome if outcome.isalpha() and outcome not in _NOT_OUTCOMES else ""


def _know(told: Told, outcome: str, index: int) -> None:
    if not any(outcome in sense.labels for sense in told.senses):
        told.senses.append(Named("outcome", (_OTHER.get(outcome, f"no_{outcome}"), outcome), index))


def _tested(told: Told, afflicted: bool, value: float) -> list[Share]:  # noqa: FBT001  # sensitivity, or specificity
    """Return what a test's sensitivity (or specificity) says of the second (or first) state, the quiet one first."""
    from gmn_llm.mock.told_senses import quiet_first

    part = next((part for part in told.parts if len(part.labels) == 2), None)
    sense = next((sense for sense in told.senses if len(sense.labels) == 2), None)
    if part is None or sense is None:
        return []
    place = int(afflicted)
    return [(quiet_first(part.labels)[place], quiet_first(sense.labels)[place], value)]

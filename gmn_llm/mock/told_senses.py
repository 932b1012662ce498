"""Senses whose outcomes were named: what each of them tells of the states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.plan import Sense, rule
from gmn_llm.mock.vocabulary import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.mock.plan import Factor, Rule
    from gmn_llm.mock.request import Request
    from gmn_llm.mock.told import Named

__all__ = ["named_sense", "quiet_first"]

_QUIET: Final = words(
    "negative no none nothing quiet calm clear safe healthy well ok okay normal clean legitimate working fair absent "
    "empty off dry still low good fine pass innocent friendly closed peaceful"
)
_USUAL: Final = 0.9
_NEAR: Final = 12


def named_sense(request: Request, named: Named, factor: Factor) -> Sense:
    """Return the sense ``named`` of a factor: each outcome goes with a state, as far as there are as many."""
    shares = [chance for chance in request.chances if chance.about == "sense"]
    close = min(shares, key=lambda chance: abs(chance.index - named.index), default=None)
    accuracy = close.share if close is not None and abs(close.index - named.index) <= _NEAR else _USUAL
    rules = _rules(named.labels, factor, accuracy, request)
    return Sense(id=named.name, about=(factor.id,), kind="rules", labels=named.labels, rules=rules)


def _rules(labels: Sequence[str], factor: Factor, accuracy: float, request: Request) -> tuple[Rule, ...]:
    states: Sequence[object] = factor.labels or range(factor.size)
    paired = _paired(labels, states)
    rules = []
    for place, state in enumerate(states):
        outcome = labels[paired[place]]
        told = {label: share for at, label, share in request.told_shares if at == state and label in labels}
        share = told.get(outcome, accuracy)
        if told and outcome not in told:
            outcome, share = next(iter(told.items()))
        left = round((1 - share) / (len(labels) - 1), 10)
        rules.append(rule({label: share if label == outcome else left for label in labels}, **{factor.id: state}))
    return tuple(rules)


def _paired(labels: Sequence[str], states: Sequence[object]) -> list[int]:
    """Return for each state the outcome that goes with it: quiet ones with quiet ones, else in their order."""
    if len(labels) == len(states) == 2:
        quiet = [_quiet(str(label)) for label in labels], [_quiet(str(state)) for state in states]
        if all(sum(flags) == 1 for flags in quiet):
            return [0, 1] if quiet[0] == quiet[1] else [1, 0]
    return [place * len(labels) // len(states) if len(states) > len(labels) else place for place in range(len(states))]


def quiet_first(labels: Sequence[str]) -> tuple[str, ...]:
    """Return two labels, the one that says nothing is the matter first."""
    return tuple(labels) if _quiet(labels[0]) or not _quiet(labels[-1]) else tuple(labels[::-1])


def _quiet(label: str) -> bool:
    return bool(_QUIET & set(label.split("_")))

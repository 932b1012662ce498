"""Recorded kinds of bad first answers: what becomes of them, and that mending costs less than writing anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from gmn_llm import GMNSpec
from tests.faults.bad_answers import CASES, Played, play, table
from tests.wire.client import WireServer

NAMES = [case.name for case in CASES]


@pytest.fixture(scope="module")
def played(wire_process: WireServer) -> dict[str, Played]:
    """What came of every case, each played once."""

    async def all_of_them() -> dict[str, Played]:
        return {case.name: await play(wire_process, case) for case in CASES}

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_answer_ends_as_it_is_recorded(name: str, played: dict[str, Played]) -> None:
    """It takes so many rounds, says what is wrong in the first of them, and ends valid, or else as a clean error."""
    one = played[name]
    assert len(one.rounds) == one.case.repairs
    assert one.is_valid is (one.case.outcome == "valid")
    if one.rounds:
        assert one.case.finding in one.codes[0]
    if one.spec is None:
        assert one.error is not None
        assert one.error.findings
        assert one.error.draft is not None
        assert one.error.usage is not None
        assert one.error.usage.completion_tokens > 0
        assert len(one.error.attempts) == 1 + len(one.rounds)
    else:
        assert facts(one.spec, one.case.holds) == one.case.holds


@pytest.mark.parametrize("name", [case.name for case in CASES if case.repairs])
def test_each_round_costs_less_than_generating_again(name: str, played: dict[str, Played]) -> None:
    """Question and answer of a repair together take fewer tokens than the first question and the whole answer."""
    one = played[name]
    assert all(tokens < one.again for tokens in one.rounds)
    assert all(tokens <= one.schemas[0] for tokens in one.schemas[1:])


def test_nearly_all_end_valid_within_two_repairs(played: dict[str, Played]) -> None:
    """Of at least 40 kinds 95 % end valid, nothing leaves invalid, and repairs take fewer tokens than writing anew."""
    every = list(played.values())
    print(table(every))  # noqa: T201  # the figures, with pytest -s
    assert len(every) >= 40
    assert len([one for one in every if one.rounds]) >= 40
    assert sum(one.is_valid for one in every) >= 0.95 * len(every)
    assert all(one.is_valid for one in every if one.spec is not None)
    assert all(len(one.rounds) <= 2 for one in every)
    assert sum(sum(one.rounds) for one in every) < 0.75 * sum(one.again * len(one.rounds) for one in every)


def facts(spec: GMNSpec, asked: Sequence[str] | dict[str, object] | object) -> dict[str, object]:
    """What is so of a document, for the names that are asked for."""
    arrays = spec.expand().to_pymdp()
    actions = [node for node in spec.document["nodes"] if node["type"] == "action"]  # type: ignore[attr-defined]  # JSON
    known: dict[str, object] = {
        "states": sum(len(d) for d in arrays["D"]),
        "observations": sum(a.shape[0] for a in arrays["A"]),
        "goal": int(np.argmax(arrays["C"][0])) if np.any(arrays["C"][0]) else None,
        "actions": actions[0]["properties"].get("labels"),
        "steps": arrays.get("policy_len"),
    }
    assert isinstance(asked, dict)
    return {name: known[name] for name in asked}

"""Values of a draft that are not what they should be are read as what they mean, and that is told; never in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gmn_llm import GMNSpec
from gmn_llm.generation.answers import read_answer

CHANGE = {"kind": "line", "rows": 0, "cols": 0, "slip": 0, "walls": [], "rules": []}
ROOM: dict[str, Any] = {
    "name": "room", "size": 3, "labels": [], "change": CHANGE, "actions": ["left", "right"], "start": "0",
    "accuracy": 1, "prefer": [{"value": "2", "strength": 3}],
}  # fmt: skip


def read(*senses: Any, **more: Any) -> GMNSpec:
    """The document of a draft with one factor."""
    draft = {"name": "w", "description": "", "factors": [{**ROOM, **more}], "senses": list(senses), "steps_ahead": 1}
    answer = read_answer(json.dumps(draft), name="w")
    return GMNSpec.parse(answer.reading.document or {})


def matrix(spec: GMNSpec, name: str) -> dict[str, Any]:
    """The matrix of a node."""
    return next(node for node in spec.document["nodes"] if node["id"] == name)["properties"]["matrix"]  # type: ignore[no-any-return]  # JSON


def assumed(spec: GMNSpec) -> list[str]:
    """What was mended."""
    return list(spec.document["metadata"].get("assumptions", ()))


@pytest.mark.parametrize(
    ("value", "meant"), [(90, 0.9), (100, 1.0), ("75%", 0.75), (float("nan"), 1.0), (-1, 0.0), (1.2, 1.0), ({}, 1.0)]
)
def test_an_accuracy_that_is_no_share_is_read_and_told(value: object, meant: float) -> None:
    """Percent are percent, what is no number is the usual, and each such reading is told."""
    spec = read(accuracy=value, prefer=[])
    seen = matrix(spec, "room_sight") if meant else {}
    assert seen == {1.0: {"kind": "identity"}, 0.0: {}}.get(meant, {"kind": "noisy_identity", "accuracy": meant})
    assert any("accuracy" in each for each in assumed(spec)) == (value != "75%")


def test_a_slip_in_percent_does_not_hold_the_agent_still() -> None:
    """A slip of 10 is a tenth, and not a move that never succeeds."""
    spec = read(change={**CHANGE, "slip": 10})
    assert matrix(spec, "room_change")["slip"] == pytest.approx(0.1)
    assert assumed(spec) == ["room: the slip 10 is no share, so 0.1"]


@pytest.mark.parametrize("strength", ["1e400", "1" + "0" * 400, "NaN"])
def test_a_strength_beyond_all_numbers_is_a_finding(strength: str) -> None:
    """It is neither taken for another nor a crash: the model is told."""
    draft = {"name": "w", "factors": [{**ROOM, "prefer": [{"value": "2", "strength": "here"}]}], "senses": []}
    answer = read_answer(json.dumps(draft).replace('"here"', strength), name="w")
    assert "not-finite" in {finding.code for finding in answer.reading.findings}


def test_names_in_objects_are_names() -> None:
    """Actions and labels written as objects keep their names."""
    spec = read(
        actions=[{"name": "hop", "description": "one on"}, {"label": "back"}], labels=[{"id": name} for name in "abc"]
    )
    nodes = {node["id"]: node["properties"] for node in spec.document["nodes"]}
    assert nodes["room_action"]["labels"] == ["hop", "back"]
    assert nodes["room"]["labels"] == ["a", "b", "c"]


def test_a_sense_of_nothing_is_told() -> None:
    """A sense that depends on what is not there, or has no rules, says so."""
    spec = read({"name": "smell", "labels": ["none", "gas"], "depends_on": ["cellar"], "rules": [], "prefer": []})
    assert assumed(spec) == [
        "smell: there is no factor 'cellar' that it could depend on",
        "smell: no rule says what is sensed where, so it tells nothing",
    ]
    assert spec.valid() is spec

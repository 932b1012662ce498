"""Each check on documents that meet it and on documents that do not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import TypeAdapter

from gmn_llm.evaluation.checks import AnyExpectation
from tests.evaluation.documents import BOARD, BOARD_OF_TWO, MARKET, ROOMS, document, view

ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyExpectation)
DOCUMENTS = {"board": BOARD, "two": BOARD_OF_TWO, "rooms": ROOMS, "market": MARKET}
MET = [
    ("board", {"check": "states", "size": 12}),
    ("rooms", {"check": "states", "labels": ["kitchen", "bed", "hall"]}),
    ("rooms", {"check": "states", "size": 3, "labels": [["bath", "hall"]]}),
    ("market", {"check": "observations", "size": 2, "labels": ["up"]}),
    ("board", {"check": "actions", "count": 5, "labels": ["up", "down", "left", "right", ["wait", "stay"]]}),
    ("board", {"check": "actions", "min": 5, "max": 5}),
    ("two", {"check": "actions", "labels": ["up", "left"]}),
    ("market", {"check": "factors", "count": 2}),
    ("market", {"check": "modalities", "min": 1}),
    ("two", {"check": "controls", "min": 2}),
    ("market", {"check": "total", "of": "states", "max": 4}),
    ("board", {"check": "total", "of": "observations", "count": 12}),
    ("board", {"check": "grid", "rows": 3, "cols": 4}),
    ("two", {"check": "grid", "rows": 3, "cols": 4}),
    ("board", {"check": "prefers", "cell": [2, 3], "rows": 3, "cols": 4}),
    ("two", {"check": "prefers", "cell": [2, 3], "rows": 3, "cols": 4}),
    ("board", {"check": "prefers", "state": 11, "size": 12}),
    ("rooms", {"check": "prefers", "label": "hall"}),
    ("rooms", {"check": "prefers", "label": ["cheese", "food"]}),
    ("board", {"check": "avoids", "cell": [1, 3], "rows": 3, "cols": 4}),
    ("market", {"check": "no_preference"}),
    ("board", {"check": "some_preference"}),
    ("board", {"check": "starts", "cell": [1, 0], "rows": 3, "cols": 4}),
    ("two", {"check": "starts", "cell": [0, 0], "rows": 3, "cols": 4}),
    ("market", {"check": "starts", "label": "bull"}),
    ("rooms", {"check": "unknown_start", "size": 3}),
    ("rooms", {"check": "unknown_start", "labels": ["hall"]}),
    ("board", {"check": "plans", "steps": 3}),
    ("board", {"check": "wall", "cell": [1, 1], "rows": 3, "cols": 4}),
    ("board", {"check": "slip", "value": 0.1}),
    ("market", {"check": "slip", "value": 0.3}),
    ("two", {"check": "wraps", "size": 4}),
    ("market", {"check": "uncontrolled", "labels": ["bear", "bull"], "changes": True}),
    ("market", {"check": "transition", "from": "bull", "to": "bull", "probability": 0.9}),
    ("market", {"check": "transition", "from": "flat", "to": "long", "action": "buy", "probability": 0.7}),
    ("board", {"check": "accuracy", "value": 0.8}),
    ("two", {"check": "perfect"}),
    ("board", {"check": "noisy"}),
    ("market", {"check": "likelihood", "state": "bull", "sees": "up", "probability": 0.7}),
    ("market", {"check": "likelihood_values", "values": [0.9, 0.3]}),
]
MISSED = [
    ("board", {"check": "states", "size": 13}),
    ("rooms", {"check": "states", "labels": ["kitchen", "bath"]}),
    ("rooms", {"check": "states", "size": 2, "labels": ["hall"]}),
    ("market", {"check": "observations", "size": 3}),
    ("board", {"check": "actions", "labels": ["up", "jump"]}),
    ("board", {"check": "actions", "count": 4}),
    ("board", {"check": "actions", "max": 4}),
    ("two", {"check": "actions", "count": 6}),
    ("market", {"check": "factors", "count": 3}),
    ("market", {"check": "modalities", "min": 2}),
    ("market", {"check": "controls", "min": 2}),
    ("market", {"check": "total", "of": "states", "max": 3}),
    ("board", {"check": "total", "of": "actions", "count": 4}),
    ("board", {"check": "grid", "rows": 4, "cols": 3}),
    ("board", {"check": "grid", "rows": 2, "cols": 6}),
    ("two", {"check": "grid", "rows": 2, "cols": 6}),
    ("board", {"check": "prefers", "cell": [0, 0], "rows": 3, "cols": 4}),
    ("board", {"check": "prefers", "cell": [2, 3], "rows": 4, "cols": 4}),
    ("two", {"check": "prefers", "cell": [2, 2], "rows": 3, "cols": 4}),
    ("board", {"check": "prefers", "state": 7, "size": 12}),
    ("rooms", {"check": "prefers", "label": "kitchen"}),
    ("rooms", {"check": "prefers", "label": "none"}),
    ("market", {"check": "prefers", "label": "bull"}),
    ("board", {"check": "avoids", "cell": [0, 3], "rows": 3, "cols": 4}),
    ("rooms", {"check": "avoids", "label": "hall"}),
    ("board", {"check": "no_preference"}),
    ("market", {"check": "some_preference"}),
    ("board", {"check": "starts", "cell": [0, 0], "rows": 3, "cols": 4}),
    ("market", {"check": "starts", "label": "bear"}),
    ("rooms", {"check": "starts", "label": "hall"}),
    ("board", {"check": "unknown_start", "size": 12}),
    ("market", {"check": "unknown_start", "labels": ["bull"]}),
    ("rooms", {"check": "plans", "steps": 2}),
    ("board", {"check": "wall", "cell": [1, 2], "rows": 3, "cols": 4}),
    ("two", {"check": "wall", "cell": [1, 2], "rows": 3, "cols": 4}),
    ("board", {"check": "slip", "value": 0.2}),
    ("board", {"check": "slip", "value": 0.0}),
    ("two", {"check": "wraps", "size": 3}),
    ("board", {"check": "wraps", "rows": 3, "cols": 4}),
    ("market", {"check": "uncontrolled", "labels": ["flat"]}),
    ("market", {"check": "transition", "from": "bull", "to": "bull", "probability": 0.8}),
    ("market", {"check": "transition", "from": "flat", "to": "long", "action": "sell", "probability": 0.7}),
    ("market", {"check": "transition", "from": "boom", "to": "bust", "probability": 0.7}),
    ("board", {"check": "accuracy", "value": 0.9}),
    ("board", {"check": "perfect"}),
    ("rooms", {"check": "perfect"}),
    ("two", {"check": "noisy"}),
    ("market", {"check": "likelihood", "state": "bear", "sees": "up", "probability": 0.7}),
    ("market", {"check": "likelihood_values", "values": [0.9, 0.7]}),
]


def verdict(name: str, said: dict[str, Any]) -> Any:
    """Return what a check says of one of the documents."""
    return ADAPTER.validate_python(said).verdict(view(DOCUMENTS[name]))


@pytest.mark.parametrize(("name", "said"), MET, ids=str)
def test_a_document_meets_what_it_says(name: str, said: dict[str, Any]) -> None:
    """What is there is met, and the words of the verdict are not empty."""
    found = verdict(name, said)
    assert found.met, found.found
    assert found.found


@pytest.mark.parametrize(("name", "said"), MISSED, ids=str)
def test_a_document_does_not_meet_what_it_does_not_say(name: str, said: dict[str, Any]) -> None:
    """What is not there is missed, and the verdict says what is there instead."""
    found = verdict(name, said)
    assert not found.met
    assert found.found


def test_every_check_is_tried_both_ways() -> None:
    """There is no check without a document that meets it and one that does not."""
    names = set(ADAPTER.json_schema()["discriminator"]["mapping"])
    assert names == {said["check"] for _, said in MET} == {said["check"] for _, said in MISSED}


def test_a_line_of_as_many_states_is_no_board() -> None:
    """Moves along a line lead from the end of a row to the beginning of the next, which no board does."""
    line = copy.deepcopy(BOARD)
    next(node for node in line["nodes"] if node["id"] == "steps")["properties"] = {
        "matrix": {"kind": "line", "moves": {"move_up": -1, "go_down": 1, "turnLeft": -1, "right": 1}}
    }
    said = ADAPTER.validate_python({"check": "grid", "rows": 3, "cols": 4})
    assert not said.verdict(view(line)).met


def test_a_torus_wraps_both_ways() -> None:
    """A board whose edges are connected is one, and wraps along rows and columns."""
    torus = copy.deepcopy(BOARD)
    next(node for node in torus["nodes"] if node["id"] == "steps")["properties"]["matrix"]["wrap"] = True
    for name in ("grid", "wraps"):
        assert ADAPTER.validate_python({"check": name, "rows": 3, "cols": 4}).verdict(view(torus)).met


def test_a_factor_that_never_changes_does_not_change() -> None:
    """``changes`` asks for more than that no action drives it."""
    still = copy.deepcopy(MARKET)
    next(node for node in still["nodes"] if node["id"] == "turns")["properties"] = {"matrix": {"kind": "identity"}}
    said = {"check": "uncontrolled", "labels": ["bear", "bull"]}
    assert ADAPTER.validate_python(said).verdict(view(still)).met
    assert not ADAPTER.validate_python({**said, "changes": True}).verdict(view(still)).met


def test_a_preference_over_time_counts_by_its_mean() -> None:
    """A goal that holds at the last step only is a goal."""
    timed = copy.deepcopy(BOARD)
    wish = [[0.0] * 12, [0.0] * 12, [0.0] * 11 + [1.0]]
    next(node for node in timed["nodes"] if node["id"] == "wish")["properties"] = {"vector": wish}
    said = ADAPTER.validate_python({"check": "prefers", "cell": [2, 3], "rows": 3, "cols": 4})
    assert said.verdict(view(timed)).met


def test_what_is_seen_of_two_factors_counts_for_each() -> None:
    """A wish about both is worth, in one factor, its mean over the other."""
    both = document(
        "both",
        where=("state", ["here", "there"]),
        when=("state", ["day", "night"]),
        prize=("observation", ["nothing", "gold"]),
        act=("action", ["to_here", "to_there"]),
        a=("likelihood", ("when", "where", "prize"), {"matrix": {"kind": "rules", "rules": [
            {"when": {"where": "there", "when": "night"}, "then": {"gold": 1.0}}, {"when": {}, "then": {"nothing": 1.0}},
        ]}}),
        b1=("transition", ("where", "act", "where"), {"matrix": {"kind": "set"}}),
        b2=("transition", ("when", "when"), {"matrix": {"kind": "identity"}}),
        c=("preference", ("prize",), {"values": {"gold": 2.0}}),
    )  # fmt: skip
    for label in ("there", "night", "gold"):
        assert ADAPTER.validate_python({"check": "prefers", "label": label}).verdict(view(both)).met
    for label in ("here", "day", "nothing"):
        assert not ADAPTER.validate_python({"check": "prefers", "label": label}).verdict(view(both)).met
    sees = {"check": "likelihood", "state": "there", "sees": "gold", "probability": 0.5}
    assert ADAPTER.validate_python(sees).verdict(view(both)).met

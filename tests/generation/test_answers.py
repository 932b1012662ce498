"""An answer in a dialect's form is read as what it stands for."""

from __future__ import annotations

import json
from typing import Any

from gmn_llm.generation.answers import read_answer
from gmn_llm.gmn.schema import is_valid

LAMP: dict[str, Any] = {
    "name": "lamp",
    "description": None,
    "version": [],
    "nodes": [
        {"type": "state", "id": "light", "properties": {"num_states": 2, "labels": ["off", "on"], "description": None}},
        {"type": "observation", "id": "seen", "properties": {"num_observations": 2, "labels": None}, "metadata": None},
        {"type": "action", "id": "press", "properties": {"num_actions": 2, "labels": ["leave", "switch"]}},
        {"type": "likelihood", "id": "A1", "properties": {"matrix": {"kind": "identity", "factor": []}}},
        {
            "type": "transition",
            "id": "B1",
            "properties": {
                "factor": ["light"],
                "matrix": {
                    "kind": "rules",
                    "rules": [
                        {"when": [{"key": "press", "value": "leave"}], "then": []},
                        {
                            "when": [{"key": "press", "value": "switch"}, {"key": "light", "value": ["off"]}],
                            "then": [{"key": "on", "value": 1}],
                        },
                    ],
                    "otherwise": None,
                },
            },
        },
        {"type": "preference", "id": "C1", "properties": {"values": [{"key": "1", "value": 2.0}]}},
    ],
    "edges": [
        {"source": "light", "target": "A1", "type": "depends_on", "properties": [], "metadata": None},
        {"source": "A1", "target": "seen", "type": "generates"},
        {"source": "light", "target": "B1", "type": "depends_on"},
        {"source": "press", "target": "B1", "type": "depends_on"},
        {"source": "C1", "target": "seen", "type": "depends_on"},
    ],
    "metadata": [{"key": "unread", "value": ["the colour"]}],
}


def test_a_document_in_a_dialects_form_is_folded() -> None:
    """Pairs, nulls and lists of one are undone before anything is checked."""
    answer = read_answer(json.dumps(LAMP), name="x")
    document: Any = answer.reading.document
    assert is_valid(document)
    nodes = {node["id"]: node.get("properties", {}) for node in document["nodes"]}
    assert nodes["B1"]["factor"] == "light"
    assert nodes["B1"]["matrix"]["rules"][1]["when"] == {"press": "switch", "light": ["off"]}
    assert nodes["C1"] == {"values": {"1": 2.0}}
    assert document["metadata"] == {"unread": ["the colour"]}
    assert answer.value == {**document, "edges": answer.value["edges"]}  # type: ignore[index]  # JSON


def test_a_foreign_form_is_left_to_its_readers() -> None:
    """A document with other names for things is read by the same readers as before."""
    document = {
        "name": "m",
        "states": ["a", "b"],
        "observations": ["x", "y"],
        "actions": ["go"],
        "parameters": {"A": [[0.9, 0.1], [0.2, 0.8]]},
    }
    assert read_answer(json.dumps(document), name="x").reading.document is not None

"""What code can mend without changing the meaning, and for which no model is asked a second time."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from gmn_llm import GMNSpec, create_llm_factory
from tests.faults.bad_answers import openai
from tests.wire.client import WireServer

LABELS = ["hall", "kitchen", "exit"]
GRAPH: dict[str, Any] = {
    "name": "flat",
    "nodes": [
        {"id": "room", "type": "state", "properties": {"num_states": 3, "labels": LABELS}},
        {"id": "seen", "type": "observation", "properties": {"num_observations": 3}},
        {"id": "move", "type": "action", "properties": {"num_actions": 2, "labels": ["left", "right"]}},
        {"id": "sight", "type": "likelihood", "properties": {"matrix": {"kind": "identity"}}},
        {"id": "walk", "type": "transition", "properties": {"matrix": {"kind": "line"}}},
        {"id": "start", "type": "belief", "properties": {"state": "hall"}},
    ],
    "edges": [
        {"source": "room", "target": "sight", "type": "depends_on"},
        {"source": "sight", "target": "seen", "type": "generates"},
        {"source": "room", "target": "walk", "type": "depends_on"},
        {"source": "move", "target": "walk", "type": "depends_on"},
        {"source": "start", "target": "room", "type": "depends_on"},
    ],
}
A = [[0.9, 0.2, 0.0], [0.1, 0.7, 0.0], [0.0, 0.1, 1.0]]


def changed(place: str, value: object) -> str:
    """The graph as JSON with something else at a JSON pointer."""
    document = copy.deepcopy(GRAPH)
    part: Any = document
    *keys, last = place.strip("/").split("/")
    for key in keys:
        part = part[int(key) if key.isdecimal() else key]
    part[int(last) if last.isdecimal() else last] = value
    return json.dumps(document)


MENDED = {
    "columns off by less than a hundredth": (
        changed("/nodes/3/properties/matrix", [[0.9, 0.2, 0.0], [0.1, 0.7, 0.0], [0.005, 0.1, 1.0]]),
        "rescaled",
    ),
    "aliases": (
        json.dumps(GRAPH).replace('"num_states"', '"size"').replace('"source"', '"from"').replace('"likelihood"', '"emission"'),
        "alias",
    ),
    "a transition that is missing": (
        json.dumps({**GRAPH, "nodes": [n for n in GRAPH["nodes"] if n["id"] not in ("walk", "move")]
                    + [GRAPH["nodes"][2]], "edges": [e for e in GRAPH["edges"] if e["target"] != "walk"]}),
        "added-default",
    ),
    "labels that repeat": (changed("/nodes/0/properties/labels", ["room", "room", "exit"]).replace('"hall"', "0"), "alias"),
    "labels of another number": (changed("/nodes/0/properties/num_states", 4), "alias"),
    "labels too few, and a size that others need": (
        changed("/nodes/0/properties/labels", ["a", "b"]).replace('"hall"', "0").replace('{"kind": "identity"}', str(A)),
        "alias",
    ),
    "an arrow the other way": (
        changed("/edges/4", {"source": "room", "target": "start", "type": "depends_on"}), "alias",
    ),
    "an arrow of another type": (changed("/edges/1/type", "depends_on"), "alias"),
    "rows for columns": (changed("/nodes/3/properties/matrix", np.array(A).T.tolist()), "transposed"),
    "a size in quotation marks": (changed("/nodes/0/properties/num_states", "3"), "alias"),
    "a key that is no part of a node": (changed("/nodes/0/color", "blue"), "alias"),
    "a matrix by its mere name": (changed("/nodes/4/properties/matrix", "line"), "alias"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), MENDED.values(), ids=MENDED)
async def test_no_model_is_asked_for_what_code_can_mend(wire: WireServer, text: str, code: str) -> None:
    """The one answer is read, one request travels, and a warning says what was changed."""
    wire.script([text, "no"])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn("three rooms", use_cache=False)
    assert len(wire.requests()) == 1
    assert code in {finding.code for finding in spec.findings()}
    assert same(spec.expand().to_pymdp()["A"][0], code=code)


def same(likelihood: np.ndarray[Any, Any], *, code: str) -> bool:
    """Whether a likelihood is one: what is mended keeps its meaning, be it the identity or the written numbers."""
    sums = bool(np.allclose(likelihood.sum(axis=0), 1.0, atol=1e-12))
    return sums and (code != "transposed" or bool(np.allclose(likelihood, A)))


async def test_both_sizes_are_tried_where_labels_do_not_fit(wire: WireServer) -> None:
    """With as many labels as values nothing else fits, so the labels go and the size stays."""
    wire.script([MENDED["labels too few, and a size that others need"][0]])
    async with create_llm_factory(openai(wire)) as factory:
        spec = await factory.generate_gmn("three rooms", use_cache=False)
    room: Any = spec.document["nodes"][0]  # type: ignore[index]  # JSON
    assert room["properties"] == {"num_states": 3}
    assert isinstance(spec, GMNSpec)

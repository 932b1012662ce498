"""The designer reads drawings: of a model, and of a machine with states and arrows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gmn_llm import create_llm_factory
from gmn_llm.gmn import GMNSpec
from gmn_llm.mock.drawn import drawn

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "valid").glob("*.json"))
MACHINE = """stateDiagram-v2
  [*] --> Idle
  Idle --> Run : start
  Run --> Done : finish
  Run --> Idle : stop
  Done --> [*]
"""


async def made(prompt: str, **more: object) -> GMNSpec:
    """What the mock makes of a prompt, with nothing kept."""
    async with create_llm_factory({"provider": "mock"}) as factory:
        return await factory.generate_gmn(prompt, use_cache=False, **more)


def document(case: Path) -> GMNSpec:
    """The document of a case."""
    told = json.loads(case.read_text(encoding="utf-8"))
    return GMNSpec.parse(told.get("document") or told.get("text") or told)


def properties(spec: GMNSpec, name: str) -> dict[str, object]:
    """The properties of a node."""
    return next(dict(node["properties"]) for node in spec.document["nodes"] if node["id"] == name)  # type: ignore[union-attr,index,call-overload,arg-type]  # JSON


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
async def test_a_drawing_of_a_model_comes_back_as_that_model(case: Path) -> None:
    """Nodes, types, sizes and edges of a document survive the way through Mermaid, and the result is valid."""
    spec = document(case)

    back = await made("as drawn", images=[spec.to_mermaid()])

    sizes = ("num_states", "num_observations", "num_actions")
    for node in spec.document["nodes"]:  # type: ignore[attr-defined]  # JSON
        given, got = node.get("properties", {}), properties(back, node["id"])
        assert [got.get(size) for size in sizes] == [given.get(size) for size in sizes]
    assert [(n.id, n.type) for n in back.nodes] == [(n.id, n.type) for n in spec.nodes]
    assert {(e.source, e.target, e.type) for e in back.edges} == {(e.source, e.target, e.type) for e in spec.edges}


async def test_a_state_machine_is_one_factor_that_follows_the_arrows() -> None:
    """States, actions, start and end are those of the drawing; where no arrow leads, it stays."""
    spec = await made(MACHINE)

    assert properties(spec, "state")["labels"] == ["Idle", "Run", "Done"]
    assert properties(spec, "act")["labels"] == ["start", "finish", "stop"]
    assert properties(spec, "state_start") == {"state": "Idle"}
    moves = np.asarray(spec.to_pymdp()["B"][0])
    expected = {("Idle", "start"): "Run", ("Run", "finish"): "Done", ("Run", "stop"): "Idle", ("Done", "stop"): "Done"}
    states, actions = ["Idle", "Run", "Done"], ["start", "finish", "stop"]
    for (source, action), target in expected.items():
        column = moves[:, states.index(source), actions.index(action)]
        assert states[int(column.argmax())] == target
        assert column.max() == 1.0
    assert any("Done" in warning for warning in spec.warnings)


@pytest.mark.parametrize(
    "text",
    [
        "flowchart LR\n Idle -->|start| Run -->|finish| Done\n Run -->|stop| Idle",
        'digraph { Idle -> Run [label="start"]; Run -> Done [label=finish]; Run -> Idle [label=stop] }',
        f"A machine:\n```mermaid\n{MACHINE}```\n",
    ],
)
async def test_a_machine_may_be_drawn_in_any_notation(text: str) -> None:
    """A flowchart, Graphviz and a fence in the prompt come to the same states and actions."""
    spec = await made(text)

    assert properties(spec, "state")["labels"] == ["Idle", "Run", "Done"]
    assert sorted(properties(spec, "act")["labels"]) == ["finish", "start", "stop"]  # type: ignore[call-overload]  # JSON


async def test_arrows_without_labels_have_names() -> None:
    """One way on is `next`; where a state has several, they are named by where they lead."""
    assert properties(await made("graph TD\n a --> b --> c"), "act")["labels"] == ["next"]
    assert properties(await made("graph TD\n a --> b\n a --> c"), "act")["labels"] == ["to b", "to c"]


async def test_arrows_of_one_label_from_one_state_share_its_chance() -> None:
    """Two ends of one action are equally likely, which is told."""
    spec = await made("graph TD\n a -->|toss| heads\n a -->|toss| tails")

    assert np.asarray(spec.to_pymdp()["B"][0])[:, 0, 0].tolist() == [0.0, 0.5, 0.5]
    assert any("equally likely" in warning for warning in spec.warnings)


async def test_composite_states_are_entered_where_they_begin() -> None:
    """An arrow to a group leads to its first state, one from a group leaves each of its states."""
    spec = await made(
        "stateDiagram-v2\n [*] --> Off\n Off --> On : switch\n On --> Off : cut\n"
        " state On {\n  [*] --> Dim\n  Dim --> Bright : up\n }\n"
    )
    matrix = properties(spec, "state_transition")["matrix"]

    rules = {(rule["when"]["state"], rule["when"]["act"]): list(rule["then"]) for rule in matrix["rules"]}  # type: ignore[index]  # JSON
    assert rules == {
        ("Off", "switch"): ["Dim"],
        ("Dim", "cut"): ["Off"],
        ("Bright", "cut"): ["Off"],
        ("Dim", "up"): ["Bright"],
    }


async def test_a_drawing_that_says_nothing_leaves_it_to_the_words() -> None:
    """Boxes without an arrow are no machine."""
    spec = await made("An agent that explores a 3x3 grid", images=["flowchart LR\n a\n b"])

    assert properties(spec, "position")["num_states"] == 9


@pytest.mark.parametrize(
    "diagrams",
    [
        None,
        "x",
        [1],
        [{}],
        [{"nodes": [1, {"label": "x"}], "edges": [{"source": "a"}]}],
        [{"nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "g"}], "groups": [{"id": "g", "nodes": ["g"]}]}],
    ],
)
def test_what_is_no_diagram_is_passed_over(diagrams: object) -> None:
    """Whatever stands in a question, the designer does not fail on it."""
    assert drawn(diagrams) is None

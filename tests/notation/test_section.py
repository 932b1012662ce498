from __future__ import annotations

from gmn_llm.gmn.notation import parse_section

LIGHTS = """\
# Two lamps.
[model]
name: lights
description: "On or off"
metadata: {by: me}

[nodes]
lamp: state {num_states: 2, labels: [on, off]}
glow: observation {
    "num_observations": 2
    labels: ['bright', "dark"],
    metadata: {unit: lux}
}
press: action  # no braces
A: emission {matrix: identity(), description: "a -> b: c"}

[edges]
lamp -> A: depends_on
A->glow: generates {weight: 0.5}
"""


def test_a_whole_document() -> None:
    """Sections of fields, nodes and edges give the JSON graph, with properties over several lines."""
    parsed = parse_section(LIGHTS, default_name="x")
    assert parsed.findings == ()
    assert parsed.document == {
        "name": "lights",
        "description": "On or off",
        "nodes": [
            {"id": "lamp", "type": "state", "properties": {"num_states": 2, "labels": ["on", "off"]}},
            {
                "id": "glow",
                "type": "observation",
                "properties": {"num_observations": 2, "labels": ["bright", "dark"]},
                "metadata": {"unit": "lux"},
            },
            {"id": "press", "type": "action", "properties": {}},
            {
                "id": "A",
                "type": "likelihood",
                "properties": {"matrix": {"kind": "identity"}, "description": "a -> b: c"},
            },
        ],
        "edges": [
            {"source": "lamp", "target": "A", "type": "depends_on"},
            {"source": "A", "target": "glow", "type": "generates", "properties": {"weight": 0.5}},
        ],
        "metadata": {"by": "me"},
    }


def test_positions_are_exact() -> None:
    """Line and column of nodes and edges are those of the line, of properties those of the value."""
    positions = parse_section(LIGHTS, default_name="x").positions
    assert positions["/name"] == (3, 7)
    assert positions["/nodes/0"] == (8, 1)
    assert positions["/nodes/0/properties/num_states"] == (8, 26)
    assert positions["/nodes/1/properties/labels"] == (11, 13)
    assert positions["/nodes/1/metadata"] == (12, 15)
    assert positions["/edges/1"] == (19, 1)
    assert positions["/edges/1/properties/weight"] == (19, 29)


def test_fields_keep_their_names() -> None:
    """The section notation has the names of JSON: `state` on a belief is its property, `from` is no edge."""
    parsed = parse_section("[nodes]\nD: belief {state: 0, from: x}", default_name="x")
    assert parsed.document["nodes"] == [{"id": "D", "type": "belief", "properties": {"state": 0, "from": "x"}}]
    assert parsed.document["edges"] == []


def test_sections_may_come_again() -> None:
    """Sections come in any order, more than once, in any case."""
    parsed = parse_section("[EDGES]\na -> b: influences\n[ nodes ]\na: policy\n[Nodes]\nb: state\n", default_name="x")
    assert [finding.code for finding in parsed.findings] == ["added-default"]
    assert [node["id"] for node in parsed.document["nodes"]] == ["a", "b"]  # type: ignore[attr-defined]


def test_an_explicit_matrix_is_taken_as_written() -> None:
    """The section notation has FreeAgentics' own axes: nothing is turned."""
    text = (
        "[nodes]\ns: state {num_states: 2}\no: observation {num_observations: 3}\n"
        "A: likelihood {matrix: [[1, 0, 0], [0, 0, 1]]}\n[edges]\ns -> A: depends_on\nA -> o: generates\n"
    )
    parsed = parse_section(text, default_name="x")
    assert parsed.document["nodes"][2]["properties"]["matrix"] == [[1, 0, 0], [0, 0, 1]]  # type: ignore[index]
    assert [finding.code for finding in parsed.findings] == ["added-default"]

from __future__ import annotations

import pytest

from gmn_llm.gmn.notation import parse_brace

WALKER = """\
# A walker on a board.
model walker "Goes home"  # the header

node state place { type: discrete  size: 6  description: "A field: to: nowhere, # really" }
node observation seen { type: discrete  size: 6 }
node action step {
    size: 5
    labels: [up, down,
             left, "right", stay]
}
node emission E { from: place  to: seen  matrix: noisy_identity(accuracy=0.8) }
node transition T { from: [place, step]  to: place  matrix: grid(rows=2, cols=3, walls=[[0, 1]], wrap=true) }
node preference C { observation: seen  preferred: 5 }
node belief D { state: place  start: 0 }
"""


def properties_of(text: str) -> list[object]:
    parsed = parse_brace(text, default_name="x")
    assert not [finding for finding in parsed.findings if finding.code != "added-default"], parsed.findings
    return [node["properties"] for node in parsed.document["nodes"]]  # type: ignore[attr-defined]


def edges_of(text: str) -> list[str]:
    parsed = parse_brace(text, default_name="x")
    edges = parsed.document["edges"]
    return [f"{edge['source']} {edge['type']} {edge['target']}" for edge in edges]  # type: ignore[attr-defined]


def one(fields: str) -> object:
    return properties_of(f"node llm_query q {{ {fields} }}")[0]


def test_a_whole_document() -> None:
    """Header, sizes, fields that stand for edges, named matrices and shortcuts give the JSON graph."""
    parsed = parse_brace(WALKER, default_name="x")
    assert parsed.findings == ()
    assert parsed.document == {
        "name": "walker",
        "description": "Goes home",
        "nodes": [
            {
                "id": "place",
                "type": "state",
                "properties": {
                    "type": "discrete",
                    "num_states": 6,
                    "description": "A field: to: nowhere, # really",
                },
            },
            {"id": "seen", "type": "observation", "properties": {"type": "discrete", "num_observations": 6}},
            {
                "id": "step",
                "type": "action",
                "properties": {"num_actions": 5, "labels": ["up", "down", "left", "right", "stay"]},
            },
            {
                "id": "E",
                "type": "likelihood",
                "properties": {"matrix": {"kind": "noisy_identity", "accuracy": 0.8}},
            },
            {
                "id": "T",
                "type": "transition",
                "properties": {"matrix": {"kind": "grid", "rows": 2, "cols": 3, "walls": [[0, 1]], "wrap": True}},
            },
            {"id": "C", "type": "preference", "properties": {"preferred_observation": 5}},
            {"id": "D", "type": "belief", "properties": {"state": 0}},
        ],
        "edges": [
            {"source": "place", "target": "E", "type": "depends_on"},
            {"source": "E", "target": "seen", "type": "generates"},
            {"source": "place", "target": "T", "type": "depends_on"},
            {"source": "step", "target": "T", "type": "depends_on"},
            {"source": "C", "target": "seen", "type": "depends_on"},
            {"source": "D", "target": "place", "type": "depends_on"},
        ],
    }


def test_positions_are_exact() -> None:
    """Line and column of nodes are those of the statement, of properties and edges those of the value."""
    positions = parse_brace(WALKER, default_name="x").positions
    assert positions["/name"] == (2, 1)
    assert positions["/nodes/0"] == (4, 1)
    assert positions["/nodes/0/properties/num_states"] == (4, 42)
    assert positions["/nodes/2/properties/num_actions"] == (7, 11)
    assert positions["/nodes/2/properties/labels"] == (8, 13)
    assert positions["/nodes/3/properties/matrix"] == (11, 50)
    assert positions["/edges/0"] == (11, 25)
    assert positions["/edges/1"] == (11, 36)
    assert positions["/edges/3"] == (12, 27)


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("\n", "\r"), ("  ", "\t"), ("# A", "\ufeff# A")])
def test_blanks_and_line_ends(change: tuple[str, str]) -> None:
    """Line ends of any kind, tabs and a byte-order mark change neither the document nor the lines."""
    plain, changed = (parse_brace(text, default_name="x") for text in (WALKER, WALKER.replace(*change)))
    assert changed.document == plain.document
    assert {path: line for path, (line, _) in changed.positions.items()} == {
        path: line for path, (line, _) in plain.positions.items()
    }


def test_a_missing_name_is_told() -> None:
    """Without a name in the header the default is taken, with a warning."""
    parsed = parse_brace("node state s { size: 2 }", default_name="stem")
    assert parsed.document["name"] == "stem"
    assert [(finding.code, finding.path) for finding in parsed.findings] == [("added-default", "/name")]


def test_header_with_fields() -> None:
    """The header's braces hold the document's own fields."""
    parsed = parse_brace('model "my world" { version: "2.0" metadata: {by: me} }', default_name="x")
    assert parsed.document == {
        "name": "my world",
        "version": "2.0",
        "nodes": [],
        "edges": [],
        "metadata": {"by": "me"},
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("25", 25),
        ("-1", -1),
        ("+3", 3),
        ("0.50", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("25.0", 25.0),
        ("007", "007"),
        ("1/3", "1/3"),
        ("50%", "50%"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("word", "word"),
        ("two-words", "two-words"),
        ("don't", "don't"),
        ("état", "état"),
        ("हिन्दी", "हिन्दी"),
        ('"a \\"b\\" \\u00e9 \\n"', 'a "b" é \n'),
        ("'it\\'s \"so\"'", 'it\'s "so"'),
        ('"true"', "true"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ("[]", []),
        ("[[1, 2], [x, 'y z']]", [[1, 2], ["x", "y z"]]),
        ("[ # first\n 1, # second\n 2 ]", [1, 2]),
        ("{}", {}),
        ('{a: 1, "b c": [2], 3: x}', {"a": 1, "b c": [2], "3": "x"}),
        ("{a: 1 b: 2}", {"a": 1, "b": 2}),
        ("uniform()", {"kind": "uniform"}),
        (
            'of(x=of(y=[1, {z: 2}]), "an odd"=1)',
            {"kind": "of", "x": {"kind": "of", "y": [1, {"z": 2}]}, "an odd": 1},
        ),
        ("[[1, 2],\n [3, 4]]", [[1, 2], [3, 4]]),
        ("\n  [1,\n   2]", [1, 2]),
        ("deterministic", "deterministic"),
    ],
)
def test_values(written: str, value: object) -> None:
    """Numbers, words, quoted texts, lists, objects and calls are read as the values they stand for."""
    read = one(f"x: {written}  y: 1")
    assert read == {"x": value, "y": 1}
    assert type(read["x"]) is type(value)  # type: ignore[index]


def test_overflow_becomes_infinite() -> None:
    """A number that overflows is infinite, for the checks to report at its node; its digits cost nothing."""
    read = one(f"x: 1e400  y: {'9' * 100_000}  z: [1e400, {'9' * 5000}]")
    assert read == {"x": float("inf"), "y": float("inf"), "z": [float("inf"), float("inf")]}


def test_rules() -> None:
    """Nested lists and objects stand in the parentheses of a kind."""
    read = one("m: rules(rules=[{when: {s: a, u: [x, y]}, then: {b: 0.5}}], otherwise=stay)")
    assert read == {
        "m": {
            "kind": "rules",
            "rules": [{"when": {"s": "a", "u": ["x", "y"]}, "then": {"b": 0.5}}],
            "otherwise": "stay",
        },
    }


def test_emission_and_likelihood_are_one() -> None:
    """`emission` and `likelihood` name one type."""
    nodes = parse_brace("node emission a {} node likelihood b {}", default_name="x").document["nodes"]
    assert [node["type"] for node in nodes] == ["likelihood", "likelihood"]  # type: ignore[attr-defined]


def test_sizes_by_type() -> None:
    """`size` is the count of the node's own type; where a type has none it stays."""
    text = "node state a {size: 1} node observation b {size: 2} node action c {size: 3} node belief d {size: 4}"
    assert properties_of(text) == [
        {"num_states": 1},
        {"num_observations": 2},
        {"num_actions": 3},
        {"size": 4},
    ]


def test_a_quoted_key_is_taken_by_the_letter() -> None:
    """A key in quotes is a property and never a word of the notation."""
    assert properties_of('node belief d { "start": 1  "to": x  "metadata": 2 }') == [
        {"start": 1, "to": "x", "metadata": 2}
    ]
    assert edges_of('node belief d { "state": x }') == []


PARENTS = "node state a {} node state b {} node observation o {} node action u {}\n"


def test_edges_follow_the_fields() -> None:
    """A `from` that mixes states and actions gives edges in the order written, also from later nodes."""
    text = "node transition T { from: [u, b, a] to: b }\n" + PARENTS
    assert edges_of(text) == ["u depends_on T", "b depends_on T", "a depends_on T"]


def test_a_factor_is_named_where_parents_leave_a_choice() -> None:
    """`to` is the factor where a transition has several state parents, or another one."""
    text = PARENTS + "node transition T { from: [a, b, u] to: b } node transition S { from: a to: a }"
    assert properties_of(text)[-2:] == [{"factor": "b"}, {}]
    assert properties_of(PARENTS + "node transition T { from: u to: a }")[-1] == {"factor": "a"}
    assert properties_of(PARENTS + "node transition T { to: a } edge a -> T: depends_on")[-1] == {}


def test_several_targets_are_several_transitions() -> None:
    """A transition with several targets stands for one each, with ids of their own and the same edges."""
    text = (
        f"{PARENTS}node state T_b {{}}\n"
        "node transition T { from: [a, u] to: [a, b] matrix: uniform() }\nedge T -> o: influences"
    )
    parsed = parse_brace(text, default_name="x")
    assert [(node["id"], node["properties"]) for node in parsed.document["nodes"][-2:]] == [  # type: ignore[index]
        ("T_a", {"matrix": {"kind": "uniform"}}),
        ("T_b_", {"matrix": {"kind": "uniform"}, "factor": "b"}),
    ]
    assert edges_of(text) == [
        "a depends_on T_a",
        "u depends_on T_a",
        "a depends_on T_b_",
        "u depends_on T_b_",
        "T_a influences o",
        "T_b_ influences o",
    ]


def test_edge_statements() -> None:
    """An edge that no field says is a statement, with properties and metadata in braces."""
    parsed = parse_brace('edge p -> "a b": influences { weight: 2 metadata: {x: 1} }', default_name="x")
    assert parsed.document["edges"] == [
        {
            "source": "p",
            "target": "a b",
            "type": "influences",
            "properties": {"weight": 2},
            "metadata": {"x": 1},
        }
    ]


def test_words_of_the_notation_as_names() -> None:
    """`node`, `edge` and `model` are names like any other where a name is due."""
    text = "node state node { type: node size: 2 }\nnode state model { labels: [node, edge], x: model }"
    assert properties_of(text) == [
        {"type": "node", "num_states": 2},
        {"labels": ["node", "edge"], "x": "model"},
    ]

"""Mermaid and Graphviz text, read into nodes, edges and groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.pictures import Diagram, diagrams_in, may_draw
from gmn_llm.pictures.diagram import Unreadable
from gmn_llm.pictures.reading import read_diagram

CASES = sorted((Path(__file__).resolve().parents[1] / "cases" / "valid").glob("*.json"))


def drawn(text: str, limits: Limits = DEFAULT_LIMITS) -> Diagram:
    """The diagram of a text that is one."""
    found = read_diagram(text, limits=limits)
    assert found is not None
    assert may_draw(text)
    return found


def edges(text: str) -> list[tuple[str, str, str]]:
    """Source, target and label of each edge."""
    return [(arrow.source, arrow.target, arrow.label) for arrow in drawn(text).arrows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a --> b", [("a", "b", "")]),
        ("a-->b-->c", [("a", "b", ""), ("b", "c", "")]),
        ("a & b --> c & d", [("a", "c", ""), ("a", "d", ""), ("b", "c", ""), ("b", "d", "")]),
        ("a -->|yes| b", [("a", "b", "yes")]),
        ("a -- yes --> b", [("a", "b", "yes")]),
        ('a -- "no (never)" --> b', [("a", "b", "no (never)")]),
        ("a -- non-stop --> b", [("a", "b", "non-stop")]),
        ("a -. maybe .-> b", [("a", "b", "maybe")]),
        ("a == sure ==> b", [("a", "b", "sure")]),
        ("a <--> b", [("a", "b", ""), ("b", "a", "")]),
        ("a ----> b; b --> c", [("a", "b", ""), ("b", "c", "")]),
        ("a[One] --> b((Two)):::red", [("a", "b", "")]),
        ("a ~~~ b", []),
        ("a e1@--> b", [("a", "b", "")]),
        ("link-to_x --> end_y", [("link-to_x", "end_y", "")]),
        ("a --> b %% said aside", [("a", "b", "")]),
        ('%%{init: {"theme": "dark"}}%%\na --> b', [("a", "b", "")]),
        ("a -->|#quot;50#37;#quot;| b", [("a", "b", '"50%"')]),
    ],
)
def test_arrows_of_a_flowchart(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Chains, both ways of writing a label, several ends, and what only changes the looks."""
    assert edges(f"flowchart LR\n  {text}\n") == expected


@pytest.mark.parametrize(
    ("text", "label", "shape"),
    [
        ("a", "a", ""),
        ("a[Start here]", "Start here", ""),
        ('a["with (brackets) [in] it"]', "with (brackets) [in] it", ""),
        ("a(Round)", "Round", "round"),
        ("a([Stadium])", "Stadium", "stadium"),
        ("a[[Sub]]", "Sub", "subroutine"),
        ("a[(Store)]", "Store", "cylinder"),
        ("a((Circle))", "Circle", "circle"),
        ("a(((Twice)))", "Twice", "double circle"),
        ("a{Choice?}", "Choice?", "diamond"),
        ("a{{Six}}", "Six", "hexagon"),
        ("a[/Lean/]", "Lean", "lean"),
        ("a>Flag]", "Flag", "flag"),
        ('a["one<br/>two#35;"]', "one\ntwo#", ""),
        ('a@{ shape: diam, label: "Go, now" }', "Go, now", "diam"),
        ('a["`**bold**`"]', "**bold**", ""),
    ],
)
def test_boxes_of_a_flowchart(text: str, label: str, shape: str) -> None:
    """Each shape has its brackets; entity codes and breaks become what they stand for."""
    (box,) = drawn(f"graph TD; {text}").boxes

    assert (box.id, box.label, box.shape) == ("a", label, shape)


def test_subgraphs_are_groups_and_styles_are_passed_over() -> None:
    """A group knows all nodes in it, and lines on looks draw nothing."""
    found = drawn(
        "flowchart TB\nsubgraph one [The One]\n direction LR\n a --> b\n subgraph two\n c\n end\nend\n"
        'one --> d\nclassDef x fill:#fff\nclass a,b x\nstyle d fill:#f00\nlinkStyle 0 stroke:#000\nclick a href "x"\n'
    )

    assert [(frame.id, frame.label, frame.members) for frame in found.frames] == [
        ("one", "The One", ("a", "b", "c")),
        ("two", "two", ("c",)),
    ]
    assert [box.id for box in found.boxes] == ["a", "b", "c", "d"]


def test_a_state_diagram() -> None:
    """Beginning and end, labels, names, notes, choices and composite states."""
    found = drawn(
        "---\ntitle: A machine\n---\nstateDiagram-v2\n direction LR\n %% aside\n [*] --> Idle\n"
        ' state "Running fast" as Run\n Idle --> Run : start now\n Run --> [*]\n Idle : waits\n'
        " state pick <<choice>>\n Run --> pick\n state Deep {\n  [*] --> In\n  In --> [*]\n }\n"
        " note right of Idle : nothing\n note left of Run\n  many\n  lines\n end note\n classDef bad fill:#f00\n"
    )

    assert found.kind == "state diagram"
    assert [(box.id, box.label, box.shape) for box in found.boxes] == [
        ("[*]", "[*]", ""),
        ("Idle", "waits", ""),
        ("Run", "Running fast", ""),
        ("pick", "pick", "choice"),
        ("Deep.[*]", "Deep.[*]", ""),
        ("In", "In", ""),
    ]
    assert ("Idle", "Run", "start now") in [(arrow.source, arrow.target, arrow.label) for arrow in found.arrows]
    assert found.frames[0].members == ("Deep.[*]", "In")


def test_a_graphviz_graph() -> None:
    """Chains, groups, defaults, ports, labels with escapes, HTML and comments."""
    found = drawn(
        '// first\nstrict digraph "my g" {\n rankdir=LR; node [shape=circle]; /* c */\n'
        ' a -> {b c} [label="go"];\n subgraph cluster_0 { label="Zero"; d -> e [dir=both, style=dashed] }\n'
        ' "x y":n -> a [label=<<b>bold</b>>]; b [label="B\\nof \\N", shape=box]\n# pp\n}\n'
    )

    assert [(arrow.source, arrow.target, arrow.label) for arrow in found.arrows] == [
        ("a", "b", "go"), ("a", "c", "go"), ("d", "e", ""), ("e", "d", ""), ("x y", "a", "bold"),
    ]  # fmt: skip
    assert {box.id: (box.label, box.shape) for box in found.boxes}["b"] == ("B\nof b", "")
    assert {box.id: box.shape for box in found.boxes}["a"] == "circle"
    assert [(frame.id, frame.label, frame.members) for frame in found.frames] == [("cluster_0", "Zero", ("d", "e"))]


def test_an_undirected_graph_has_lines_without_heads() -> None:
    """`--` leads both ways."""
    assert [arrow.directed for arrow in drawn("graph g { a -- b }").arrows] == [False]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_our_own_drawings_are_read_node_by_node(case: Path) -> None:
    """What `to_mermaid` writes comes back with each node and each edge."""
    told = json.loads(case.read_text(encoding="utf-8"))
    spec = GMNSpec.parse(told.get("document") or told.get("text") or told)

    found = drawn(spec.to_mermaid())

    assert [box.id for box in found.boxes] == [f"n_{node.id}" for node in spec.nodes]
    assert [(a.source, a.target) for a in found.arrows] == [(f"n_{e.source}", f"n_{e.target}") for e in spec.edges]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a graph of rooms",
        "Graph TD is a word",
        "flowcharts are nice",
        "An agent with a state diagram",
        '{"nodes": []}',
        "digraph without braces",
    ],
)
def test_words_are_no_diagram(text: str) -> None:
    """Only a text that begins as one is taken for one."""
    assert read_diagram(text, limits=DEFAULT_LIMITS) is None


def test_diagrams_in_a_prompt() -> None:
    """The prompt itself, or its fences; what can't be read stays words."""
    flow = "flowchart LR\n a --> b\n"
    prompt = f"An agent:\n```mermaid\n{flow}```\nand\n~~~\ndigraph {{ x -> y }}\n~~~\n```python\ngraph TD\n```\n"

    assert len(diagrams_in(flow, limits=DEFAULT_LIMITS)) == 1
    assert [found.kind for found in diagrams_in(prompt, limits=DEFAULT_LIMITS)] == ["flowchart", "graph"]
    assert diagrams_in("```mermaid\nflowchart LR\n a[\n```", limits=DEFAULT_LIMITS) == ()
    assert diagrams_in("```mermaid\npie\n```", limits=DEFAULT_LIMITS) == ()
    assert diagrams_in("walks in a 5x5 grid", limits=DEFAULT_LIMITS) == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("flowchart LR\n a --> ", "line 2"),
        ("flowchart LR\n a[open", "line 2, column 3"),
        ("flowchart LR\n subgraph x\n a", "middle"),
        ("stateDiagram-v2\n a -->", "line 2"),
        ("stateDiagram-v2\n state x {", "middle"),
        ("digraph { a -> ", "middle"),
        ('digraph { a [label="x }', "line 1"),
        ("flowchart LR\n", "draws no node"),
    ],
)
def test_a_broken_diagram_says_where(text: str, place: str) -> None:
    """What is cut off or wrong is told by line and column."""
    with pytest.raises(Unreadable, match=place):
        read_diagram(text, limits=DEFAULT_LIMITS)


LONG = 60_000


@pytest.mark.parametrize(
    "text",
    [
        "flowchart LR\n" + "".join(f"a{k} --> b{k}\n" for k in range(100_000)),
        "flowchart LR\n" + "".join(f"a{k}-->a{k + 1}\n" for k in range(4_000)),
        "flowchart LR\n" + "subgraph x\n" * 2_000 + "a\n" + "end\n" * 2_000,
        "flowchart LR\n" + " & ".join(f"a{k}" for k in range(90)) + " --> " + " & ".join(f"b{k}" for k in range(90)),
        "flowchart LR\n" + "a[" * (LONG // 2),
        "flowchart LR\n" + "a--x" * (LONG // 4) + "|",
        "flowchart LR\n" + "a-- " * (LONG // 4),
        "flowchart LR\n" + "%%{" * (LONG // 3),
        "flowchart LR\n a@{" + "a" * LONG,
        "stateDiagram-v2\n" + "state a {\n" * 2_000 + "b\n" + "}\n" * 2_000,
        "stateDiagram-v2\n note left of a\n" + "x\n" * (LONG // 2),
        "digraph {" + "{" * 20_000 + "a" + "}" * 20_000 + "}",
        "digraph {" + "".join(f"a{k} -> a{k + 1};" for k in range(3_000)) + "}",
        "digraph { a [label=" + "<" * LONG,
        "digraph { /*" + "*" * LONG,
        'digraph { "' + "a\\" * (LONG // 2),
        "---\n" * (LONG // 4),
    ],
)
def test_a_hostile_diagram_is_refused_and_nothing_worse(text: str) -> None:
    """Depth, number and length are bounded; no reader ends in another error, or in none."""
    try:
        found = read_diagram(text, limits=DEFAULT_LIMITS)
    except Unreadable as error:
        assert len(str(error)) < 300  # noqa: PT017  # it is short, whatever came in
        return
    assert found is None


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("an agent that explores a board of 5x5", False),
        ("a ``` fence ``` without a drawing", False),
        ("```mermaid\nflowchart LR\na --> b\n```", True),
        ("%% a comment\nstateDiagram-v2\na --> b", True),
        ("STRICT DIGRAPH { a -> b }", True),
        ("an agent that reads graphs", True),
    ],
)
def test_where_no_diagram_can_begin_none_is_looked_for(text: str, may: bool) -> None:
    """A text without the word that each diagram begins with holds none, and that is known without reading it."""
    assert may_draw(text) is may
    assert may or not diagrams_in(text, limits=DEFAULT_LIMITS)

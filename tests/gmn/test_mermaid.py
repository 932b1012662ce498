"""Documents as Mermaid flowcharts, by the rules of https://mermaid.js.org/syntax/flowchart.html."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmn_llm.gmn.mermaid import to_mermaid
from tests.gmn.builders import Graph

NODE = re.compile(r'  n_(\w+)(?:\(\["|\[/"|\{\{"|\["|>")([^"]*)(?:"\]\)|"/\]|"\}\}"?|"\])')
EDGE = re.compile(r"  n_\w+ (?:-->|-\.->|==>) n_\w+")
CODE = re.compile(r"#(\d+);")


def captions(graph: Graph) -> dict[str, str]:
    """What each node shows once Mermaid has turned entity codes back; every line has to be a node or an edge."""
    first, *lines = to_mermaid(graph.document).splitlines()
    assert first == "flowchart LR"
    shown = {}
    for line in lines:
        match = NODE.fullmatch(line)
        assert match or EDGE.fullmatch(line), line
        if match:
            shown[match[1]] = html.unescape(CODE.sub(r"&#\1;", match[2]))
    return shown


def labelled(*labels: str) -> Graph:
    """A factor with labels."""
    return Graph().axes("state", s=list(labels)).axes("action", a=2)


def test_labels_are_shown() -> None:
    """A node has its id, type, size and first eight labels."""
    assert captions(labelled("left", "right"))["s"] == "s<br/>state (2)<br/>of left, right"
    assert captions(labelled(*"abcdefghij"))["s"].endswith("of a, b, c, d, e, f, g, h, ...")


@pytest.mark.parametrize(
    "label",
    [
        'a "b" c', "end", "x]y", '"]', "{{q}}", "<b>bold</b>", "`code`", "*bold*", "_under_", "a_b", "#35;", "#quot;",
        "&amp;", "$$x^2$$", "%%{init: {}}%%", "%% comment", "fa:fa-car", "a|b", "back\\slash", "--> n_a", ";",
        "@{ shape: x }", ":::style", "subgraph", "é 猫 🐈", "'single'", "(round)", "50 %",
    ],
)  # fmt: skip
def test_signs_of_mermaids_are_text(label: str) -> None:
    """Quotes, brackets, directives, formulas and words of Mermaid's are shown as they are, and mean nothing."""
    assert captions(labelled(label, "other"))["s"] == f"s<br/>state (2)<br/>of {label}, other"
    line = next(line for line in to_mermaid(labelled(label, "other").document).splitlines() if "n_s(" in line)
    assert line.count('"') == 2
    for sign in ("`", "$$", "%%", "fa:", "<b>", "{", "|", "&"):
        assert sign not in line.replace('n_s(["', "")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_label_stays_on_its_line(label: str) -> None:
    """Whatever a label holds, a line is a node or an edge, and a long label is cut."""
    shown = captions(labelled(label, "other"))
    assert shown.keys() == {"s", "a"}
    assert len(shown["s"]) < 120


@pytest.mark.parametrize(
    "node_id", ["end", "graph", "subgraph", "style", "click", "default", "class", "o", "x", "_o", "TB"]
)
def test_ids_that_are_words_of_mermaids(node_id: str) -> None:
    """A prefix keeps an id from being read as a word, or its first letter as the end of an arrow."""
    graph = Graph().axes("state", **{node_id: 2}).axes("observation", seen=2).axes("action", act=2)
    graph.likelihood("A1", "seen", [node_id], {"kind": "identity"})
    assert captions(graph)[node_id].startswith(f"{node_id}<br/>state")
    assert f"  n_{node_id} --> n_A1" in to_mermaid(graph.document).splitlines()

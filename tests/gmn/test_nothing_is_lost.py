"""Whatever a foreign document holds is found again in what was read or written, or is named in what is told."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmn_llm import GMNSpec, GMNValidationError, validate_gmn
from gmn_llm.gmn.notation import print_brace, print_section
from tests.fuzz import drawn
from tests.gmn.builders import Graph, cases

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
UNKNOWN = ("hue", "weight_of_it", "ours", "x-rayed", "é", "a b", "kind", "remarks")
ALIASES = {
    "vector": "distribution", "num_states": "size", "num_observations": "size", "num_actions": "size",
    "policy_len": "planning_horizon",
}  # fmt: skip
LABELS = {"state": "state_names", "observation": "observation_names", "action": "action_names"}


def leaves(value: Any) -> Iterator[Any]:
    """Every string, number and truth value in ``value``."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    elif value is not None:
        yield value


def keys(value: Any) -> Iterator[str]:
    """Every key in ``value``."""
    if isinstance(value, dict | list):
        yield from value if isinstance(value, dict) else ()
        for item in value.values() if isinstance(value, dict) else value:
            yield from keys(item)


def missing(given: Any, kept: Any, told: str) -> list[Any]:
    """The leaves and keys of ``given`` that are neither in ``kept`` nor named in ``told``."""
    there, known = list(leaves(kept)), set(keys(kept))
    lost = [leaf for leaf in leaves(given) if leaf not in there and str(leaf) not in told]
    return lost + [key for key in keys(given) if key not in known and key not in told]


class Marks:
    """Values that stand nowhere else, so that each is known again."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1_000_001)

    def value(self, draw: st.DrawFn) -> Any:
        """A text, a number, or a list or object of them."""
        shape = draw(st.integers(0, 3))
        number = next(self._numbers)
        simple: list[Any] = [f"mark {number}", number, number + 0.5]
        if shape < 2:
            return draw(st.sampled_from(simple))
        return simple if shape == 2 else {f"key{number}": simple[0], "inner": [simple[1], {"deep": simple[2]}]}


@st.composite
def foreign(draw: st.DrawFn) -> Any:
    """A document with metadata and properties that nobody knows, and with names of other dialects."""
    document, marks = copy.deepcopy(draw(drawn.models())), Marks()
    for part in [document, *document["nodes"], *document["edges"]]:
        if draw(st.booleans()):
            part["metadata"] = {draw(st.sampled_from(UNKNOWN)): marks.value(draw)}
        if part is not document and draw(st.booleans()):
            part["properties"] = {**part.get("properties", {}), draw(st.sampled_from(UNKNOWN)): marks.value(draw)}
    for node in document["nodes"]:
        properties = node["properties"]
        for key in list(properties):
            other = LABELS.get(node["type"], key) if key == "labels" else ALIASES.get(key, key)
            if draw(st.booleans()) and other not in properties:
                properties[other] = properties.pop(key)
        if draw(st.booleans()):
            node["name"] = node.pop("id")
        if draw(st.booleans()):
            node["type"] = node["type"].upper()
        if draw(st.integers(0, 3)) == 0 and "x-rayed" not in properties:
            del node["properties"]
            node |= {key: value for key, value in properties.items() if key not in ("type", "name", "id")}
    for edge in document["edges"]:
        if draw(st.booleans()):
            edge["from"], edge["to"] = edge.pop("source"), edge.pop("target")
    return document


def read(source: Any) -> GMNSpec | None:
    """The document, or None where it is refused, which is one of two right answers."""
    try:
        return GMNSpec.parse(source)
    except GMNValidationError:
        return None


def told_by(spec: GMNSpec) -> str:
    """All that a document has to tell of its reading, in one text."""
    return "\n".join([*map(str, spec.findings()), *spec.warnings])


@given(foreign())
@MANY
def test_a_foreign_document_keeps_all_it_says(document: Any) -> None:
    """Every value and key of a document in another dialect is in the canonical one or named; else it is refused."""
    for source in (document, json.dumps(document)):
        spec = read(source)
        if spec is None:
            assert not validate_gmn(source).ok
            continue
        assert missing(document, spec.document, told_by(spec)) == []


def rows() -> st.SearchStrategy[Any]:
    """Arrays that fit two states, two outcomes and one action, and others that do not."""
    table = st.lists(st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=2, max_size=2), min_size=2, max_size=2)
    return st.one_of(
        table, table.map(lambda one: [one]), st.lists(st.integers(0, 1), max_size=3), st.none(), st.just({"a": [2]})
    )


@st.composite
def listed(draw: st.DrawFn) -> Any:
    """A document in FreeAgentics' list form, with more than the form knows."""
    marks = Marks()
    document: Any = {"name": "x", "states": ["off", "on"], "observations": ["dark", "bright"], "actions": ["leave"]}
    parameters = {key: draw(rows()) for key in draw(st.sets(st.sampled_from("ABCD")))}
    if draw(st.booleans()):
        parameters[draw(st.sampled_from(["E", "gamma", *UNKNOWN]))] = marks.value(draw)
    document["parameters"] = draw(st.sampled_from([parameters, parameters, marks.value(draw)]))
    for key in draw(st.sets(st.sampled_from(["edges", "agent_type", "version", "description", *UNKNOWN]))):
        document[key] = f"mark {key}"
    if draw(st.booleans()):
        document["metadata"] = {draw(st.sampled_from(["list_form", "list_form_", "x"])): marks.value(draw)}
    return document


@given(listed())
@MANY
def test_the_list_form_keeps_all_it_says(document: Any) -> None:
    """What the list form says is in the graph, in its metadata, or named."""
    spec = read(document)
    if spec is None:
        assert not validate_gmn(document).ok
        return
    structure = {"states", "observations", "actions", "parameters", *"ABCD"}
    lost = missing(document, spec.document, told_by(spec))
    assert [item for item in lost if item not in structure] == []


@given(foreign())
@MANY
def test_texts_keep_all_they_say(document: Any) -> None:
    """A document with unknown properties and metadata, written in either text notation, is read as the same one."""
    spec = read(document)
    if spec is None:
        return
    for write in (print_brace, print_section):
        again = GMNSpec.parse(write(spec.document))
        lost = missing(spec.document, again.document, told_by(again))
        assert [item for item in lost if item not in ("properties", "metadata", "edges")] == []


@given(foreign())
@MANY
def test_expansion_keeps_all_that_is_no_array(document: Any) -> None:
    """Unknown properties and metadata of nodes and edges are in the expanded document, or named in its warnings."""
    spec = read(document)
    if spec is None or not validate_gmn(spec).ok:
        return
    expanded = spec.expand()
    kept = copy.deepcopy(spec.document)
    for node in kept["nodes"]:
        for key in ("matrix", "vector", "values", "preferred_observation", "state", "habits", "factor"):
            node.get("properties", {}).pop(key, None)
    assert missing(kept, expanded.document, "\n".join(expanded.warnings)) == []


def test_an_edge_that_says_more_is_not_lost_in_expansion() -> None:
    """What an edge of a carried preference holds goes with it; an ``updates`` that has no place is named."""
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "set"})
    graph.edge("B", "s", "updates").subject("C", "preference", "s", values=[0, 1])
    graph.document["edges"][-2]["metadata"] = {"note": "loop"}
    graph.document["edges"][-1]["metadata"] = {"note": "wish"}
    expanded = graph.spec.expand()
    carried = next(edge for edge in expanded.edges if edge.source == "C")
    assert (carried.target, carried.metadata) == ("o", {"note": "wish"})
    assert "the edge 'B' -> 's' (updates) is left out of the expanded document, with its metadata" in expanded.warnings
    assert all("'C'" not in said or "carried" in said for said in expanded.warnings)


BRACES = """\
model x "words" {{ version: "2" metadata: {{by: me}} }}
node state s {{ size: 2  labels: [off, on] }}
node state t {{ size: 2 }}
node observation o {{ size: 2 }}
node action a {{ size: 2 }}
node emission A {{ from: s  to: o  matrix: identity() }}
node transition B {{ from: [s, t, a]  to: [s, t]  matrix: identity()  hue: red  metadata: {{why: "both"}} }}
{more}
"""


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ("edge B -> o: influences { weight: 1000001 }", [1000001]),
        ("node belief D { state: s  start: on  x: [1000002, {y: z1000003}] }", ["on", 1000002, "z1000003"]),
        (
            'node llm_query q { "from": "mark 1" "metadata": "mark 2" metadata: {m: "mark 3"} }',
            ["mark 1", "mark 2", "mark 3"],
        ),
        ("node preference C { observation: o  values: {on: 1000004} }", [1000004]),
        ("node policy p { policy_len: 2  planning: f(g=h(i=1000005)) }", [1000005]),
    ],
)
def test_what_braces_say_is_kept(more: str, kept: list[Any]) -> None:
    """Fields that the notation gives a meaning, those it does not, quoted ones, and those of both copies of a node."""
    spec = GMNSpec.parse(BRACES.format(more=more))
    there = list(leaves(spec.document))
    assert [leaf for leaf in [*kept, "words", "2", "me", "off"] if leaf not in there] == []
    assert (there.count("red"), there.count("both")) == (2, 2)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("node state s { size: 2 } rubbish", "rubbish"),
        ("node state s { size: 2 lost }", "lost"),
        ("node state s { size: 2, x: [1 mark 2] }", "mark"),
        ("node emission A { matrix: f(kind=mark) }", "kind"),
        ("node emission A { matrix: {a: 1, a: 2} }", "a"),
        ("node transition B { to: s  factor: mark }", "mark"),
        ("node belief D { state: 5 }", "5"),
        ("model x { nodes: mark }", "nodes"),
        ("model x model mark", "model"),
        ("[nodes]\ns: state {size: 2}\nlost\n", "lost"),
        ("[nodes]\ns: state {size: 2} lost\n", "lost"),
    ],
)
def test_what_fits_nothing_is_named(text: str, named: str) -> None:
    """A word that no rule takes, a value given twice and a name that says two things are findings, never dropped."""
    with pytest.raises(GMNValidationError) as caught:
        GMNSpec.parse(text)
    assert any(named in finding.message for finding in caught.value.findings)


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in cases("valid")])
def test_the_valid_cases_keep_all_they_say(case: Any) -> None:
    """Each valid document of the cases is kept whole, whatever dialect it is in."""
    if "document" in case and "parameters" not in case["document"]:
        spec = GMNSpec.parse(case["document"])
        assert missing(case["document"], spec.document, told_by(spec)) == []

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmn_llm.gmn.notation import parse_brace, parse_section, print_brace, print_section, which_notation

from .documents import Document, documents, ids, without_empty
from .test_brace import WALKER
from .test_section import LIGHTS

NOTATIONS = {"brace": (print_brace, parse_brace), "section": (print_section, parse_section)}
THOROUGH = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FRAGMENTS = [
    *"[]{}(),:;\"'#=-> \n\t\r\\`",
    "node ",
    "edge ",
    "model ",
    "state ",
    "s",
    "key: ",
    "a=",
    "f(",
    "[nodes]\n",
    "[edges]\n",
    "[model]\n",
    "1",
    "->",
    '"x"',
    "[a, b]",
    "\ud800",
    "\x00",
    "\ufeff",
    "é",
]


@pytest.mark.parametrize("notation", NOTATIONS)
@THOROUGH
@given(document=documents)
def test_what_is_printed_is_read_as_the_same(document: Document, notation: str) -> None:
    """Printing and reading gives the same document, node for node and edge for edge, with no error."""
    write, read = NOTATIONS[notation]
    text = write(document)
    parsed = read(text, default_name="other")
    assert [finding for finding in parsed.findings if finding.code != "transposed"] == []
    assert without_empty(parsed.document) == document
    assert which_notation(text) == notation
    assert write(parsed.document) == text


@pytest.mark.parametrize("source", [WALKER, LIGHTS])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_from_one_notation_to_the_other(source: str, notation: str) -> None:
    """A document read in one notation and written in either is the same document."""
    document = (parse_section if source is LIGHTS else parse_brace)(source, default_name="x").document
    write, read = NOTATIONS[notation]
    assert without_empty(read(write(document), default_name="x").document) == without_empty(document)


@THOROUGH
@given(order=st.permutations(range(6)))
def test_any_order_of_edges_is_kept(order: list[int]) -> None:
    """Edges come back in the order they had, fields or not."""
    document = parse_brace(WALKER, default_name="x").document
    edges = document["edges"]
    document["edges"] = [edges[index] for index in order]  # type: ignore[index]
    assert parse_brace(print_brace(document), default_name="x").document["edges"] == document["edges"]


def test_the_brace_notation_reads_well() -> None:
    """What a person wrote in the usual form comes back in it, without statements for edges."""
    text = print_brace(parse_brace(WALKER, default_name="x").document)
    assert "edge " not in text
    assert "node emission E { from: place  to: seen  matrix: noisy_identity(accuracy=0.8) }\n" in text
    assert "node preference C { observation: seen  preferred: 5 }\n" in text


def test_long_values_are_broken() -> None:
    """No line grows past 100 signs for what can be broken; a row of numbers stays on its line."""
    matrix = [[round(0.1 * column, 1) for column in range(10)] for _ in range(4)]
    node = {"id": "E", "type": "likelihood", "properties": {"matrix": matrix}}
    lines = print_brace({"name": "x", "nodes": [node], "edges": []}).splitlines()
    assert lines[2:4] == ["  matrix: [", "    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],"]
    assert max(len(line) for line in lines) <= 100


@pytest.mark.parametrize(
    "document",
    [
        {"nodes": [{"id": "a", "type": "state", "label": "x"}]},
        {"nodes": [{"type": "state"}]},
        {"edges": [{"source": "a", "target": "b", "type": "updates", "weight": 1}]},
    ],
)
@pytest.mark.parametrize("write", [print_brace, print_section])
def test_what_has_no_place_is_not_dropped(document: Document, write: type[print_brace]) -> None:
    """A key that the notation has no place for is an error, never left out."""
    with pytest.raises(ValueError, match=r"^/(nodes|edges)/0 has "):
        write(document)


@THOROUGH
@given(text=st.text() | st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join))
def test_any_text_is_read(text: str) -> None:
    """No text makes the reader crash; each finding has a place in the text."""
    for read in (parse_brace, parse_section):
        for finding in read(text, default_name="x").findings:
            assert finding.line is not None
            assert 1 <= finding.line <= text.count("\n") + text.count("\r") + 1
            assert finding.column is not None
            assert finding.column >= 1
    which_notation(text)


@THOROUGH
@given(
    source=st.sampled_from([WALKER, LIGHTS]),
    cuts=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 12), st.sampled_from(["", *FRAGMENTS])), max_size=4),
)
def test_a_damaged_text_is_read(source: str, cuts: list[tuple[int, int, str]]) -> None:
    """A valid text with pieces cut out and put in gives a document or findings, and never a crash."""
    for start, length, piece in cuts:
        source = source[:start] + piece + source[start + length :]
    for read in (parse_brace, parse_section):
        parsed = read(source, default_name="x")
        assert set(parsed.document) >= {"name", "nodes", "edges"}


@given(names=st.lists(ids, min_size=1, max_size=5, unique=True))
def test_every_name_can_be_an_id(names: list[str]) -> None:
    """Ids that are no plain words are quoted wherever they stand."""
    document = {
        "name": "x",
        "nodes": [{"id": name, "type": "state", "properties": {}} for name in names],
        "edges": [{"source": name, "target": names[0], "type": "influences"} for name in names],
    }
    assert parse_brace(print_brace(document), default_name="y").document == document
    assert parse_section(print_section(document), default_name="y").document == document

"""Sentences about reading and telling that no other test holds, each with its example."""

from __future__ import annotations

import json

import pytest

from gmn_llm import GMNSpec, validate_gmn
from gmn_llm.findings import QUOTED, quote
from tests.fuzz.hostile import HEADER, LAMP, NODES
from tests.gmn.builders import example

FOR_PEOPLE = """\
model grid_explorer "Walks a small grid"          # optional header: name, description
node state position { type: discrete  size: 25  description: "Grid cell" }
node observation seen { type: discrete  size: 25 }
node action move { type: discrete  size: 5  labels: [up, down, left, right, stay] }
node emission E1 { from: position  to: seen  matrix: noisy_identity(accuracy=0.9) }
node transition T1 { from: [position, move]  to: position  matrix: grid(rows=5, cols=5) }
node preference C1 { observation: seen  preferred: 24 }
node belief D1 { state: position  start: 0 }      # comments run to the end of the line
"""


def test_the_example_for_people_is_the_example_for_machines() -> None:
    """The text makes the same arrays as the JSON document it stands for, without a word."""
    text, graph = GMNSpec.parse(FOR_PEOPLE), GMNSpec.parse(example())
    assert text.findings() == ()
    for key, arrays in text.to_pymdp().items():
        if key in "ABCD":
            others = graph.to_pymdp()[key]
            assert [array.tolist() for array in arrays] == [array.tolist() for array in others]


def test_octets_that_are_no_utf_8_have_a_place() -> None:
    """The first octet that is none is told with its line and column, in letters and not in octets."""
    octets = '{"name": "ä",\n "description": "öü?"}'.encode().replace(b"?", b"\xff")
    (found,) = validate_gmn(octets).findings
    assert (found.code, found.line, found.column) == ("json-syntax", 2, 20)
    (found,) = validate_gmn(LAMP.encode("utf-16")).findings
    assert (found.line, found.column) == (1, 1)


def test_one_byte_order_mark_is_no_sign_and_a_second_one_is() -> None:
    """For JSON, as octets and as text alike."""
    for text in ("\ufeff" + LAMP, ("\ufeff" + LAMP).encode()):
        assert validate_gmn(text).findings == ()
    for text in ("\ufeff\ufeff" + LAMP, ("\ufeff\ufeff" + LAMP).encode()):
        assert [finding.code for finding in validate_gmn(text).findings] == ["json-syntax"]


@pytest.mark.parametrize(
    "sign", ["\x00", "\x1b[31m", "\x7f", "\x9b", "\u202e", "\u2066", "\ufeff", "\ud800", "\U000e0001"]
)
def test_no_message_holds_a_sign_that_steers(sign: str) -> None:
    """What would steer a terminal, turn the direction of writing or stay unseen is escaped where input is quoted."""
    assert quote(f"a{sign}b").isprintable()
    documents = [
        json.loads(LAMP) | {f"key{sign}": 1},
        json.loads(LAMP) | {"edges": [{"source": "s", "target": "o", "type": "influences", "properties": {sign: 1}}]},
        HEADER + NODES.replace("size: 2", f'size: 2 "{sign}": 1', 1),
        json.dumps(json.loads(LAMP) | {f"key{sign}": 1}, ensure_ascii=False),
        LAMP.replace('"nodes"', f'{sign}"nodes"'),
        HEADER + NODES.replace("size", f"{sign}size", 1),
        f"some {sign} words",
    ]
    for document in documents:
        for finding in validate_gmn(document).findings:
            assert str(finding).isprintable()


def test_input_is_quoted_to_eighty_characters() -> None:
    """Also where every sign of it has to be escaped."""
    assert len(quote("\x00" * 1000)) == QUOTED
    assert len(quote("x" * 1000)) == QUOTED
    assert quote("ä 😀\n b") == "ä 😀 b"


@pytest.mark.parametrize(
    "text",
    [
        "model x\nnode", "model x\nnode state", "model x\nnode state s", "model x\nnode state s {", "model x\nnode state s { size }",
        "model x\nnode state s { size: }", "model x\nnode state s { size: 2 ]", "model x\nnode state s { : 2 }", "model x }",
        "model x model y", "model x\nedge a", "model x\nedge a ->", "model x\nedge a -> b", "model x\nedge a -> b:", "model x [nodes]",
        "model x\nnode emission A { matrix: f(1) }", "model x\nnode emission A { matrix: f(a: 1) }", "model x\nnode a b c {}",
        "[nodes]\ns", "[nodes]\ns:", "[nodes]\ns: state {", "[nodes]\ns: state }", "[edges]\na", "[edges]\na ->", "[edges]\na b",
        "[nodes]\nnode state s {}", "[model]\nname", "[nodes]\n{", "[nodes]\n->", "[nodes]\n[1, 2]", "[nodes] x",
        "node belief D { state: 5 }", "node emission A { from: 5 }", "model x { nodes: 1 }", "model x\nnode state s { x: 'open }",
    ],
)  # fmt: skip
def test_every_mistake_in_a_text_has_a_hint(text: str) -> None:
    """Whatever is left out or too much, there is a place and something to do about it."""
    found = validate_gmn(text).errors
    assert found
    for finding in found:
        assert finding.hint
        assert finding.line is not None


def test_what_was_changed_is_told_beside_what_is_wrong() -> None:
    """A text without a name and with a number that overflows has both findings."""
    found = validate_gmn("[nodes]\ns: state {num_states: 1e400}")
    assert [finding.code for finding in found.findings] == ["not-finite", "added-default"]

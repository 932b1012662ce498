from __future__ import annotations

import pytest

from gmn_llm.findings import Finding
from gmn_llm.gmn.notation import parse_brace, parse_section
from gmn_llm.gmn.notation.reader import MOST_FINDINGS


def errors(text: str, *, section: bool = False) -> list[Finding]:
    parse = parse_section if section else parse_brace
    return [finding for finding in parse(text, default_name="x").findings if finding.severity == "error"]


def places(text: str, *, section: bool = False) -> list[tuple[int | None, int | None]]:
    return [(finding.line, finding.column) for finding in errors(text, section=section)]


MANY = """\
model m
node state s { size: 2  description: a cell of the board }
nod action a { size: 2 }
node observation o { size: }
node action b
  size: 3
}
node emission E { from: s  to: o  matrix: [[1, 0] [0, 1]] }
node transition T { from: [s, b  to: s }
node belief D { state: s  start = 0 }
node preference C { observation: o  preferred: 1
node llm_query q { prompt_template: "never closed }
"""


def test_all_mistakes_in_one_pass() -> None:
    """Each mistake of a text is reported once, at its line and column, and none hides the next."""
    assert places(MANY) == [
        (2, 40),
        (3, 1),
        (4, 28),
        (6, 3),
        (8, 51),
        (9, 34),
        (10, 27),
        (11, 19),
        (12, 37),
    ]
    assert {finding.code for finding in errors(MANY)} == {"text-syntax"}


def test_what_is_right_is_still_read() -> None:
    """The statements around the mistakes are read."""
    document = parse_brace(MANY, default_name="x").document
    ids = [node["id"] for node in document["nodes"]]  # type: ignore[attr-defined]
    assert ids == ["s", "o", "b", "E", "T", "D", "C", "q"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("node state s { size 5 }", 1, 16, "expected a field (`key: value`) or `}`, found size", ""),
        (
            "node state s { x: some words }",
            1,
            24,
            "found words",
            "a text of several words stands in double quotes",
        ),
        ("node state s { x: [1, 2,] }", 1, 25, "expected a value, found ]", "leave out the comma before it"),
        ("node state s { x: [1, 2 }", 1, 25, "expected `,` or `]`, found }", ""),
        ("node state s { x: y: 1 }", 1, 19, "expected a value, found y:", "write a value after x:"),
        (
            "node state s { x: grid(5, 5) }",
            1,
            24,
            "expected an argument (`name=value`) or `)`, found 5",
            "in parentheses",
        ),
        ("node state s { x: grid(rows: 5) }", 1, 24, "found rows:", "`key=value` in parentheses"),
        ('node state s { x: "abc }', 1, 19, 'a quoted text is not closed: "abc', "close the quote"),
        ('node state s { x: "a\\qb" }', 1, 19, "escape", "escapes are those of JSON"),
        ('node state s { x: "a\x00b" }', 1, 19, "control character U+0000", ""),
        ('node state s { x: ["a", "\\ud800"] }', 1, 19, "lone surrogate", ""),
        ("node state s { x: \ud800 }", 1, 19, "lone surrogate", "write whole characters"),
        ("node state s { x: \x00 }", 1, 19, "expected a value, found \\x00", ""),
        ("```\nnode state s {}", 1, 1, "found ```", "no fence around it"),
        ("node state s {}\nmodel late", 2, 1, "found model", "the header stands first, and once"),
        ("model a\nmodel b", 2, 1, "found model", "the header stands first, and once"),
        ("node state s {", 1, 14, "the bracket of { is not closed before the end", "close it"),
        ("node state", 1, 11, "expected a name, found the end of the text", ""),
        ("node state s", 1, 13, "expected `{`, found the end of the text", ""),
        ("node state s {} }", 1, 17, "found }", ""),
        ("edge a b: influences", 1, 8, "expected `->`, found b:", ""),
        ("edge a -> b", 1, 11, "expected `name:`, found b", ""),
        ("[nodes]", 1, 1, "found [nodes]", ""),
        ("model m { nodes: [] }", 1, 11, "nodes can't be a field", "one by one"),
        (
            "node emission E { from: [s, 5] }",
            1,
            25,
            "`from` takes a name or a list of names, not ['s', 5]",
            "",
        ),
        ("node belief D { state: 0 }", 1, 24, "`state` takes a name or a list of names, not 0", "`start:`"),
    ],
)
def test_one_mistake(text: str, line: int, column: int, message: str, hint: str) -> None:
    """A mistake is told once, with its place, what was expected and what to do."""
    found = errors(text)
    assert [(finding.line, finding.column) for finding in found] == [(line, column)]
    assert message in found[0].message
    assert hint in found[0].hint


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("[nodes]\nmy node\nb: state", 2, 1, "expected `name:`"),
        (
            "[nodes]\na: state {num_states: 3\n[edges]\n",
            2,
            10,
            "the bracket of { is not closed before [edges]",
        ),
        ("[edges]\na -> b\nb -> c: influences", 2, 6, "expected `name:`, found b"),
        ("[edges]\na b\nb -> c: influences", 2, 3, "expected `->`, found b"),
        ("[nodes]\n[other]\nx: state", 2, 1, "found [other]"),
        ("junk\n[nodes]\nb: state", 1, 1, "expected `[model]` or `[nodes]` or `[edges]`"),
        ("[nodes]\na -> b: depends_on", 2, 1, "found a"),
    ],
)
def test_one_mistake_in_sections(text: str, line: int, column: int, message: str) -> None:
    """A line of the section notation that fits nothing is told, and the next line is read."""
    found = errors(text, section=True)
    assert [(finding.line, finding.column) for finding in found] == [(line, column)]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("node state s { size: 4  size: 5 }", 25),
        ("node state s { size: 4  num_states: 5 }", 25),
        ("node state s { x: {a: 1, a: 2} }", 26),
        ("node state s { x: f(a=1, a=2) }", 26),
        ("node emission s { from: a  from: b }", 28),
        ("model m { name: n }", 11),
    ],
)
def test_repeated_keys(text: str, column: int) -> None:
    """A key that stands twice, under whichever name, is `duplicate-key` at the second."""
    assert [(finding.code, finding.column) for finding in errors(text)] == [("duplicate-key", column)]


def test_two_factors_for_one_transition() -> None:
    """A `to` and a `factor` that differ are `ambiguous-factor`."""
    assert [finding.code for finding in errors("node transition T { to: a  factor: b }")] == ["ambiguous-factor"]


def test_findings_stand_in_the_order_of_the_text() -> None:
    """Findings of the reader and of the fields are sorted by place."""
    text = "node belief D { state: 0 }\nnod\nnode state s { size: 4  size: 5 }"
    assert places(text) == [(1, 24), (2, 1), (3, 25)]


def test_input_is_quoted_short() -> None:
    """No message quotes more than 80 characters of input."""
    for finding in errors("node state s { x: y " + "z" * 10_000 + " }"):
        assert len(finding.message) < 200


def test_there_is_an_end_to_mistakes() -> None:
    """After a hundred mistakes reading stops, and says so."""
    found = errors("junk\n" * 1000)
    assert len(found) == MOST_FINDINGS + 1
    assert "the text was read no further" in found[-1].message


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("[" * 2**20, False),
        ("[" * 2**20, True),
        ("{" * 2**20, False),
        ("node state s { a: " + "[" * 2**20, False),
        ("node state s { a: " + "f(a=" * 2**18, False),
        ("node state s { a: " + "f(" * 2**18, False),
        ("node state s { a: " + "[1, " * 70, False),
        ("[nodes]\ns: state {a: " + "{a: " * 2**18, True),
    ],
)
def test_nesting_is_limited(text: str, *, section: bool) -> None:
    """Brackets past 64 levels are `size-limit`, before a document is made of them."""
    assert "size-limit" in {finding.code for finding in errors(text, section=section)}


def test_64_levels_are_read() -> None:
    """As many levels as there may be are read without recursion trouble."""
    assert errors("node state s { a: " + "[" * 63 + "]" * 63 + " }") == []
    assert [finding.code for finding in errors("node state s { a: " + "[" * 64 + "]" * 64 + " }")] == ["size-limit"]


@pytest.mark.parametrize(
    "text",
    [
        '"' * 100_001,
        '"' + '\\"' * 50_000,
        '"["\\' * 30_000,
        "node state s { x: [1" + "," * 100_000,
        "a " * 50_000,
        "'" * 3 + "a'" * 50_000,
        "-" * 100_000,
        "a-" * 50_000 + ">",
        "node " * 20_000,
        ";" * 100_000,
        "\x00" * 100_000,
        "node state s { labels: [" + "label, " * 20_000,
        "} " * 50_000,
        '"' + "} " * 50_000,
        "#" * 100_000,
    ],
)
def test_long_rubbish_ends(text: str) -> None:
    """A long text of one sign is read in time proportional to its length, and reported."""
    for parse in (parse_brace, parse_section):
        assert parse(text, default_name="x").findings


def test_a_million_labels() -> None:
    """A label list of a million is read; what may be so long is for the checks to say."""
    labels = [f"l{k}" for k in range(1_000_000)]
    parsed = parse_brace(f"model m node state s {{ size: 2 labels: [{', '.join(labels)}] }}", default_name="x")
    assert parsed.document["nodes"][0]["properties"]["labels"] == labels  # type: ignore[index]


def test_a_long_text_is_told_of_its_open_brackets() -> None:
    """A long list that nothing closes is told with the brackets around it, each where it opens."""
    text = "model m\nnode state s {\n x: [" + "1, " * 50_000
    assert places(text) == [(2, 14), (3, 5)]
    assert places(text.replace("[", "[don't, [1], ", 1)) == [(2, 14), (3, 5)]


def test_a_long_text_is_read_past_an_open_bracket() -> None:
    """A statement behind a long list that nothing closes is read, and told as well."""
    text = "model m\nnode state s { x: [" + "1, " * 50_000 + "\nnode state t { size: }"
    assert [place[0] for place in places(text)] == [2, 2, 3]


def test_fields_given_twice_are_told_up_to_a_hundred() -> None:
    """Of many fields that are given twice the first hundred are told, and then that there are more."""
    found = errors("node state s { size: 1 " + "size: 2 " * 5_000 + "}")
    assert {finding.code for finding in found} == {"duplicate-key"}
    assert len(found) == MOST_FINDINGS + 1
    assert "read no further" in found[-1].message


def test_a_transition_to_very_many_is_refused() -> None:
    """A transition that would stand for a hundred thousand is told, and none of them is made."""
    targets = ", ".join(f"s{k}" for k in range(100_000))
    (found,) = errors(f"node transition T {{ to: [{targets}] }}")
    assert (found.code, found.line, found.column) == ("size-limit", 1, 1)

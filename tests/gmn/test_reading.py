"""Reading strictly: what is handed in, what is too large, and where in a text a finding is."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gmn_llm import GMNSpec, validate_gmn
from gmn_llm.findings import QUOTED, Finding
from gmn_llm.gmn import Limits, Node
from gmn_llm.gmn.json_text import parse_json
from gmn_llm.gmn.positions import JsonPlaces, escape
from tests.gmn.builders import Graph, cases, example

MIB = 2**20


def without_metadata() -> dict[str, Any]:
    """The example without the key that the texts here add."""
    return {key: value for key, value in example().items() if key != "metadata"}


TEXT = json.dumps(without_metadata(), indent=1)


def only(source: Any, **more: Any) -> Finding:
    """The one finding about a document."""
    (finding,) = validate_gmn(source, **more).findings
    return finding


# What is handed in


@pytest.mark.parametrize("source", [None, 5, 2.5, True, [], [example()], {1, 2}, Path("model.json"), object], ids=str)
def test_what_is_no_document_is_a_finding(source: object) -> None:
    """Anything but a mapping or a text is told, not raised."""
    assert only(source).code == "schema"


def test_bytes_are_text_in_utf_8() -> None:
    """Bytes are read as UTF-8, with or without a byte-order mark; anything else is told."""
    document = {**example(), "description": "äöü 😀"}
    text = json.dumps(document, ensure_ascii=False)
    for source in (text.encode(), b"\xef\xbb\xbf" + text.encode(), bytearray(text.encode()), "\ufeff" + text):
        assert GMNSpec.parse(source).document == document  # type: ignore[arg-type]  # bytearrays are read as well
    assert only(text.encode("utf-16")).code == "json-syntax"
    assert only(b"\xff\xfe\x00").code == "json-syntax"


def test_line_ends_and_tabs_do_not_matter() -> None:
    """CRLF and tabs are blanks."""
    assert GMNSpec.parse(TEXT.replace("\n", "\r\n\t")).document == without_metadata()


def test_numpy_has_a_place_in_a_mapping() -> None:
    """NumPy's numbers and arrays, tuples and whole numbers as keys are turned into what JSON has."""
    graph = Graph().axes("state", s=np.int64(3)).axes("observation", o=np.uint8(3)).axes("action", a=1)
    graph.likelihood("A", "o", ["s"], np.eye(3)).transition(
        "B", ["s", "a"], [(row,) for row in ()] or np.eye(3)[..., None]
    )
    graph.subject("C", "preference", "o", values={0: np.float32(0.5), 2: 1}).subject(
        "D", "belief", "s", state=np.int32(1)
    )
    graph.document["metadata"] = {"flag": np.bool_(True), "word": np.str_("x"), "pair": (1, 2)}  # NumPy's
    spec = graph.spec
    assert spec.document["metadata"] == {"flag": True, "word": "x", "pair": [1, 2]}
    assert type(spec.nodes[0].properties["num_states"]) is int
    assert spec.to_pymdp()["C"][0].tolist() == [0.5, 0, 1]
    assert json.loads(spec.to_json()) == spec.document


def test_models_have_a_place_in_a_mapping() -> None:
    """Nodes that are objects already are read as what they say."""
    document = example()
    document["nodes"] = [Node(**node) for node in document["nodes"]]
    assert GMNSpec.parse(document).document == example()


@pytest.mark.parametrize("value", [{1}, b"x", Decimal(1), 1j, np.datetime64("2024-01-01"), object, {1.5: 2}], ids=str)
def test_what_json_has_no_form_for_is_told_at_its_place(value: object) -> None:
    """A set, bytes, a decimal and the like are findings where they stand."""
    finding = only({**example(), "metadata": {"x": [value]}})
    assert finding.code == "schema"
    assert finding.path.startswith("/metadata/x/0")


def test_keys_that_become_the_same() -> None:
    """1 and "1" are one key in JSON."""
    assert only({**example(), "metadata": {1: 2, "1": 3}}).code == "duplicate-key"


def test_a_size_may_be_written_as_a_float() -> None:
    """25.0 is an integer to JSON Schema, and is written as 25."""
    spec = GMNSpec.parse(TEXT.replace('"num_states": 25', '"num_states": 2.5e1'))
    assert type(spec.nodes[0].properties["num_states"]) is int
    assert spec == GMNSpec.parse(TEXT)


# What is too large


def nested(levels: int) -> str:
    """A document with a list of so many levels, counting the document's own three."""
    return TEXT[:-1] + ', "metadata": {"x": ' + "[" * (levels - 2) + "]" * (levels - 2) + "}}"


def test_sixty_four_levels_are_read_and_sixty_five_are_not() -> None:
    """Levels of lists and objects are counted, brackets in strings are not, in texts and in mappings."""
    assert validate_gmn(nested(64)).ok
    assert only(nested(65)).code == "size-limit"
    assert validate_gmn(json.loads(nested(64))).ok
    assert only(json.loads(nested(65))).code == "size-limit"
    assert validate_gmn({**example(), "description": "[{" * 200}).ok
    assert validate_gmn(json.dumps({**example(), "description": '["' * 200})).ok


LARGE = {
    "brackets": ("[" * MIB, "size-limit"),
    "braces": ('{"a":' * (MIB // 5), "size-limit"),
    "closed brackets": ("[" * 5000 + "]" * 5000, "size-limit"),
    "pairs": ("[]" * (MIB // 2), "json-syntax"),
    "quotes": ("{" + '"\\"' * (MIB // 3), "json-syntax"),
    "escapes": ('{"' + '\\"' * (MIB // 2), "json-syntax"),
    "backslash at the end": ("[" * 64 + '"' + '\\"' * (MIB // 2) + "\\", "json-syntax"),
    "blanks": (" " * MIB, "json-syntax"),
    "letters": ("x" * MIB, "text-syntax"),
    "lines": ("x\n" * (MIB // 2), "text-syntax"),
    "digits": ('{"name": ' + "9" * MIB + "}", "not-finite"),
    "minus digits": ('{"name": -' + "9" * 5000 + "}", "not-finite"),
    "a long key": ('{"name": "x", "nodes": [], "' + "k" * MIB + '": 1}', "size-limit"),
    "a long string": (json.dumps({**example(), "description": "x" * 65537}), "size-limit"),
    "a long string of wide letters": (
        json.dumps({**example(), "description": "ä" * 32769}, ensure_ascii=False),
        "size-limit",
    ),
    "many unknown keys": (json.dumps({**example(), **{f"k{k}": 1 for k in range(50_000)}}), "schema"),
}


@pytest.mark.parametrize(("source", "code"), LARGE.values(), ids=LARGE)
def test_a_large_text_is_told_what_fits(source: str, code: str) -> None:
    """A megabyte of anything is a finding, and quoted no further than a line."""
    finding = validate_gmn(source).findings[0]
    assert finding.code == code
    assert len(finding.message) < 10 * QUOTED
    assert len(finding.hint) < 10 * QUOTED


def test_a_text_may_have_so_many_bytes() -> None:
    """The limit counts bytes of UTF-8, and is a setting."""
    text = json.dumps({**example(), "description": "ä" * 100}, ensure_ascii=False)
    size = len(text.encode())
    assert validate_gmn(text, limits=Limits(document_bytes=size)).ok
    for source in (text, text.encode()):
        assert only(source, limits=Limits(document_bytes=size - 1)).code == "size-limit"


def graph_of(nodes: int, edges: int) -> dict[str, Any]:
    """A valid document of so many nodes and edges."""
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "set"})
    for k in range(nodes - 5):
        graph.node(f"q{k}", "llm_query")
    for _ in range(edges - 4):
        graph.edge("s", "o", "influences")
    return graph.document


def test_nodes_and_edges_are_counted() -> None:
    """500 nodes and 5,000 edges are read; one more of either is too many, however it is handed in."""
    assert validate_gmn(graph_of(500, 5000)).findings == ()
    for document, path in ((graph_of(501, 10), "/nodes"), (graph_of(10, 5001), "/edges")):
        for source in (document, json.dumps(document), GMNSpec.model_validate(document)):
            finding = only(source)
            assert (finding.code, finding.path) == ("size-limit", path)


HUGE = {
    "10^9 states": ("s", {"num_states": 10**9}, {"size-limit"}),
    "10^300 states": ("s", {"num_states": 10**300}, {"size-limit"}),
    "10^400 states": ("s", {"num_states": 10**400}, {"not-finite"}),
    "10^5000 states": ("s", {"num_states": 10**5000}, {"not-finite"}),
    "a million labels": ("s", {"num_states": 10**6, "labels": [str(k) for k in range(10**6)]}, {"size-limit"}),
    "a million labels for two": ("s", {"labels": ["x"] * 10**6}, {"label-count"}),
    "rows beyond any board": ("B", {"matrix": {"kind": "grid", "rows": 10**300, "cols": 1}}, {"shape"}),
    "walls beyond any board": (
        "B", {"matrix": {"kind": "grid", "rows": 1, "cols": 2, "walls": [[10**300, 0]]}}, {"bad-reference"},
    ),
    "a matrix of 10^6 numbers": ("A", {"matrix": [[0.5] * 10**6] * 2}, {"shape"}),
    "a matrix of 10^6 words": ("A", {"matrix": [["x"] * 10**6] * 2}, {"schema"}),
    "a vector of 10^400": ("C", {"vector": [10**400, 1]}, {"not-finite"}),
    "many rules": ("B", {"matrix": {"kind": "rules", "rules": [{"when": {}, "then": {"9": 1}}] * 10**4}}, {"bad-reference"}),
}  # fmt: skip


@pytest.mark.parametrize(("node", "properties", "codes"), HUGE.values(), ids=HUGE)
def test_a_huge_value_is_told_before_memory_is_taken_for_it(
    node: str, properties: dict[str, Any], codes: set[str]
) -> None:
    """What would not fit is a finding; nothing is expanded for it, and no number fills a message."""
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.likelihood("A", "o", ["s"], {"kind": "identity"}).transition("B", ["s", "a"], {"kind": "set"})
    graph.subject("C", "preference", "o", vector=[0, 1])
    next(n for n in graph.document["nodes"] if n["id"] == node)["properties"].update(properties)
    tracemalloc.start()
    try:
        found = validate_gmn(graph.document).findings
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert codes <= {finding.code for finding in found}
    assert peak < 300 * MIB
    assert all(len(finding.message) < 10 * QUOTED for finding in found)


def test_plain_digits_in_messages() -> None:
    """A large size is written in plain digits."""
    graph = Graph().axes("state", s=10**9).axes("observation", o=2).axes("action", a=2)
    assert "1000000000" in validate_gmn(graph.document).errors[0].message


def test_many_parents_are_too_many_numbers() -> None:
    """A likelihood of thirty factors of a hundred states is told, and so are the policies of five hundred actions."""
    names = [f"s{k}" for k in range(30)]
    graph = Graph().axes("state", **dict.fromkeys(names, 100)).axes("observation", o=2).axes("action", a=2)
    found = validate_gmn(graph.likelihood("A", "o", names, {"kind": "uniform"}).document).errors
    assert [finding.code for finding in found] == ["size-limit"]
    graph = Graph().axes("state", **{f"s{k}": 2 for k in range(150)}).axes("observation", o=1)
    graph.axes("action", **{f"a{k}": 9000 for k in range(150)}).node("plan", "policy", policy_len=10**9)
    for k in range(150):
        graph.transition(f"B{k}", [f"s{k}", f"a{k}"], {"kind": "identity"})
    assert {finding.code for finding in validate_gmn(graph.document).errors} == {"size-limit"}


def test_thousands_of_faults_are_told_in_one_pass() -> None:
    """Edges to nowhere, rules that fit nothing and properties nobody knows, by the thousand: told, up to 1,000 errors."""
    document = graph_of(500, 5000)
    for k, edge in enumerate(document["edges"]):
        edge.update(source=f"from_{k}", target=f"to_{k}")
    assert [f.code for f in validate_gmn(document).findings].count("dangling-edge") == 1000
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    rules = [{"when": {"a": 7}, "then": {"9": 2}}] * 100_000
    graph.transition("B", ["s", "a"], {"kind": "rules", "rules": rules})
    assert len(validate_gmn(graph.document).errors) == 1000
    graph = Graph().axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    graph.document["nodes"][0]["properties"].update({f"num_state{k}": 1 for k in range(5_000)})
    found = validate_gmn(json.dumps(graph.document)).findings
    assert {finding.code for finding in found} >= {"schema", "unknown-property"}


def test_a_value_within_itself_and_one_in_many_places() -> None:
    """A list that holds itself ends, and one that doubles at every level costs what is there, not what it stands for."""
    circle: list[Any] = []
    circle.extend([circle, circle])
    found = validate_gmn({**example(), "metadata": {"x": circle}}).findings
    assert {finding.code for finding in found} == {"size-limit"}
    doubled: list[Any] = [1]
    for _ in range(50):
        doubled = [doubled, doubled]
    assert only({**example(), "metadata": {"x": doubled}}).code == "size-limit"


def test_a_large_document_without_fault_is_read() -> None:
    """Ten thousand states, and a matrix of a million numbers, are within the limits."""
    graph = Graph().axes("state", s=1000).axes("observation", o=1000).axes("action", a=1)
    graph.likelihood("A", "o", ["s"], np.eye(1000).tolist()).transition("B", ["s", "a"], {"kind": "identity"})
    assert validate_gmn(json.dumps(graph.document)).findings == ()
    # A fault elsewhere in it is told as in a small one.
    graph.document["nodes"][0]["properties"]["num_states"] = "1000"
    assert only(json.dumps(graph.document)).path == "/nodes/0/properties/num_states"


# Where in a text


def test_every_value_of_a_text_has_its_place() -> None:
    """Each value stands where its pointer says, whatever strings, blanks and numbers are around it."""
    document = {
        "a": [1, -2.5e3, "x", {"b/c": None, "d~e": [True, []]}],
        'quo"te, {[': {"": {"ä": "ö\\"}},
        "long": [[[k, str(k)] for k in range(3)], {}],
    }
    for text in (
        json.dumps(document),
        json.dumps(document, indent=3),
        json.dumps(document, ensure_ascii=False, indent="\t"),
    ):
        places, lines = JsonPlaces(text), text.split("\n")
        for pointer, value in _values(document, ""):
            line, column = places.find(pointer) or (0, 0)
            rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
            assert json.JSONDecoder().raw_decode(rest)[0] == value, pointer


def _values(value: Any, pointer: str) -> Any:
    yield pointer, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _values(item, f"{pointer}/{escape(key)}")


def test_a_place_that_is_not_there_is_that_of_what_is_around_it() -> None:
    """A missing key is told at its object."""
    places = JsonPlaces('{"a": [1,\n  {"b": 2}]}')
    assert places.find("/a/1/c/d") == places.find("/a/1") == (2, 3)
    assert places.find("/a/7") == places.find("/a") == (1, 7)
    assert places.find("/x") == (1, 1)
    assert places.find("/a/0/x") == (1, 8)


def test_keys_that_stand_twice_are_all_told() -> None:
    """Every second one, at any depth, with its pointer and place."""
    text = '{"a": {"b": 1, "c": [{"d": 1,\n"d": 2}], "b": 3},\n "a": 4, "\\u0061": 5}'
    found = [(f.path, f.line, f.column) for f in validate_gmn(text).findings]
    assert found == [("/a/c/0/d", 2, 1), ("/a/b", 2, 11), ("/a", 3, 2), ("/a", 3, 10)]


def test_broken_json_comes_before_keys_that_stand_twice() -> None:
    """A text that is no JSON is told as that alone."""
    assert only('{"a": 1, "a": 2} x').code == "json-syntax"
    assert only('{"x": {"a": 1, "a": 2}, ]').code == "json-syntax"


def test_a_finding_about_an_alias_has_a_place() -> None:
    """Where the canonical pointer is not in the text the nearest one is told."""
    text = '{"name": "x", "nodes": [\n {"name": "s", "type": "STATE",\n  "size": "4"}]}'
    found = {finding.code: (finding.line, finding.column) for finding in validate_gmn(text).findings}
    assert found == {"schema": (2, 2), "alias": (2, 2)}


def test_a_document_remembers_its_text() -> None:
    """Findings of a document that was read from a text have line and column; of one that was not they have none."""
    text = json.dumps(dict(cases("invalid"))["shape-grid"]["document"], indent=1)
    (finding,) = GMNSpec.parse(text).findings()
    assert text.split("\n")[(finding.line or 0) - 1][(finding.column or 0) - 1] == "{"
    (finding,) = GMNSpec.parse(json.loads(text)).findings()
    assert (finding.line, finding.column) == (None, None)


def test_an_ordinary_text_is_not_looked_at_twice() -> None:
    """Strings and numbers that only look suspicious are values like any other."""
    text = '{"a": "NaN", "b": "Infinity and 1e999", "c": 1e-400, "d": "\\ud83d\\ude00", "e": 12e+2}'
    assert parse_json(text) == ({"a": "NaN", "b": "Infinity and 1e999", "c": 0.0, "d": "😀", "e": 1200.0}, ())


@pytest.mark.parametrize(
    "text", ["", "   \n", "[nodes", "nodes:", "```", "{", "}", "null", '"x"', "<xml/>", "\x00", "model"]
)
def test_a_text_that_is_nothing_is_told_what_was_expected(text: str) -> None:
    """Every text that is no document has a finding with a place."""
    finding = validate_gmn(text).findings[0]
    assert finding.code in {"json-syntax", "text-syntax", "missing-node", "added-default"}
    assert finding.line is not None or finding.code == "missing-node"


# Keys that stand twice, and floods


def test_keys_that_stand_twice_hide_nothing() -> None:
    """Numbers that are none and lone surrogates are told beside the keys that stand twice, also in what they hide."""
    text = (
        '{"name": "\\ud800", "name": "x", "nodes": [{"id": "s", "type": "state", "properties": {"num_states": 1e999}}]}'
    )
    found = validate_gmn(text).findings
    assert sorted((finding.code, finding.path) for finding in found) == [
        ("duplicate-key", "/name"), ("json-syntax", "/name"), ("not-finite", "/nodes/0/properties/num_states"),
    ]  # fmt: skip


@pytest.mark.parametrize("hidden", ['{"x": NaN}', "[0, NaN]", '{"%s": NaN}' % ("9" * 5_000)], ids=len)
def test_a_number_in_hidden_nodes_is_told(hidden: str) -> None:
    """What is wrong with nodes that an equal key hides is told, whatever form they have."""
    codes = {finding.code for finding in validate_gmn(f'{{"nodes": {hidden}, "nodes": []}}').findings}
    assert codes == {"duplicate-key", "not-finite"}


def test_places_are_right_in_long_texts() -> None:
    """Lines and columns are counted from 1, also far into a text of many lines."""
    text = "{" + "\n" * 70_000 + ' "a": 1,\n' + " " * 70_000 + '"b": 2}'
    places = JsonPlaces(text)
    assert places.find("/b") == (70_002, 70_006)
    assert places.find("/a") == (70_001, 7)


def test_a_list_at_the_top_is_no_document() -> None:
    """A text that begins with something else than an object is told what was expected, unless its name says JSON."""
    assert (only("\n [1, 2]").code, only("\n [1, 2]").line, only("\n [1, 2]").column) == ("json-syntax", 2, 2)
    assert only("[1, 2]", filename="x.json").code == "schema"


def test_a_long_string_in_a_long_text_is_told() -> None:
    """A string that is too long is found among quotation marks that are escaped, and rows of numbers are none."""
    long = {**without_metadata(), "description": '"\\' * 40_000}
    assert only(json.dumps(long)).code == "size-limit"
    assert validate_gmn(json.dumps({**without_metadata(), "metadata": {"x": [1] * 99_999, "y": '\\"'}})).ok

"""What is answered, in the form of the original again, whatever form it came in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings

from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.schema import is_valid, load
from tests.gmn.test_any_value import VALUES, changed

FOLD = compile_schema(load(), Dialect.PLAIN).fold


def node(**properties: object) -> dict[str, Any]:
    """A document of one node that is a transition with these properties."""
    return {"name": "m", "nodes": [{"id": "t", "type": "transition", "properties": properties}]}


def rules(when: object, then: object) -> dict[str, object]:
    """A matrix of one rule."""
    return {"kind": "rules", "rules": [{"when": when, "then": then}]}


@pytest.mark.parametrize(
    ("answered", "meant"),
    [
        ({"factor": None, "matrix": {"kind": "set", "action": None}}, {"matrix": {"kind": "set"}}),
        ({"factor": [], "matrix": {"kind": "set", "action": ["a"]}}, {"matrix": {"kind": "set", "action": "a"}}),
        (
            {"matrix": {"kind": "line", "moves": [{"key": "go", "value": 1}]}},
            {"matrix": {"kind": "line", "moves": {"go": 1}}},
        ),
        ({"matrix": {"kind": "line", "moves": []}}, {"matrix": {"kind": "line"}}),
        (
            {"matrix": rules([], [{"key": "a", "value": 1}])},
            {"matrix": rules({}, {"a": 1})},
        ),
        (
            {"matrix": rules([{"key": "s", "value": ["a", 1]}], {"a": 1})},
            {"matrix": rules({"s": ["a", 1]}, {"a": 1})},
        ),
    ],
    ids=["null", "one-or-none", "pairs", "no-pairs", "no-pairs-needed", "mixed"],
)
def test_what_a_dialect_changed_is_undone(answered: dict[str, object], meant: dict[str, object]) -> None:
    """Pairs become objects; nulls, empty lists and lists of one become what they stand for."""
    assert FOLD(node(**answered)) == node(**meant)
    assert is_valid(node(**meant))


def test_a_key_with_two_values_is_left_for_the_checks() -> None:
    """Pairs that contradict each other are not made into an object of one of them."""
    pairs = [{"key": "go", "value": 1}, {"key": "go", "value": 2}]
    document = node(matrix={"kind": "line", "moves": pairs})
    assert FOLD(document) == document
    assert not is_valid(document)


def test_pairs_and_rows_are_told_apart() -> None:
    """`values` is an object where pairs were written, and a list where numbers were."""
    wishes = [{"key": "on", "value": 2.0}]
    document = {"name": "m", "nodes": [{"id": "c", "type": "preference", "properties": {"values": wishes}}]}
    folded: Any = FOLD(document)
    assert folded["nodes"][0]["properties"]["values"] == {"on": 2.0}
    document["nodes"][0]["properties"]["values"] = [2.0, 0.0]  # type: ignore[index]  # JSON
    assert FOLD(document) == document


def test_user_data_that_looks_like_pairs_is_kept() -> None:
    """What stands within metadata is nobody's form, and stays as it is."""
    document = {"name": "m", "nodes": [], "metadata": {"x": [{"key": "a", "value": None}], "y": None}}
    assert FOLD(document) == document


@given(changed())
@settings(max_examples=300, deadline=None)
def test_a_document_that_is_valid_comes_out_equal(document: Any) -> None:
    """The fold changes nothing in what meets the original schema, and never the value it is given."""
    before = copy.deepcopy(document)
    folded = FOLD(document)
    assert repr(document) == repr(before)
    assert not is_valid(document) or folded == document


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_any_value_can_be_folded(value: Any) -> None:
    """Whatever a model writes, the fold takes it, and leaves what it was given as it was."""
    before = repr(value)
    for name in ("draft", "gmn"):
        compile_schema(load(name), Dialect.OPENAI).fold(value)
        assert repr(value) == before


def test_a_compiled_schema_is_the_callers_own() -> None:
    """Whoever changes the schema he was given changes nobody else's."""
    compiled = compile_schema(load("draft"), Dialect.OPENAI)
    compiled.schema.clear()
    assert compiled.schema
    assert compile_schema(load("draft"), Dialect.OPENAI) is compiled

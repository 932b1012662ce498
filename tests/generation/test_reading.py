"""Reading what models write: where the document stands, and values in other forms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmn_llm.generation.answers import answers, as_written, read_answer
from gmn_llm.generation.making import making
from gmn_llm.generation.pieces import pieces, spoken
from gmn_llm.generation.task import Task
from gmn_llm.messages import LLMResponse
from tests.faults.bad_answers import CASES

SIGNS = st.text(alphabet="{}[]\":,\\`<>/= \nabnode_012.-'", max_size=200)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 40), st.floats(), st.sampled_from(["", "a", "5", "90%", "x y"])
)
KEYS = st.sampled_from([
    "nodes", "edges", "factors", "senses", "name", "id", "type", "properties", "matrix", "kind", "labels", "size",
    "numStates", "num_states", "change", "rules", "when", "then", "prefer", "value", "source", "target", "steps_ahead",
])  # fmt: skip
WORDS = st.one_of(
    LEAVES, st.sampled_from(["state", "observation", "action", "likelihood", "grid", "rules", "depends_on"])
)
VALUES = st.recursive(
    WORDS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)), max_leaves=25
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=6)


def test_what_is_thought_is_not_what_is_said() -> None:
    """Thoughts before an answer are left out; an answer that is nothing but thoughts is kept."""
    assert spoken('<think>{"a": 1}</think>{"b": 2}') == '{"b": 2}'
    assert spoken('<think>{"a": 1}</think>\n') == '<think>{"a": 1}</think>\n'


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": 1} and {"b": 2}', [{"b": 2}, {"a": 1}]),
        ("before {'a': True, /* so */ 'b': None,} after", [{"a": True, "b": None}]),
        ('"{\\"a\\": 1}"', [{"a": 1}]),
        ('[{"a": 1}]', [[{"a": 1}]]),
        ('set {x} then {"a": "b}"}', [{"a": "b}"}, None]),
        ("nothing", []),
    ],
    ids=["two objects", "not quite JSON", "text in text", "a list", "braces in prose", "nothing"],
)
def test_objects_are_found_the_last_first(text: str, values: list[object]) -> None:
    """Objects stand in prose, in text, in one another's company; what is not quite JSON is mended."""
    found = [piece.value for piece in pieces(text)]
    assert (
        found[: len(values)]
        == [value for value in values if value is not None] + found[sum(v is not None for v in values) :]
    )
    assert len(found) <= len(values)


def test_an_open_object_is_not_complete() -> None:
    """What is cut off is told from what is whole."""
    *inner, outer = pieces('{"factors": [{"name": "a"}, {"na')
    assert [piece.complete for piece in inner] == [True]
    assert (outer.mended, outer.complete) == (True, False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"size": "5", "accuracy": "90%"}, {"size": 5, "accuracy": 0.9}),
        ({"size": 5.0, "start": 3}, {"size": 5.0, "start": "3"}),
        ({"change": "grid", "accuracy": "1/2"}, {"change": {"kind": "grid"}, "accuracy": 0.5}),
        ({"prefer": {"exit": 3}}, {"prefer": [{"value": "exit", "strength": 3}]}),
        ({"prefer": ["exit"]}, {"prefer": [{"value": "exit"}]}),
        ({"actions": "up, down"}, {"actions": ["up", "down"]}),
        ({"change": {"kind": "Random-Walk", "Slip": ".1"}}, {"change": {"kind": "random_walk", "slip": 0.1}}),
        ({"labels": [1, 2]}, {"labels": ["1", "2"]}),
        ({"size": "five", "accuracy": "high"}, {"size": "five", "accuracy": "high"}),
        ({"size": "NaN", "accuracy": "2.5.1"}, {"size": "NaN", "accuracy": "2.5.1"}),
    ],
)
def test_a_drafts_values_in_other_forms(written: dict[str, Any], meant: dict[str, Any]) -> None:
    """What can mean one thing only is read as that; what means nothing stays for the checks."""
    read: Any = as_written({"factors": [{"name": "x", **written}]})
    assert read["factors"][0] == {"name": "x", **meant}


def test_a_value_in_its_own_form_is_not_touched() -> None:
    """A document of our own schema comes out equal."""
    for case in CASES:
        if case.form == "graph" and case.repairs == 0 and case.answers[0][1] == "stop":
            once = as_written(json.loads(case.answers[0][0]))
            assert as_written(once) == once


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(SIGNS, st.text(max_size=60)))
def test_any_text_is_read(text: str) -> None:
    """There is a reading of every text, a document or findings."""
    answer = read_answer(text, name="x")
    assert answer.reading.document is not None or answer.reading.findings


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, DOCUMENTS)
def test_any_value_can_be_mended_in_parts(first: dict[str, object], second: dict[str, object]) -> None:
    """Whatever is written and answered, the making asks three times at most and ends with a document or its error."""
    steps = making(Task(description="x", constraints={"max_states": 9}))
    next(steps)
    asked = 0
    try:
        for value in (first, second, first, second):
            asked += 1
            steps.send(LLMResponse(content=json.dumps(value), provider="x"))
    except StopIteration as done:
        assert done.value.spec.valid()  # noqa: PT017  # the value of the generator
    except Exception as error:  # noqa: BLE001  # its class is what is asserted
        assert type(error).__name__ == "GMNValidationError"  # noqa: PT017
    assert asked <= 3


@pytest.mark.parametrize(
    "text",
    ["{" * 10**6, '{"a":' * 200_000, "{'" * 500_000, '"' + '\\"{' * 300_000, "node a b {\n" * 80_000, "```" * 300_000],
    ids=["braces", "levels", "quotes", "text in text", "nodes", "fences"],
)
def test_a_text_made_to_take_long_is_given_up(text: str) -> None:
    """A megabyte that a mender would chew on for minutes is not handed to it: there is one reading, and no document."""
    assert [answer.reading.document for answer in answers(text, name="x")] == [None]

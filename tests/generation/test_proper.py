"""An answer that is a document as it should be is read at once, and comes out as the careful reading has it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gmn_llm.generation.answers import Answer, answers, as_written, read_value
from gmn_llm.generation.proper import proper
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from tests.fuzz import drawn
from tests.gmn.builders import Graph

Json = Any
MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def _world() -> Json:
    graph = Graph("world").axes("state", place=["hall", "1"]).axes("observation", seen=2).axes("action", move=2)
    graph.likelihood("sight", "seen", ["place"], [[0.9, 0.2], [0.1, 0.8]])
    graph.transition("moving", ["place", "move"], {"kind": "line"})
    return graph.subject("wish", "preference", "seen", values={"0": 1.0}).document


def _told(answer: Answer) -> tuple[object, ...]:
    read = answer.reading
    # As text, for 1, 1.0 and True are equal.
    return repr(read.document), read.findings, repr(answer.value), answer.origins, answer.complete, read.place("/nodes")


def _agree(text: str) -> bool:
    """Whether a text is proper; if it is, both readings of it have to be one."""
    found = proper(text, limits=DEFAULT_LIMITS)
    if found is not None:
        quick = next(answers(text, name="agent"))
        careful = read_value(json.loads(text), name="agent", limits=DEFAULT_LIMITS)
        assert _told(quick) == _told(careful)
        assert found[0] is not found[1]
    return found is not None


@given(drawn.any_json_text)
@MANY
def test_the_quick_reading_agrees_with_the_careful_one(text: str) -> None:
    """Whatever is taken for proper, of documents that are right, nearly right or broken, is what the careful one has."""
    _agree(text)


@given(drawn.any_document)
@MANY
def test_a_proper_document_is_left_as_it_is_by_folding(document: Json) -> None:
    """Neither folding nor loosening would have changed anything in a document that is taken for proper."""
    found = proper(json.dumps(document), limits=DEFAULT_LIMITS)
    if found is not None:
        assert repr(as_written(document)) == repr(document)


@given(drawn.models())
@settings(MANY, max_examples=30)
def test_to_read_it_twice_is_to_read_it_the_same(document: Json) -> None:
    """What the careful reading has made of an answer, written out, is read the same again, at once or not."""
    first = read_value(copy.deepcopy(document), name="agent", limits=DEFAULT_LIMITS).reading.document
    if first is not None:
        again = next(answers(json.dumps(first), name="agent")).reading.document
        assert again == first


def test_a_document_as_it_should_be_is_proper() -> None:
    """A canonical document is read at once, also with blanks around it and thoughts before it, and there is no other."""
    text = json.dumps(_world(), indent=1)
    assert _agree(text)
    for around in (f"\n {text}\n", f"<think>{{a}}</think>{text}"):
        assert [_told(answer) for answer in answers(around, name="agent")] == [_told(next(answers(text, name="x")))]


def _changed(**changes: object) -> str:
    return json.dumps({**_world(), **changes})


@pytest.mark.parametrize(
    "text",
    [
        _changed(name=" "),
        _changed(nodes=[]).replace('"edges"', '"Edges"'),
        _changed(surprise=1),
        json.dumps(_world()).replace('"values"', '"Values"'),
        json.dumps(_world()).replace('"state"', '"STATE"'),
        json.dumps(_world()).replace('"target": "seen"', '"target": "Seen"'),
        json.dumps(_world()).replace('["hall", "1"]', '["hall", "hall"]'),
        json.dumps(_world()).replace('["hall", "1"]', '["hall"]'),
        json.dumps(_world()).replace("[[0.9, 0.2], [0.1, 0.8]]", "[[0.9, 0.1], [0.2, 0.8]]"),
        json.dumps(_world()).replace(
            '{"kind": "line"}',
            '{"kind": "rules", "rules": [{"when": {"place": ["1"]}, "then": {"hall": 1.0}}]}',
        ),
        json.dumps(_world()).replace('"name": "world"', '"name": "world", "name": "other"'),
        json.dumps(_world())[:-1],
        f"Here it is: {json.dumps(_world())}",
        f"{json.dumps(_world())}\n{json.dumps(_world())}",
        json.dumps({key: part for key, part in _world().items() if key != "edges"}),
        json.dumps(_world()).replace("0.9", "NaN"),
        json.dumps({"name": "x", "factors": [], "senses": []}),
        "[]",
        "",
    ],
)
def test_what_is_in_doubt_is_read_with_care(text: str) -> None:
    """Other letters, what is left out or stands twice, prose, drafts: none of it is proper, and all of it has a reading."""
    assert proper(text, limits=DEFAULT_LIMITS) is None
    assert next(answers(text, name="agent")) is not None


@pytest.mark.parametrize("limits", [Limits(nodes=2), Limits(document_bytes=600), Limits(string_bytes=4)])
def test_limits_hold_for_the_quick_reading(limits: Limits) -> None:
    """A document that is too large is left to the careful reading, which says so."""
    text = json.dumps(_world())
    assert proper(text, limits=limits) is None
    found = next(answers(text, name="agent", limits=limits)).reading
    assert found.findings == read_value(_world(), name="agent", limits=limits).reading.findings

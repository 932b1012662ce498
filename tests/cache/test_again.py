"""What a hit holds that this process has checked before: the very document that was kept, whoever reads its JSON."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gmn_llm import GMNSpec, GMNValidationError
from gmn_llm.cache.recent import Recent
from gmn_llm.cache.store import storable
from gmn_llm.generation.kept import KeptDocument
from gmn_llm.generation.task import Task
from gmn_llm.provenance import Provenance
from tests.fuzz import drawn
from tests.gmn.builders import Graph

Json = Any
FROM = Provenance(provider="openai", deployment="openai/gpt-4o#1", model="gpt-4o", latency=1.0)
TASK = Task(description="an agent")


def _told(spec: GMNSpec) -> tuple[str, ...]:
    # As text, for 1, 1.0 and True are equal.
    return repr(spec.document), repr(spec.findings()), repr(spec.nodes), str(spec)


def _holds(document: Json) -> None:
    """Hold that every way back from the entry of a document leads to it."""
    spec = GMNSpec.parse(document).told(provenance=FROM)
    writer = KeptDocument("key", TASK, Recent(4))
    text = storable(writer.write(spec))
    reader = KeptDocument("key", TASK, Recent(4))
    hits = [writer.read(text), reader.read(text), reader.read(text), reader.read(text)]
    for hit in hits:
        assert hit is not None
        assert _told(hit) == _told(spec)
        assert hit.provenance == FROM.model_copy(update={"cached": True})
    first, second = hits[-2], hits[-1]
    assert first is not None
    assert second is not None
    for one, other in zip(first.nodes, second.nodes, strict=True):
        assert one is not other
        assert one.properties is not other.properties


@given(drawn.models())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_document_comes_back_as_it_was_kept(document: Json) -> None:
    """At first and again, a hit equals what was kept to the last sign, and shares nothing with the hit before it."""
    try:
        GMNSpec.parse(document).valid()
    except GMNValidationError:
        return
    _holds(document)


@pytest.mark.parametrize(
    "odd",
    [
        10**30, -(10**30), 1e22, 1e-320, -0.0, 0.1 + 0.2, 1.7976931348623157e308, 5e-324, 2**53 + 1, 1.0, 1, True, None,
        "é", "\u2028", "\x00", "\U0001f600", "a\\u0041", [], {}, [[1, 1.0, "1"]], {"": {"a": [None]}},
    ],
)  # fmt: skip
def test_odd_values_come_back_as_they_were_kept(odd: object) -> None:
    """So do numbers and signs that readers of JSON like to disagree about."""
    graph = Graph("odd").axes("state", s=2).axes("observation", o=2).axes("action", a=2)
    document = graph.likelihood("A", "o", ["s"], [[0.9, 0.2], [0.1, 0.8]]).document
    document["metadata"] = {"odd": odd}
    document["nodes"][0]["metadata"] = {"odd": odd}
    document["nodes"][0]["properties"]["note"] = odd
    _holds(document)

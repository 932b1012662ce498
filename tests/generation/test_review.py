"""A model's opinion of a document: asked for by name, and never taken for a check."""

from __future__ import annotations

import json

import pytest

from gmn_llm import GMNSpec, GMNValidationError, create_llm_factory, generate
from tests.routing.conftest import section
from tests.wire.client import WireServer

MOCK = {"provider": "mock"}
SERIOUS = {"severity": "error", "path": "/nodes/0", "message": "It prefers\nthe pit."}
DOUBT = {"severity": "warning", "path": "", "message": "Why four rooms?"}


@pytest.fixture(scope="module")
def document() -> GMNSpec:
    """A valid document."""
    return generate("a 3x3 grid", config=MOCK, use_cache=False)


@pytest.mark.parametrize("name", ["openai", "anthropic", "ollama"])
async def test_what_a_model_takes_for_serious_makes_the_answer_no(
    document: GMNSpec, wire: WireServer, name: str
) -> None:
    """Serious remarks come first and decide; what was asked holds the document and is held to a schema."""
    wire.script([json.dumps({"remarks": [DOUBT, SERIOUS]})])
    async with create_llm_factory({"provider": name, name: section(wire, name)}) as factory:
        ok, said = await (await factory.get_provider()).validate_gmn(document, review=True)
    assert not ok
    assert said == ["review at /nodes/0: It prefers the pit.", "review (doubt): Why four rooms?"]
    [seen] = wire.requests()
    text = json.dumps(seen.json)
    assert '\\"task\\": \\"review\\"' in text
    assert '"remarks"' in text


async def test_doubts_alone_leave_it_valid(document: GMNSpec, wire: WireServer) -> None:
    """A doubt is told and decides nothing; a fence around the answer does not matter."""
    wire.script([f"Here you are:\n```json\n{json.dumps({'remarks': [DOUBT]})}\n```"])
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        provider = await factory.get_provider()
        assert await provider.validate_gmn(document, review=True) == (True, ["review (doubt): Why four rooms?"])


async def test_nobody_is_asked_about_an_invalid_document(wire: WireServer) -> None:
    """What the checks find is told, and no model is paid for."""
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        ok, said = await (await factory.get_provider()).validate_gmn({"nodes": []}, review=True)
    assert not ok
    assert said
    assert wire.requests() == []


async def test_an_answer_that_is_no_review_is_an_error(document: GMNSpec, wire: WireServer) -> None:
    """It is not taken for a yes."""
    wire.script(["It looks fine to me."])
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        provider = await factory.get_provider()
        with pytest.raises(GMNValidationError, match="no review") as caught:
            await provider.validate_gmn(document, review=True)
    assert caught.value.draft == "It looks fine to me."


async def test_the_mock_has_no_opinion(document: GMNSpec) -> None:
    """Offline a review says nothing beyond the checks."""
    async with create_llm_factory(MOCK) as factory:
        assert await (await factory.get_provider()).validate_gmn(str(document), review=True) == (True, [])

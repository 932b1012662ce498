"""A document on its way: what a caller hears while it is made."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmn_llm import GMNEvent, GMNSpec, GMNValidationError, create_llm_factory
from gmn_llm.generation import Task, drive
from gmn_llm.generation.partial import PartialAnswer
from gmn_llm.gmn.limits import DEFAULT_LIMITS
from gmn_llm.messages import CompletionRequest, Delta, LLMResponse
from tests.routing.conftest import WIRES, section
from tests.wire.client import Fault, Step, WireServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# LiteLLM reads a field of pydantic the old way while it streams.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince211")


def factor(name: str, **more: object) -> dict[str, object]:
    """A factor of a draft: a line of three."""
    change = {"kind": "line", "rows": 0, "cols": 0, "slip": 0, "walls": [], "rules": []}
    usual = {"name": name, "size": 3, "labels": [], "change": change, "actions": ["left", "right"], "start": "0"}
    return {**usual, "accuracy": 1, "prefer": [{"value": "2", "strength": 3}], **more}


DRAFT: dict[str, Any] = {
    "name": "walker", "description": "Walks \"about\" {here}.", "factors": [factor("room"), factor("floor"), factor("wing")],
    "senses": [], "steps_ahead": 1, "unread": [],
}  # fmt: skip
BAD = {**DRAFT, "factors": [factor("room", prefer=[{"value": "roof", "strength": 3}])]}


async def heard(configuration: dict[str, Any], **more: Any) -> list[GMNEvent]:
    """All events of one making."""
    async with create_llm_factory(configuration) as factory:
        return [event async for event in factory.stream_gmn("walks about", **{"use_cache": False, **more})]


def types(events: list[GMNEvent]) -> list[str]:
    """The kinds of events, each run of one kind once."""
    return [event.type for k, event in enumerate(events) if not k or events[k - 1].type != event.type]


@pytest.mark.parametrize("name", WIRES)
async def test_the_document_grows_factor_by_factor(wire: WireServer, name: str) -> None:
    """Texts add up to the answer; each partial document is valid and holds one factor more; the last is the document."""
    wire.script([json.dumps(DRAFT)])

    events = await heard({"provider": name, name: section(wire, name)})

    partial = [event.document for event in events if event.type == "partial" and event.document is not None]
    assert "".join(event.text for event in events) == json.dumps(DRAFT)
    sizes = [sum(node.type == "state" for node in each.nodes) for each in partial]
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == 3
    assert all(each.valid() is each for each in partial)
    assert [event.type for event in events].count("done") == 1
    assert events[-1].type == "done"
    assert events[-1].document is not None
    assert events[-1].document.provenance is not None
    assert events[-1].document.provenance.provider == name


async def test_a_repair_is_told_with_what_is_wrong(wire: WireServer) -> None:
    """What goes back to the model is heard first; its answer, a part, gives no document of its own."""
    wire.script([json.dumps(BAD), json.dumps({"factors": [factor("room")]})])

    events = await heard({"provider": "openai", "openai": section(wire, "openai")})

    [repair] = [event for event in events if event.type == "repair"]
    assert repair.round == 1
    assert "roof" in str(repair.findings[0])
    after = types(events[events.index(repair) :])
    assert after == ["repair", "delta", "done"]
    assert events[-1].document is not None
    assert events[-1].document.provenance is not None
    assert events[-1].document.provenance.repairs == 1


async def test_a_stream_that_breaks_starts_over_with_the_next(wire: WireServer) -> None:
    """After a break what was heard is void, and the next deployment's answer comes whole."""
    wire.script([Step(text=json.dumps(DRAFT), fault=Fault.CUT)], deployment="openai")
    wire.script([json.dumps(DRAFT)], deployment="anthropic")
    both = {name: section(wire, name) for name in ("openai", "anthropic")}

    events = await heard({"provider": "openai", "fallbacks": ["anthropic"], **both})

    kinds = [event.type for event in events]
    assert kinds.count("reset") == 1
    after = events[kinds.index("reset") :]
    assert "".join(event.text for event in after) == json.dumps(DRAFT)
    assert events[-1].document is not None


async def test_a_model_that_writes_nothing_valid_is_followed_by_the_next(wire: WireServer) -> None:
    """The reset names who is asked from now on."""
    prose = "I would rather talk about the weather."
    wire.script([prose] * 3, deployment="openai")
    wire.script([json.dumps(DRAFT)], deployment="anthropic")
    both = {name: section(wire, name) for name in ("openai", "anthropic")}

    events = await heard({"provider": "openai", "fallbacks": ["anthropic"], **both})

    resets = [event.provider for event in events if event.type == "reset"]
    assert resets == ["anthropic"]
    assert events[-1].document is not None


async def test_what_fails_without_a_stream_fails_with_one(wire: WireServer) -> None:
    """The error comes out of the iteration, after what was heard; no document is said to be done."""
    wire.script(["no document"] * 9)
    events: list[GMNEvent] = []

    async def listen() -> None:
        async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
            async for event in factory.stream_gmn("walks about", use_cache=False):
                events.append(event)  # noqa: PERF401  # what was heard before the error is wanted

    with pytest.raises(GMNValidationError):
        await listen()
    assert {event.type for event in events} == {"delta", "repair"}


async def test_the_cache_has_it_at_once(wire: WireServer, tmp_path: object) -> None:
    """A streamed document is kept like any other, and a kept one is done without a model."""
    wire.script([json.dumps(DRAFT)])
    configuration = {"provider": "openai", "openai": section(wire, "openai"), "cache": {"dir": str(tmp_path)}}
    first = await heard(configuration, use_cache=True)
    second = await heard(configuration, use_cache=True)
    assert types(second) == ["done"]
    assert str(second[-1].document) == str(first[-1].document)
    assert len(wire.requests()) == 1


async def test_who_leaves_early_leaves_nothing_behind(wire: WireServer) -> None:
    """A reader that stops ends the making; the factory goes on."""
    async with create_llm_factory({"provider": "openai", "openai": section(wire, "openai")}) as factory:
        events = factory.stream_gmn("walks about", use_cache=False)
        assert (await anext(events)).type == "delta"
        await events.aclose()
        assert isinstance(await factory.generate_gmn("walks about", use_cache=False), GMNSpec)


async def test_the_mock_streams_too() -> None:
    """Offline the document comes piece by piece as well."""
    events = await heard({"provider": "mock"})
    assert types(events)[0] == "delta"
    assert events[-1].type == "done"


@given(st.text(alphabet='{}[]",:\\ abc\n', max_size=300), st.integers(1, 9))
def test_no_text_breaks_the_reader_of_half_an_answer(text: str, step: int) -> None:
    """Whatever comes, in whatever pieces, gives a valid document or none."""
    reader = PartialAnswer(name="n", limits=DEFAULT_LIMITS)
    for start in range(0, len(text), step):
        document = reader.feed(text[start : start + step])
        assert document is None or document.valid() is document


@given(st.integers(1, 40))
def test_partial_documents_do_not_depend_on_the_pieces(step: int) -> None:
    """The last partial document is the same however the answer is cut, prose and fence around it included."""
    text = f"Sure:\n```json\n{json.dumps(DRAFT, indent=1)}\n```"
    reader = PartialAnswer(name="n", limits=DEFAULT_LIMITS)
    found = [document for k in range(0, len(text), step) if (document := reader.feed(text[k : k + step])) is not None]
    assert sum(node.type == "state" for node in found[-1].nodes) == 3


def graph(parts: int) -> dict[str, Any]:
    """A graph of so many states, each with its observation, its likelihood and an action, the edges last."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []
    for k in range(parts):
        nodes += [
            {"id": f"s{k}", "type": "state", "properties": {"num_states": 2}},
            {"id": f"o{k}", "type": "observation", "properties": {"num_observations": 2}},
            {"id": f"a{k}", "type": "action", "properties": {"num_actions": 2}},
            {"id": f"l{k}", "type": "likelihood", "properties": {"matrix": {"kind": "identity"}}},
        ]
        edges += [
            {"source": f"s{k}", "target": f"l{k}", "type": "depends_on"},
            {"source": f"l{k}", "target": f"o{k}", "type": "generates"},
        ]
    return {"name": "g", "nodes": nodes, "edges": edges}


def partials(text: str, step: int = 12) -> list[GMNSpec]:
    """The partial documents of an answer."""
    reader = PartialAnswer(name="n", limits=DEFAULT_LIMITS)
    return [found for k in range(0, len(text), step) if (found := reader.feed(text[k : k + step])) is not None]


def test_a_graph_grows_node_by_node_though_its_edges_come_last() -> None:
    """What needs edges that are still to come is left out until they are there; every document on the way is valid."""
    found = partials(json.dumps(graph(3)))
    sizes = [len(each.nodes) for each in found]
    assert sizes == sorted(sizes)
    assert 3 <= sizes[0] < 12 == sizes[-1]
    assert all(each.valid() is each for each in found)


def test_a_long_answer_is_not_looked_at_with_each_part() -> None:
    """Of six hundred parts a few dozen make a document, so that the work goes with the length of the answer."""
    assert 20 < len(partials(json.dumps(graph(100)))) < 60


class Eager:
    """A gateway that has the whole answer already, and notes at each piece how many events were read by then."""

    def __init__(self, text: str, read: list[GMNEvent]) -> None:
        self.text, self.read, self.noted = text, read, list[int]()

    async def complete(self, request: CompletionRequest, *, group: str, fall_over: bool) -> LLMResponse:
        """Return the answer in one piece."""
        del request, fall_over
        return LLMResponse(content=self.text, provider=group)

    async def stream(self, request: CompletionRequest, *, group: str, fall_over: bool) -> AsyncGenerator[Delta, None]:
        """Yield it in pieces, without waiting for anything."""
        del request, fall_over
        for start in range(0, len(self.text), 9):
            self.noted.append(len(self.read))
            yield Delta(text=self.text[start : start + 9])
        yield Delta(response=LLMResponse(content=self.text, provider=group))

    async def aclose(self) -> None:
        """Nothing is open."""


async def test_events_are_heard_as_they_come() -> None:
    """A reader has a piece before the next is taken, also where all of the answer is there already."""
    read: list[GMNEvent] = []
    gateway, events = Eager(json.dumps(DRAFT), read), asyncio.Queue[GMNEvent]()

    async def listen() -> None:
        while True:
            read.append(await events.get())

    listening = asyncio.create_task(listen())
    task = Task(description="walks")
    await drive(task, gateway, groups=["a"], fall_over=False, timeout=9, tell=events.put_nowait)
    listening.cancel()
    assert gateway.noted[1:] == sorted(set(gateway.noted[1:]))
    assert gateway.noted[-1] >= len(gateway.noted) - 2

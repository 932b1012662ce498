"""Prompts that are too long, and where they go."""

from __future__ import annotations

import pytest

from gmn_llm.config import Deployment, Group
from gmn_llm.errors import ContextLengthError
from gmn_llm.routing.windows import longer, window_of
from tests.routing.conftest import WIRES, Build, request
from tests.wire.client import Fault, Rule, Step, WireServer
from tests.wire.faults import Match

LONG = "word " * 2000


def group(name: str, *windows: int | None, model: str = "openai/own") -> Group:
    """A group of deployments with these windows."""
    deployments = tuple(
        Deployment(id=f"{name}#{place}", provider="openai", model=model, context_window=window)
        for place, window in enumerate(windows)
    )
    return Group(name=name, provider=name, model="own", deployments=deployments)


def test_a_window_is_configured_or_in_the_map() -> None:
    """What the configuration says goes first, then LiteLLM's map; where one deployment is unknown, so is the group."""
    assert window_of(group("a", 10, 20)) == 20
    assert window_of(group("a", None, model="openai/gpt-4o")) == 128000
    assert window_of(group("a", 10, None)) is None


def test_longer_windows_in_their_order() -> None:
    """The next longer stands first, an unknown one last, and one of the same size or less not at all."""
    others = [group("huge", 90), group("unknown", None), group("same", 20), group("small", 10), group("large", 40)]

    assert longer(group("a", 20), others) == ["large", "huge", "unknown"]
    assert longer(group("a", None), others) == ["huge", "unknown", "same", "small", "large"]


def entry(wire: WireServer, name: str, protocol: str, window: int | None) -> dict[str, object]:
    """A deployment of a model list that is reached under its own name."""
    models = {"openai": "openai/own", "anthropic": "anthropic/own", "ollama": "ollama_chat/own"}
    params = {
        "model": models[protocol],
        "api_base": wire.at(name) + ("/v1" if protocol == "openai" else ""),
        "api_key": {"openai": wire.openai_key, "anthropic": wire.anthropic_key}.get(protocol, "none"),
    }
    info = {"max_input_tokens": window} if window is not None else {}
    return {"model_name": name, "litellm_params": params, "model_info": info}


@pytest.mark.parametrize("protocol", WIRES)
async def test_a_prompt_that_is_known_to_be_too_long_is_not_sent(wire: WireServer, build: Build, protocol: str) -> None:
    """Tokens are counted first: only the group with a window that is long enough is asked."""
    sizes = {"small": 500, "same": 500, "large": 100_000, "medium": 1000}
    gateway = build(
        {
            "provider": "small",
            "model_list": [entry(wire, name, protocol, size) for name, size in sizes.items()],
            "fallbacks": ["same", "large", "medium"],
        }
    )

    response = await gateway.complete(request(LONG), group="small", fall_over=True)

    assert response.provider == "large"
    assert [seen.deployment for seen in wire.requests()] == ["large"]


@pytest.mark.parametrize("protocol", WIRES)
async def test_a_refused_prompt_goes_to_longer_windows_only(wire: WireServer, build: Build, protocol: str) -> None:
    """When a server says the prompt is too long, groups of its size or less are passed over."""
    wire.rule(Rule(match=Match(deployment="small"), context=100))
    sizes = {"small": 50_000, "less": 40_000, "same": 50_000, "large": 60_000}
    gateway = build(
        {
            "provider": "small",
            "model_list": [entry(wire, name, protocol, size) for name, size in sizes.items()],
            "fallbacks": ["less", "same", "large"],
        }
    )

    response = await gateway.complete(request(LONG), group="small", fall_over=True)

    assert [attempt.error for attempt in response.attempts] == ["ContextLengthError", None]
    assert [seen.deployment for seen in wire.requests()] == ["small", "large"]


@pytest.mark.parametrize("protocol", WIRES)
async def test_without_a_longer_window_the_error_is_the_overflow(wire: WireServer, build: Build, protocol: str) -> None:
    """Where nobody holds more, nobody else is asked, and the caller hears of the window."""
    wire.script([Step(fault=Fault.CONTEXT, times=0)])
    gateway = build(
        {
            "provider": "small",
            "model_list": [entry(wire, "small", protocol, 50_000), entry(wire, "same", protocol, 50_000)],
            "fallbacks": ["same"],
        }
    )

    with pytest.raises(ContextLengthError) as caught:
        await gateway.complete(request(LONG), group="small", fall_over=True)

    assert [attempt.provider for attempt in caught.value.attempts] == ["small"]
    assert [seen.deployment for seen in wire.requests()] == ["small"]


@pytest.mark.parametrize("protocol", WIRES)
async def test_a_too_long_prompt_cools_nothing_down(wire: WireServer, build: Build, protocol: str) -> None:
    """The deployment is not at fault: shorter prompts are answered at once."""
    wire.rule(Rule(match=Match(deployment="only"), context=1000))
    gateway = build({"provider": "only", "model_list": [entry(wire, "only", protocol, None)]})
    for _ in range(3):
        with pytest.raises(ContextLengthError):
            await gateway.complete(request(LONG), group="only", fall_over=True)

    assert (await gateway.complete(request(), group="only", fall_over=True)).content == wire.default_text


@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", [Fault.CONTENT_FILTER, Fault.CONTENT_POLICY])
async def test_filtered_content_goes_to_the_next_group(
    wire: WireServer, build: Build, protocol: str, fault: Fault
) -> None:
    """A content filter is the next group's chance, whatever the windows."""
    wire.script([Step(fault=fault, times=0)], deployment="prim")
    gateway = build(
        {
            "provider": "prim",
            "model_list": [entry(wire, "prim", protocol, 9000), entry(wire, "free", protocol, 800)],
            "fallbacks": ["free"],
        }
    )

    response = await gateway.complete(request(), group="prim", fall_over=True)

    assert [attempt.error for attempt in response.attempts] == ["ContentFilterError", None]
    assert [seen.deployment for seen in wire.requests()] == ["prim", "free"]

"""Pictures on the wire: who is asked, and what it is sent."""

from __future__ import annotations

import base64

import pytest

from gmn_llm.config.chain import Deployment
from gmn_llm.errors import AllProvidersFailedError, InputError, ProviderUnavailableError
from gmn_llm.messages import LLMMessage, LLMRole, Picture
from gmn_llm.routing.vision import has_vision
from tests.pictures.made import FORMATS, png
from tests.routing.conftest import WIRES, Build, request, section
from tests.wire.client import Fault, Step, WireServer

PNG = Picture("image/png", png())
VISION = {"openai": "gpt-4o", "anthropic": "claude-haiku-4-5", "ollama": "llama3.2-vision"}


def sections(wire: WireServer, **models: str) -> dict[str, dict[str, object]]:
    """Sections of the named providers with these models."""
    return {name: section(wire, name, model=model) for name, model in models.items()}


def pictures_of(body: dict[str, object], name: str) -> list[tuple[str, bytes]]:
    """What pictures a request carries, as its protocol has them."""
    message = body["messages"][-1]  # type: ignore[index]  # JSON
    if name == "ollama":
        return [("", base64.b64decode(each)) for each in message["images"]]
    parts = [part for part in message["content"] if part["type"] != "text"]
    if name == "anthropic":
        return [(part["source"]["media_type"], base64.b64decode(part["source"]["data"])) for part in parts]
    heads = [part["image_url"]["url"].partition(";base64,") for part in parts]
    return [(head.removeprefix("data:"), base64.b64decode(data)) for head, _, data in heads]


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("name", WIRES)
async def test_a_picture_travels_as_its_protocol_has_it(
    wire: WireServer, build: Build, name: str, media_type: str
) -> None:
    """Each wire gets the very bytes in the form its reference asks for, beside the words."""
    gateway = build({"provider": name, name: section(wire, name, model=VISION[name], vision=True)})
    picture = Picture(media_type, FORMATS[media_type]())

    response = await gateway.complete(request("what is it?", pictures=(picture, PNG)), group=name, fall_over=True)

    assert response.provider == name
    (seen,) = wire.requests()
    assert wire.violations() == []
    told = pictures_of(seen.json, name)
    assert [data for _, data in told] == [picture.data, PNG.data]
    assert {kind for kind, _ in told} <= {media_type, "image/png", ""}
    assert "what is it?" in str(seen.json["messages"])


async def test_a_picture_stands_with_the_users_last_message(wire: WireServer, build: Build) -> None:
    """A system message stays words, and so does an earlier question."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})
    asked = request(pictures=(PNG,))
    messages = (LLMMessage(LLMRole.SYSTEM, "rules"), *asked.messages)

    await gateway.complete(type(asked)(messages=messages, pictures=(PNG,)), group="openai", fall_over=True)

    system, user = wire.requests()[0].json["messages"]  # type: ignore[misc]  # JSON
    assert system["content"] == "rules"
    assert [part["type"] for part in user["content"]] == ["image_url", "text"]


async def test_ollamas_window_counts_a_picture_as_a_picture(wire: WireServer, build: Build) -> None:
    """A picture of a megabyte is not taken for a megabyte of words, for which there would be no memory."""
    gateway = build({"provider": "ollama", "ollama": section(wire, "ollama", vision=True)})
    big = Picture("image/png", png() + bytes(1_000_000))

    await gateway.complete(request(pictures=(big,)), group="ollama", fall_over=True)

    assert wire.requests()[0].json["options"]["num_ctx"] <= 16_384  # type: ignore[index]  # JSON


async def test_who_has_no_vision_is_left_out_of_the_route(wire: WireServer, build: Build) -> None:
    """The first that can look at pictures is asked, and the one without vision never is."""
    config = sections(wire, openai="gpt-3.5-turbo", anthropic="claude-haiku-4-5")
    gateway = build({"provider": "openai", **config, "fallbacks": ["anthropic"]})

    response = await gateway.complete(request(pictures=(PNG,)), group="openai", fall_over=True)

    assert response.provider == "anthropic"
    assert [attempt.provider for attempt in response.attempts] == ["anthropic"]
    assert wire.requests(deployment="openai") == []


async def test_a_failure_falls_over_to_the_next_with_vision(wire: WireServer, build: Build) -> None:
    """A group without vision between two with it is passed over, whether they fail or not."""
    wire.script([Step(fault=Fault.UNAVAILABLE, times=0)], deployment="openai")
    config = sections(wire, openai="gpt-4o", anthropic="claude-haiku-4-5", ollama="llama3.2")
    gateway = build({"provider": "openai", **config, "fallbacks": ["ollama", "anthropic"]})

    response = await gateway.complete(request(pictures=(PNG,)), group="openai", fall_over=True)

    assert [attempt.provider for attempt in response.attempts] == ["openai", "anthropic"]
    assert response.provider == "anthropic"


async def test_where_all_with_vision_fail_nobody_else_is_asked(wire: WireServer, build: Build) -> None:
    """The last one without vision does not stand in for those that failed."""
    for name in ("openai", "anthropic"):
        wire.script([Step(fault=Fault.UNAVAILABLE, times=0)], deployment=name)
    config = sections(wire, openai="gpt-4o", anthropic="claude-haiku-4-5", ollama="llama3.2")
    gateway = build({"provider": "openai", **config, "fallbacks": ["anthropic", "ollama"]})

    with pytest.raises((AllProvidersFailedError, ProviderUnavailableError)) as caught:
        await gateway.complete(request(pictures=(PNG,), timeout=20), group="openai", fall_over=True)

    assert {attempt.provider for attempt in caught.value.attempts} == {"openai", "anthropic"}
    assert [seen for seen in wire.requests(deployment="ollama") if seen.path.endswith("chat")] == []


async def test_nobody_with_vision_is_an_error_before_anybody_is_asked(wire: WireServer, build: Build) -> None:
    """It names who has no vision, and those that are configured and have it."""
    config = sections(wire, openai="gpt-3.5-turbo", anthropic="claude-haiku-4-5")
    gateway = build({"provider": "openai", **config}, others=_groups(wire, config))

    with pytest.raises(InputError, match=r"openai \(gpt-3.5-turbo\) has no vision.*anthropic \(claude-haiku-4-5\)"):
        await gateway.complete(request(pictures=(PNG,)), group="openai", fall_over=True)
    with pytest.raises(InputError, match="has no vision"):
        async for _ in gateway.stream(request(pictures=(PNG,)), group="openai", fall_over=True):
            pass

    assert wire.requests(deployment="openai") == wire.requests(deployment="anthropic") == []


def _groups(wire: WireServer, config: dict[str, dict[str, object]]) -> tuple[object, ...]:
    from gmn_llm.config import load_settings, spare_groups

    return spare_groups(load_settings(dict(config), environ={}), environ={})


async def test_the_mock_in_a_chain_is_never_shown_a_picture(wire: WireServer, build: Build) -> None:
    """A chain that ends with the mock ends before it."""
    from gmn_llm.mock import MockService

    wire.script([Step(fault=Fault.UNAVAILABLE, times=0)], deployment="openai")
    mock = MockService()
    gateway = build(
        {"provider": "openai", "openai": section(wire, "openai", max_retries=0), "fallbacks": ["mock"]}, mock=mock
    )

    with pytest.raises(ProviderUnavailableError):
        await gateway.complete(request(pictures=(PNG,)), group="openai", fall_over=True)

    assert mock.asked == ()


async def test_an_ollama_server_says_what_its_model_can_do(wire: WireServer, build: Build) -> None:
    """The server's own word stands above the model's name, and is asked for once."""
    gateway = build({"provider": "ollama", "ollama": section(wire, "ollama", model="llava-of-my-own")})

    for _ in range(2):
        with pytest.raises(InputError, match="no vision"):
            await gateway.complete(request(pictures=(PNG,)), group="ollama", fall_over=True)

    assert [seen.path for seen in wire.requests()] == ["/api/show"]


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("openai", "openai/gpt-4o", True),
        ("openai", "openai/gpt-3.5-turbo", False),
        ("anthropic", "anthropic/claude-haiku-4-5", True),
        ("azure", "azure/gpt-4o", True),
        ("gmn_mock", "gmn_mock/designer", False),
        ("ollama_chat", "ollama_chat/llava:13b", True),
        ("ollama_chat", "ollama_chat/llama3.2-vision", True),
        ("ollama_chat", "ollama_chat/llama3.2", False),
        ("ollama_chat", "ollama_chat/gemma3", True),
        ("ollama_chat", "ollama_chat/gemma3:1b", False),
        ("ollama_chat", "ollama_chat/gemma3n", False),
        ("ollama_chat", "ollama_chat/qwen2.5vl:7b", True),
        ("ollama_chat", "ollama_chat/qwen3-vl", True),
        ("ollama_chat", "ollama_chat/qwen3", False),
        ("ollama_chat", "ollama_chat/minicpm-v", True),
        ("ollama_chat", "ollama_chat/moondream", True),
        ("openai", "openai/Qwen/Qwen2.5-VL-7B-Instruct", True),
        ("openai", "openai/google/gemma-3-1b-it", False),
        ("openai", "openai/HuggingFaceTB/SmolVLM-Instruct", True),
    ],
)
def test_vision_is_told_by_map_and_name(provider: str, model: str, expected: bool) -> None:
    """LiteLLM's map, then the name, where neither configuration nor server says anything."""
    assert has_vision(Deployment(id="x", provider=provider, model=model)) is expected


def test_the_configuration_has_the_last_word() -> None:
    """`vision` and `supports_vision` stand above map and name."""
    assert has_vision(Deployment(id="x", provider="openai", model="openai/own", vision=True))
    assert not has_vision(Deployment(id="x", provider="openai", model="openai/gpt-4o", vision=False))


async def test_a_request_with_a_picture_is_retried_like_any_other(wire: WireServer, build: Build) -> None:
    """Where no fallback is left, a passing fault is sat out, and the picture is sent again."""
    wire.script([Step(fault=Fault.UNAVAILABLE)], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})

    response = await gateway.complete(request(pictures=(PNG,), timeout=20), group="openai", fall_over=True)

    assert [attempt.error for attempt in response.attempts] == ["ProviderUnavailableError", None]
    assert pictures_of(wire.requests()[-1].json, "openai") == [("image/png", PNG.data)]

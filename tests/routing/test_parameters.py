"""Parameters of a section, and of a call, as they travel."""

from __future__ import annotations

import logging
from importlib.util import find_spec

import pytest

from gmn_llm.errors import InputError
from gmn_llm.routing.reserved import INSTEAD, OURS
from tests.routing.conftest import Build, request, section
from tests.wire.client import WireServer


@pytest.mark.parametrize(
    ("name", "model"), [("openai", "gpt-5-mini"), ("openai", "o3-mini"), ("anthropic", "claude-opus-4-7")]
)
async def test_a_model_that_takes_no_temperature_gets_none(
    wire: WireServer, build: Build, caplog: pytest.LogCaptureFixture, name: str, model: str
) -> None:
    """The temperature is left out of the request, and said so once for the deployment."""
    gateway = build({"provider": name, name: section(wire, name, model=model)})

    with caplog.at_level(logging.WARNING, logger="gmn_llm.routing"):
        for _ in range(3):
            await gateway.complete(request(temperature=0.3), group=name, fall_over=True)

    told = [record.getMessage() for record in caplog.records if "temperature" in record.getMessage()]
    assert all("temperature" not in seen.json for seen in wire.requests())
    assert told == [f"{name}/{model}#1 does not take temperature; it is left out"]


@pytest.mark.parametrize("name", ["openai", "anthropic", "ollama"])
async def test_a_model_that_takes_a_temperature_gets_it(
    wire: WireServer, build: Build, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """What is taken travels, and nothing is said."""
    gateway = build({"provider": name, name: section(wire, name)})

    with caplog.at_level(logging.WARNING, logger="gmn_llm.routing"):
        await gateway.complete(request(temperature=0.3, stop=("END",)), group=name, fall_over=True)

    (seen,) = wire.requests()
    body = seen.json
    options = body["options"] if name == "ollama" else body
    assert options["temperature"] == 0.3  # type: ignore[index]  # JSON
    assert not [record for record in caplog.records if "does not take" in record.getMessage()]


async def test_ollamas_options_travel_under_their_names(wire: WireServer, build: Build) -> None:
    """`num_ctx`, `num_gpu` and `num_predict` are options, `keep_alive` stands beside the messages."""
    more = {"num_ctx": 8192, "num_gpu": -1, "num_predict": 2000, "keep_alive": "5m"}
    gateway = build({"provider": "ollama", "ollama": section(wire, "ollama", **more)})

    await gateway.complete(request(), group="ollama", fall_over=True)

    (seen,) = wire.requests()
    options = seen.json["options"]
    assert {key: options[key] for key in ("num_ctx", "num_gpu", "num_predict")} == {  # type: ignore[index]  # JSON
        "num_ctx": 8192,
        "num_gpu": -1,
        "num_predict": 2000,
    }
    assert seen.json["keep_alive"] == "5m"


async def test_the_organization_and_headers_travel(wire: WireServer, build: Build) -> None:
    """`organization` is OpenAI's header of that name; extra headers go with every request."""
    more = {"organization": "org-abc", "extra_headers": {"x-team": "red"}}
    gateway = build({"provider": "openai", "openai": section(wire, "openai", **more)})

    await gateway.complete(request(), group="openai", fall_over=True)

    (seen,) = wire.requests()
    assert (seen.header("openai-organization"), seen.header("x-team")) == ("org-abc", "red")


async def test_the_sections_parameters_travel_and_the_calls_win(wire: WireServer, build: Build) -> None:
    """Temperature, seed and `max_tokens` of a section are sent; what a call says goes before them."""
    more = {"temperature": 0.1, "seed": 7, "max_tokens": 50, "params": {"logprobs": True}}
    gateway = build({"provider": "openai", "openai": section(wire, "openai", **more)})

    await gateway.complete(request(), group="openai", fall_over=True)
    await gateway.complete(request(temperature=0.9, max_tokens=5), group="openai", fall_over=True)

    first, second = (seen.json for seen in wire.requests())
    assert (first["temperature"], first["seed"], first["max_tokens"], first["logprobs"]) == (0.1, 7, 50, True)
    assert (second["temperature"], second["seed"], second["max_tokens"]) == (0.9, 7, 5)


@pytest.mark.parametrize("name", sorted({*OURS, *INSTEAD, "mock_response", "litellm_call_id"}))
async def test_what_belongs_to_the_configuration_is_no_parameter_of_a_call(
    wire: WireServer, build: Build, name: str
) -> None:
    """A call can't reach past the configuration to another address, key or answer; nobody is asked."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})
    with pytest.raises(InputError, match=f"{name} can't be set"):
        await gateway.complete(request(params={name: "other"}), group="openai", fall_over=True)
    assert wire.requests() == []


@pytest.mark.skipif(find_spec("mcp") is not None, reason="LiteLLM's extra for tools is installed")
async def test_tools_need_an_extra_of_litellms(wire: WireServer, build: Build) -> None:
    """Where LiteLLM would fail for want of a module, the error says what to install, and nobody is asked."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})
    with pytest.raises(InputError, match="tools needs") as caught:
        await gateway.complete(request(params={"tools": []}), group="openai", fall_over=True)
    assert "litellm[proxy]" in caught.value.hint
    assert wire.requests() == []

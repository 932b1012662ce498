"""The ladder from a schema to plain words."""

from __future__ import annotations

import pytest

from gmn_llm.errors import InputError
from tests.routing.conftest import SCHEMA, WIRES, Build, request, section
from tests.wire.client import Fault, Step, WireServer

FORMATS = {"openai": "response_format", "anthropic": "output_format", "ollama": "format"}


@pytest.mark.parametrize("name", WIRES)
async def test_a_schema_travels_in_the_wires_own_field(wire: WireServer, build: Build, name: str) -> None:
    """Each wire is sent the schema where its protocol has a place for it."""
    gateway = build({"provider": name, name: section(wire, name)})

    await gateway.complete(request("some json", schema=SCHEMA), group=name, fall_over=True)

    sent = wire.requests()[0].json[FORMATS[name]]
    assert "properties" in str(sent)


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        (Fault.NO_JSON_SCHEMA, ["json_schema", "json_object"]),
        (Fault.NO_RESPONSE_FORMAT, ["json_schema", "json_object", None]),
    ],
)
async def test_a_refused_mode_is_stepped_down_from_once(
    wire: WireServer, build: Build, fault: Fault, kinds: list[str | None]
) -> None:
    """A server that refuses a mode is asked for less at once, is not asked for it again, and not cooled down."""
    wire.script([Step(fault=fault, times=0)], deployment="openai")
    gateway = build(
        {
            "provider": "openai",
            "openai": section(wire, "openai"),
            "anthropic": section(wire, "anthropic"),
            "fallbacks": ["anthropic"],
        }
    )

    for _ in range(3):
        response = await gateway.complete(request("some json", schema=SCHEMA), group="openai", fall_over=True)
        assert response.provider == "openai"
        assert [attempt.error for attempt in response.attempts] == [None]

    sent = [seen.json.get("response_format") for seen in wire.requests(deployment="openai")]
    seen_kinds = [None if part is None else part["type"] for part in sent]  # type: ignore[index]  # JSON
    assert seen_kinds == [*kinds, kinds[-1], kinds[-1]]
    assert wire.requests(deployment="anthropic") == []


async def test_the_configuration_says_where_to_begin(wire: WireServer, build: Build) -> None:
    """`structured_output` of a section overrides what is known of the model."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai", structured_output="prompt")})

    await gateway.complete(request("some json", schema=SCHEMA), group="openai", fall_over=True)

    assert "response_format" not in wire.requests()[0].json


async def test_a_request_that_is_wrong_anyway_does_not_take_the_mode_away(wire: WireServer, build: Build) -> None:
    """Where asking for less does not help either, the deployment keeps its mode and the refusal is raised."""
    wire.script([Step(status=400, times=3)], deployment="openai")
    gateway = build({"provider": "openai", "openai": section(wire, "openai")})

    with pytest.raises(InputError):
        await gateway.complete(request("some json", schema=SCHEMA), group="openai", fall_over=True)
    await gateway.complete(request("some json", schema=SCHEMA), group="openai", fall_over=True)

    last = wire.requests()[-1].json["response_format"]
    assert last["type"] == "json_schema"  # type: ignore[index]  # JSON


async def test_a_parameter_the_model_does_not_take_is_left_out(wire: WireServer, build: Build) -> None:
    """A refused temperature is dropped and not sent again."""
    gateway = build({"provider": "openai", "openai": section(wire, "openai", model="gpt-5.4-mini")})

    for _ in range(2):
        await gateway.complete(request(temperature=0.3), group="openai", fall_over=True)

    assert ["temperature" in seen.json for seen in wire.requests()] == [True, False, False]
    wire.forgive()


async def test_ollama_gets_a_window_for_prompt_and_answer(wire: WireServer, build: Build) -> None:
    """`num_ctx` covers a long prompt and the answer, in powers of two of the configured size."""
    gateway = build({"provider": "ollama", "ollama": section(wire, "ollama", num_ctx=4096, keep_alive="5m")})

    await gateway.complete(request("word " * 4000, max_tokens=1000), group="ollama", fall_over=True)

    body = wire.requests()[0].json
    options = body["options"]
    assert options["num_ctx"] == 16384  # type: ignore[index]  # JSON
    assert options["num_predict"] == 1000  # type: ignore[index]  # JSON
    assert body["keep_alive"] == "5m"

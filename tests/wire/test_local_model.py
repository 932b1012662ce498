"""The real model: real tokens over the real wire, held to a schema."""

from __future__ import annotations

import json

import jsonschema
import openai
import pytest
from openai import AsyncOpenAI

from tests.conftest import LocalModel

pytestmark = pytest.mark.slow

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z_]{1,16}$"},
        "rows": {"type": "integer", "minimum": 2, "maximum": 9},
        "moves": {
            "type": "array",
            "items": {"enum": ["up", "down", "left", "right"]},
            "minItems": 2,
            "maxItems": 4,
        },
        "matrix": {"anyOf": [{"const": "grid"}, {"const": "line"}]},
    },
    "required": ["name", "rows", "moves", "matrix"],
    "additionalProperties": False,
}
TALK = [
    {"role": "system", "content": "You answer with one JSON object."},
    {"role": "user", "content": "An agent that explores a 5x5 grid world."},
]


async def test_answer_is_held_to_a_schema(local_model: LocalModel) -> None:
    """A completion with a JSON schema comes back as JSON that fits it, bounds included."""
    async with AsyncOpenAI(api_key="any", base_url=local_model.base_url, max_retries=0) as client:
        answer = await client.chat.completions.create(
            model=local_model.model,
            messages=TALK,
            temperature=0,
            max_tokens=200,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "agent", "strict": True, "schema": SCHEMA},
            },
        )
    assert answer.choices[0].finish_reason == "stop"
    jsonschema.validate(json.loads(answer.choices[0].message.content or ""), SCHEMA)


async def test_stream_comes_in_pieces(local_model: LocalModel) -> None:
    """A stream has more than one piece and ends with usage."""
    async with AsyncOpenAI(api_key="any", base_url=local_model.base_url, max_retries=0) as client:
        stream = await client.chat.completions.create(
            model=local_model.model,
            messages=TALK,
            max_tokens=12,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    assert sum(bool(choice.delta.content) for chunk in chunks for choice in chunk.choices) > 1
    assert chunks[-1].usage is not None


async def test_long_prompt_is_refused(local_model: LocalModel) -> None:
    """A prompt beyond the model's context is refused with 400, in words that name both lengths."""
    talk = [{"role": "user", "content": "word " * 9000}]
    async with AsyncOpenAI(api_key="any", base_url=local_model.base_url, max_retries=0) as client:
        with pytest.raises(openai.BadRequestError, match="exceeds the available context size"):
            await client.chat.completions.create(model=local_model.model, messages=talk)

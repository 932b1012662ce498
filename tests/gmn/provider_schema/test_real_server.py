"""llama.cpp's own server makes a grammar of what is compiled for it."""

from __future__ import annotations

import pytest
from openai import AsyncOpenAI

from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.schema import load
from tests.conftest import LocalModel

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("dialect", [Dialect.LLAMA_CPP, Dialect.PLAIN])
@pytest.mark.parametrize("name", ["draft", "gmn"])
async def test_a_real_server_takes_it(local_model: LocalModel, name: str, dialect: Dialect) -> None:
    """The schema is converted, and the answer begins as it says."""
    schema = compile_schema(load(name), dialect).schema
    async with AsyncOpenAI(api_key="any", base_url=local_model.base_url, max_retries=0) as client:
        answer = await client.chat.completions.create(
            model=local_model.model,
            messages=[{"role": "user", "content": "A lamp, as JSON."}],
            temperature=0,
            max_tokens=8,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            },
        )
    assert "".join((answer.choices[0].message.content or "").split()).startswith('{"name":')

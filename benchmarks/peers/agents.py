"""Two libraries for agents: pydantic-ai and LangChain."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.job import KEY, MODEL, messages, question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.job import Call, Job

__all__ = ["by_langchain", "by_pydantic_ai"]


@asynccontextmanager
async def by_pydantic_ai(job: Job) -> AsyncIterator[Call]:
    """Give pydantic-ai with the provider's own structured output."""
    from pydantic_ai import Agent, NativeOutput
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    from benchmarks.peers.model import Document

    system, user = (message["content"] for message in messages())
    model = OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=job.url, api_key=KEY))
    agent = Agent(model, output_type=NativeOutput(Document, strict=False), instructions=system)
    settings = {name: question()[name] for name in ("temperature", "max_tokens")}
    yield lambda: agent.run(user, model_settings=settings)


@asynccontextmanager
async def by_langchain(job: Job) -> AsyncIterator[Call]:
    """Give langchain-openai's ``with_structured_output``."""
    from langchain_openai import ChatOpenAI

    from benchmarks.peers.model import Document

    model = ChatOpenAI(
        model=MODEL,
        base_url=job.url,
        api_key=KEY,
        temperature=question()["temperature"],
        max_tokens=question()["max_tokens"],
        max_retries=0,
    )
    chain = model.with_structured_output(Document, method="json_schema", strict=False)
    asked = [(message["role"], message["content"]) for message in messages()]
    yield lambda: chain.ainvoke(asked)

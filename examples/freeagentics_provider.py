"""FreeAgentics with this package in place of its ``llm`` module.

Run it: python examples/freeagentics_provider.py [SENTENCE]

``GMNProvider`` has the methods of FreeAgentics' ``LLMProvider``, with its arguments and its texts for documents, so its
services take it as they are::

    from services.gmn_generator import GMNGenerator

    generator = GMNGenerator(llm_provider=GMNProvider())
    text = await generator.prompt_to_gmn("An explorer on a 5x5 grid", agent_type="explorer")

What comes out is the JSON graph that FreeAgentics' ``GMNParser`` reads, with every array written out: the k-th
likelihood belongs to the k-th observation, the k-th transition to the k-th state. Ask this class whether a document is
valid, and not the service's own ``validate_gmn``, which knows lines in braces only and refuses every graph that its
parser takes. Where FreeAgentics catches its own ``LLMError``, let ``gmn_llm.LLMError`` stand beside it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gmn_llm import GMNSpec, LLMError, LLMProviderFactory, LLMResponse, create_llm_factory


class GMNProvider:
    """What FreeAgentics calls a provider. Behind it are all that are configured, one after the other.

    Args:
        config: As ``create_llm_factory`` takes it; None looks for a file and for keys.
    """

    def __init__(self, config: Mapping[str, Any] | str | None = None) -> None:
        self._factory: LLMProviderFactory = create_llm_factory(config)

    async def generate(self, messages: Sequence[Any], **more: Any) -> LLMResponse:
        """Answer a conversation; FreeAgentics' own messages are taken, whose role is an enumeration too."""
        told = [{"role": getattr(each.role, "value", each.role), "content": each.content} for each in messages]
        return await self._factory.generate(told, **more)

    async def generate_gmn(
        self,
        prompt: str,
        agent_type: str = "general",
        constraints: Mapping[str, Any] | None = None,
        examples: Sequence[str] | None = None,
    ) -> str:
        """Return a document as text; it is valid and meets the constraints, or ``LLMError`` is raised."""
        gmn = await self._factory.generate_gmn(
            prompt, agent_type=agent_type, constraints=constraints, examples=examples or ()
        )
        return gmn.expand().to_json()

    async def validate_gmn(self, gmn_spec: str) -> tuple[bool, list[str]]:
        """Return whether a document is valid, and what is wrong with it; no model is asked."""
        provider = await self._factory.get_provider()
        return await provider.validate_gmn(gmn_spec)

    async def refine_gmn(self, gmn_spec: str, feedback: str) -> str:
        """Return the document with what the feedback asks for."""
        provider = await self._factory.get_provider()
        return (await provider.refine_gmn(gmn_spec, feedback)).expand().to_json()

    async def validate_model(self, model_name: str) -> bool:
        """Return whether a provider has a model."""
        provider = await self._factory.get_provider()
        return await provider.validate_model(model_name)

    def get_token_limit(self, model_name: str) -> int:
        """Return how many tokens of prompt a model takes.

        Raises:
            LLMError: Nobody knows; ``context_window`` in the section says it.
        """
        with ThreadPoolExecutor(1) as thread:  # FreeAgentics asks without ``await``, perhaps within a running loop
            provider = thread.submit(asyncio.run, self._factory.get_provider()).result()
        limit = provider.get_token_limit(model_name)
        if limit is None:
            raise LLMError(f"nobody knows how much {model_name} takes", hint="say it: context_window in its section")
        return limit

    async def close(self) -> None:
        """Let go of connections."""
        await self._factory.aclose()


async def main(prompt: str) -> None:
    """Make a document as FreeAgentics would, and tell what its parser will find in it."""
    provider = GMNProvider()
    try:
        text = await provider.generate_gmn(prompt, agent_type="explorer")
        better = await provider.refine_gmn(text, "it starts in the bottom-left corner")
        print(await provider.validate_gmn(better))
    finally:
        await provider.close()
    print([(node["id"], node["type"]) for node in json.loads(better)["nodes"]])
    print([array.shape for array in GMNSpec.parse(better).to_pymdp()["A"]])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "An explorer on a 5x5 grid"))

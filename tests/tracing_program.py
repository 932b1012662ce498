"""A program that traces: it asks for a document, again from the cache, for text whole and in pieces, and fails; prints its spans as JSON."""

from __future__ import annotations

import asyncio
import json
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gmn_llm import LLMError, create_llm_factory

PROMPT = "a secret lighthouse on a line of 4 rocks"


async def main(configuration: dict[str, object]) -> None:
    """Make the calls."""
    async with create_llm_factory(configuration) as factory:
        await factory.generate_gmn(PROMPT)
        await factory.generate_gmn(PROMPT)
        await factory.generate([{"role": "user", "content": PROMPT}])
        async for _ in factory.stream([{"role": "user", "content": PROMPT}]):
            pass
        try:
            await factory.generate_gmn(f"{PROMPT} again")
        except LLMError:
            return
        raise AssertionError("the last call was to fail")


if __name__ == "__main__":
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    asyncio.run(main(json.loads(sys.argv[1])))
    spans = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans}
    sys.stdout.write(
        json.dumps(
            [
                {
                    "name": span.name,
                    "parent": names.get(span.parent.span_id) if span.parent else None,
                    "attributes": dict(span.attributes or {}),
                    "status": span.status.status_code.name,
                    "events": [event.name for event in span.events],
                }
                for span in spans
            ]
        )
    )

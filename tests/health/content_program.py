"""A program that hears everything its libraries log, traces and scrapes, and meets every failure on the three wires.

``python -m tests.health.content_program ADDRESS KEYS`` prints a JSON object: the log lines of all levels, the spans, the
metrics and the report. The scripts of the server are written by whoever starts it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from gmn_llm import LLMError, create_llm_factory
from gmn_llm.factory import LLMProviderFactory
from gmn_llm.health.prometheus import metrics_text

MARK = "told: "
PROMPT = "a purple walrus on the seventh floor"


class Lines(logging.Handler):
    """Keeps every line, with the traceback that belongs to it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(self.format(record))


async def ask(factory: LLMProviderFactory, name: str, *, stream: bool) -> bool:
    """Ask once; whether an answer came."""
    messages = [{"role": "user", "content": PROMPT}]
    try:
        if stream:
            async for _ in factory.stream(messages, provider_type=name, timeout=15):
                pass
        else:
            await factory.generate(messages, provider_type=name, timeout=15)
    except LLMError:
        return False
    return True


async def main(configuration: dict[str, object], times: dict[str, int]) -> dict[str, object]:
    """Ask each wire as often as there are steps for it, in one piece and in pieces by turns."""

    async def all_of(name: str) -> int:
        return sum([await ask(factory, name, stream=bool(turn % 2)) for turn in range(times[name])])

    async with create_llm_factory(configuration) as factory:
        answered = await asyncio.gather(*map(all_of, times))
        try:
            await factory.generate_gmn(PROMPT, provider_type="openai", use_cache=False, timeout=10)
        except LLMError:
            answered.append(0)
        report = await factory.health_check()
    return {"answered": answered, "report": repr(report), "metrics": metrics_text(report)}


if __name__ == "__main__":
    handler = Lines()
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])
    logging.captureWarnings(capture=True)
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    told = asyncio.run(main(json.loads(sys.argv[1]), json.loads(sys.argv[2])))
    told["spans"] = [span.to_json() for span in exporter.get_finished_spans()]
    told["lines"] = handler.lines
    sys.stdout.write(f"\n{MARK}{json.dumps(told)}\n")

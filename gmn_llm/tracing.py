"""Spans by the OpenTelemetry API, where the program has loaded it; nothing at all where it has not.

A program that wants traces loads the API before the first call (its own setup does, and so does
``opentelemetry-instrument``), so this module never imports it: who traces nothing pays nothing and installs nothing.
Names follow OpenTelemetry's semantic conventions for generative AI, version 1.38
(https://opentelemetry.io/docs/specs/semconv/gen-ai/): a span ``chat MODEL`` for each attempt, below the steps of ours.
Prompts, answers and keys are in no span, and neither are messages of errors, which may quote them.
"""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from gmn_llm._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gmn_llm.messages import Outcome

__all__ = ["Span", "span", "trace_attempt"]

API: Final = "opentelemetry.trace"
NANO: Final = 1_000_000_000
PROVIDERS: Final = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "cohere_chat": "cohere",
    "gemini": "gcp.gemini",
    "gmn_mock": "mock",
    "mistral": "mistral_ai",
    "ollama_chat": "ollama",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""Providers that the conventions call otherwise than LiteLLM does; those they do not know have their plain names."""

Value = str | int | float | bool | tuple[str, ...]


class Span:
    """A span under way, or nothing where nobody traces.

    Args:
        raw: The API's span, or None.
    """

    def __init__(self, raw: Any = None) -> None:
        self._raw = raw

    def set(self, attributes: Mapping[str, Value | None]) -> None:
        """Add attributes; those that are None are left out."""
        if self._raw is not None:
            self._raw.set_attributes(_known(attributes))

    def fail(self, kind: str) -> None:
        """Mark it as failed; only the class is told, for a message may quote what a model wrote."""
        if self._raw is not None:
            api = sys.modules[API]
            self._raw.set_attribute("error.type", kind)
            self._raw.set_status(api.Status(api.StatusCode.ERROR))


def span(name: str, attributes: Mapping[str, Value | None] | None = None) -> AbstractContextManager[Span]:
    """Trace a step of ours; an exception that passes marks the span as failed.

    Args:
        name: What the step is called.
        attributes: What is known at its beginning; those that are None are left out.
    """
    api = _api()
    return nullcontext(Span()) if api is None else _traced(api, name, attributes or {})


@contextmanager
def _traced(api: Any, name: str, attributes: Mapping[str, Value | None]) -> Iterator[Span]:
    tracer = api.get_tracer("gmn_llm", __version__)
    with tracer.start_as_current_span(
        name, attributes=_known(attributes), record_exception=False, set_status_on_exception=False
    ) as raw:
        under_way = Span(raw)
        try:
            yield under_way
        except BaseException as error:
            under_way.fail(type(error).__name__)
            raise


def trace_attempt(outcome: Outcome) -> None:
    """Add a span for an attempt that has just ended, below the step that is under way; a listener to attempts."""
    api = _api()
    if api is None or outcome.rejected:  # nobody was asked; the step above has the error
        return
    attempt, usage = outcome.attempt, outcome.usage
    ended = time.time_ns()
    raw = api.get_tracer("gmn_llm", __version__).start_span(
        f"chat {attempt.model}",
        kind=api.SpanKind.CLIENT,
        start_time=ended - int(attempt.seconds * NANO),
        attributes=_known({
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": PROVIDERS.get(outcome.system, outcome.system or attempt.provider),
            "gen_ai.request.model": attempt.model,
            "gen_ai.response.model": outcome.served,
            "gen_ai.response.finish_reasons": (outcome.finish_reason,) if outcome.finish_reason else None,
            "gen_ai.usage.input_tokens": usage.prompt_tokens if usage else None,
            "gen_ai.usage.output_tokens": usage.completion_tokens if usage else None,
            "gmn_llm.group": attempt.provider,
            "gmn_llm.deployment": attempt.deployment,
            "gmn_llm.cost_usd": usage.cost if usage else None,
            "http.response.status_code": attempt.status,
            "server.address": outcome.address[0] if outcome.address else None,
            "server.port": outcome.address[1] if outcome.address else None,
        }),
    )  # fmt: skip
    if attempt.error is not None:
        Span(raw).fail(attempt.error)
    raw.end(end_time=ended)


def _api() -> Any:
    """Return the API, or None where the program has not loaded it, or has given it nobody to tell."""
    api = sys.modules.get(API)
    if api is None or isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
        return None
    return api


def _known(attributes: Mapping[str, Value | None]) -> dict[str, Value]:
    return {key: value for key, value in attributes.items() if value is not None}

"""Spans where a program traces, and nothing where it does not."""

from __future__ import annotations

import subprocess
import sys
import textwrap

SETUP = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
def spans():
    return {span.name: span for span in exporter.get_finished_spans()}
"""


def printed(script: str, *, traced: bool = True) -> list[str]:
    """The lines a new process prints; a tracer can be set only once in one."""
    code = (SETUP if traced else "") + textwrap.dedent(script)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_a_step_is_a_span_with_its_attributes() -> None:
    """A step has the attributes it was given, without those that are None."""
    lines = printed("""
        from gmn_llm.tracing import span
        with span("step", {"a": 1, "b": None}) as step:
            step.set({"c": "d"})
        done = spans()["step"]
        print(dict(done.attributes), done.status.status_code.name)
    """)

    assert lines == ["{'a': 1, 'c': 'd'} UNSET"]


def test_a_failure_is_told_by_its_class_alone() -> None:
    """What an exception says, which may quote an answer, is not in the span."""
    lines = printed("""
        from gmn_llm.tracing import span
        try:
            with span("step"):
                raise ValueError("the secret answer")
        except ValueError:
            pass
        done = spans()["step"]
        print(dict(done.attributes), done.status.status_code.name, done.status.description, done.events)
    """)

    assert lines == ["{'error.type': 'ValueError'} ERROR None ()"]


def test_an_attempt_is_a_span_below_the_step_under_way() -> None:
    """An attempt's span has the conventions' names, its own length, and the step for a parent."""
    lines = printed("""
        from gmn_llm.messages import Attempt, Outcome, Usage
        from gmn_llm.tracing import span, trace_attempt
        attempt = Attempt(provider="openai", deployment="openai/gpt-4o#1", model="gpt-4o", seconds=1.5, status=200)
        with span("step"):
            trace_attempt(Outcome(attempt=attempt, usage=Usage(prompt_tokens=3, completion_tokens=2, cost=0.5)))
        done = spans()
        chat = done["chat gpt-4o"]
        print(chat.parent.span_id == done["step"].context.span_id, chat.kind.name)
        print((chat.end_time - chat.start_time) / 1e9)
        for name in ("operation.name", "provider.name", "request.model", "usage.input_tokens", "usage.output_tokens"):
            print(chat.attributes["gen_ai." + name])
    """)

    assert lines == ["True CLIENT", "1.5", "chat", "openai", "gpt-4o", "3", "2"]


def test_where_nobody_traces_nothing_is_loaded() -> None:
    """Without a program's own set-up a step costs no import and does nothing."""
    lines = printed(
        """
        import sys
        from gmn_llm.messages import Attempt, Outcome
        from gmn_llm.tracing import span, trace_attempt
        with span("step", {"a": 1}) as step:
            step.set({"b": 2})
            step.fail("ValueError")
            trace_attempt(Outcome(attempt=Attempt(provider="a")))
        print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
        """,
        traced=False,
    )

    assert lines == ["[]"]

"""``gmn-llm generate`` for people and for programs: the summary, the spinner, events, and what would be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gmn_llm import GMNSpec
from gmn_llm.cli.streaming import as_line
from gmn_llm.cli.summary import rows
from gmn_llm.cli.watching import Watch
from gmn_llm.findings import Finding
from gmn_llm.generation.events import GMNEvent
from gmn_llm.messages import Attempt, CompletionRequest, LLMMessage, LLMRole, Usage
from gmn_llm.mock import design
from gmn_llm.provenance import Provenance
from gmn_llm.rehearsal import Candidate, Rehearsal
from tests.cli.tools import lines_of_error, run, terminal
from tests.wire.client import Fault, Step, WireServer

SENTENCE = "Create an agent that explores a 5x5 grid world and wants to reach the bottom-right corner"
HEADS = [
    "states",
    "observations",
    "actions",
    "senses",
    "changes",
    "wants",
    "begins",
    "plans",
    "made by",
    "cost",
    "document",
]


def heads(lines: list[str]) -> list[str]:
    """The heads of a summary, in order."""
    return [head for line in lines for head in HEADS if line.startswith(head)]


def openai(wire: WireServer, folder: Path, *more: str) -> Path:
    """A configuration that asks the test server."""
    file = folder / "wire.yaml"
    section = (
        f"openai: {{model: gpt-4.1-mini, base_url: {wire.openai_base}, api_key: {wire.openai_key}, max_retries: 0}}"
    )
    file.write_text("\n".join(["provider: openai", section, *more]) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("columns", [40, 100])
def test_a_terminal_gets_a_summary(tmp_path: Path, columns: int) -> None:
    """States, observations, actions, how they hang together, who made it and for how much; no line is too long."""
    shown = terminal("generate", SENTENCE, columns=columns, cwd=tmp_path)
    assert shown.code == 0, shown.text
    assert heads(shown.lines) == HEADS
    assert "position: 25" in shown.text
    assert "not cached" in " ".join(shown.text.split())
    assert '"nodes"' not in shown.text
    assert max(map(len, shown.lines)) <= columns


def test_a_second_time_it_comes_from_the_cache(tmp_path: Path) -> None:
    """What comes from the cache says so; --no-cache does not look there."""
    terminal("generate", SENTENCE, cwd=tmp_path)
    assert "from the cache" in terminal("generate", SENTENCE, cwd=tmp_path).text
    assert "not cached" in terminal("generate", SENTENCE, "--no-cache", cwd=tmp_path).text


def test_the_document_goes_where_it_was_asked(tmp_path: Path) -> None:
    """With -o it is in the file, and the summary names it; with --format it is on the terminal, the summary below."""
    shown = terminal("generate", SENTENCE, "-o", "agent.json", cwd=tmp_path)
    assert GMNSpec.parse((tmp_path / "agent.json").read_bytes()).valid()
    assert any(line.startswith("document") and "agent.json" in line for line in shown.lines)
    both = terminal("generate", SENTENCE, "--format", "text", "--quiet", cwd=tmp_path)
    assert "model grid" in both.text
    assert heads(both.lines) == []
    below = terminal("generate", SENTENCE, "--format", "text", cwd=tmp_path)
    assert below.text.index("model grid") < below.text.index("made by")


def test_the_spinner_tells_who_is_asked_and_leaves_nothing(wire: WireServer, tmp_path: Path) -> None:
    """While a provider is asked its name, model and the time are on the terminal; afterwards the line is gone."""
    wire.script([Step(text=json.dumps(design(SENTENCE)), times=0, delay=0.5)])
    shown = terminal("generate", SENTENCE, "--config", str(openai(wire, tmp_path)), cwd=tmp_path)
    assert shown.code == 0, shown.text
    assert "openai (gpt-4.1-mini): asking" in shown.text
    assert "0:00:0" in shown.text
    assert "\x1b[2K" in shown.raw.rpartition("asking")[2].partition("grid")[0]


def test_no_spinner_where_nobody_looks(tmp_path: Path) -> None:
    """In a pipe, and with --quiet on a terminal, nothing turns."""
    assert "\x1b" not in run("generate", SENTENCE, cwd=tmp_path).stderr
    quiet = terminal("generate", SENTENCE, "--quiet", cwd=tmp_path)
    assert "asking" not in quiet.text
    assert GMNSpec.parse(quiet.text).valid()


def test_a_repair_is_counted(wire: WireServer, tmp_path: Path) -> None:
    """A first answer that is no document is repaired, which the spinner counts and the summary tells."""
    broken = json.dumps({**design(SENTENCE), "edges": [{"source": "a", "target": "b", "type": "updates"}]})
    wire.script([Step(text=broken), Step(text=json.dumps(design(SENTENCE)), times=0)])
    shown = terminal("generate", SENTENCE, "--config", str(openai(wire, tmp_path)), cwd=tmp_path)
    assert shown.code == 0, shown.text
    assert "made by" in shown.text


def test_events_in_a_pipe_are_lines_of_json(tmp_path: Path) -> None:
    """--stream writes an object on each line, the last one done, with document, warnings and provenance."""
    done = run("generate", SENTENCE, "--stream", "--no-cache", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {event["type"] for event in events} == {"delta", "partial", "done"}
    assert GMNSpec.parse("".join(event["text"] for event in events if event["type"] == "delta")).valid()
    assert [event["type"] for event in events].index("done") == len(events) - 1
    assert events[-1]["provenance"]["provider"] == "mock"
    assert GMNSpec.parse(events[-1]["document"]).valid()
    assert events[-1]["warnings"] == []


def test_events_and_a_file(tmp_path: Path) -> None:
    """With -o the events go to standard output and the document, in its format, to the file."""
    done = run("generate", SENTENCE, "--stream", "-o", "a.txt", "--format", "text", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["type"] == "done"
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("model ")


def test_a_terminal_sees_the_text_as_it_comes(tmp_path: Path) -> None:
    """--stream on a terminal shows the model's text, and the summary below it."""
    shown = terminal("generate", SENTENCE, "--stream", "--no-cache", columns=100, cwd=tmp_path)
    assert shown.code == 0, shown.text
    assert '"nodes"' in shown.text
    assert heads(shown.lines) == HEADS


def test_a_stream_that_breaks_leaves_1(wire: WireServer, tmp_path: Path) -> None:
    """A provider that writes no document: what came is on standard output, no done, and three lines or more say why."""
    wire.script([Step(text="I would rather not.", times=0)])
    done = run("generate", SENTENCE, "--stream", "--config", str(openai(wire, tmp_path)), cwd=tmp_path)
    assert done.returncode == 1
    assert "done" not in [json.loads(line)["type"] for line in done.stdout.splitlines()]
    assert lines_of_error(done.stderr)[0] == "error:"
    assert "Traceback" not in done.stderr


def test_a_dry_run_asks_nobody(wire: WireServer, tmp_path: Path) -> None:
    """Messages, their tokens, who would be asked and the most it can cost; no request is made, no key is shown."""
    config = openai(wire, tmp_path, "gmn: {max_tokens: 1000, max_repairs: 2}")
    done = run("generate", SENTENCE, "--dry-run", "--agent-type", "explorer", "--config", str(config), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [message["role"] for message in told["messages"]] == ["system", "user"]
    assert json.loads(told["messages"][1]["content"])["description"] == SENTENCE
    assert told["tokens"] > 500
    assert told["max_tokens"] == 1000
    # The map has 0.4 and 1.6 US dollars a million tokens: three answers of 1000 tokens cost 0.0048 at least.
    assert told["chain"][0]["provider"] == "openai"
    assert 0.0048 < told["most_cost"] < 0.02
    assert told["chain"][0]["first_cost"] < told["chain"][0]["most_cost"]
    assert wire.requests() == []
    assert wire.openai_key not in done.stdout + done.stderr


def test_a_dry_run_for_people(tmp_path: Path) -> None:
    """On a terminal the messages are text, with the figures below."""
    shown = terminal("generate", SENTENCE, "--dry-run", cwd=tmp_path)
    assert shown.code == 0
    assert "--- system" in shown.text
    assert "together: free; nobody was asked" in shown.text


CONTRARY = [
    ["--dry-run", "--stream"],
    ["--dry-run", "--format", "text"],
    ["--no-cache", "--refresh"],
    ["--stream", "--format", "text"],
    ["--stream", "-o", "-"],
    ["--quiet", "--verbose"],
    ["--example", "-", "--example", "-"],
    ["--constraint", "max_states=3", "--constraint", "max_states=4"],
]


@pytest.mark.parametrize("options", CONTRARY, ids=" ".join)
def test_options_that_contradict_each_other_are_refused(tmp_path: Path, options: list[str]) -> None:
    """Exit code 2, three lines, and nobody is asked."""
    done = run("generate", "a 3x3 grid", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert lines_of_error(done.stderr) == ["error:", "where:", "to do:"]


def test_a_place_that_can_not_be_written_is_told_before_anybody_is_asked(wire: WireServer, tmp_path: Path) -> None:
    """The money for an answer that could not be kept is not spent."""
    config = openai(wire, tmp_path)
    done = run("generate", SENTENCE, "--config", str(config), "-o", "nowhere/a.json", cwd=tmp_path)
    assert done.returncode == 2
    assert wire.requests() == []


def test_an_attempt_that_failed_is_told_as_the_place(wire: WireServer, tmp_path: Path) -> None:
    """Where a provider fails, the place is who was tried, with model, class and status."""
    wire.script([Step(fault=Fault.SERVER_ERROR, times=0)])
    done = run("generate", SENTENCE, "--config", str(openai(wire, tmp_path)), cwd=tmp_path)
    assert done.returncode == 1
    assert "where: openai (gpt-4.1-mini): ProviderUnavailableError, status 500" in done.stderr
    assert lines_of_error(done.stderr)[-1] == "to do:"


def event(**more: object) -> GMNEvent:
    """An event."""
    return GMNEvent(**more)  # type: ignore[arg-type]  # a test's


def test_the_words_of_each_step() -> None:
    """Asking, checking and repairing are told with their figures; who starts over is named."""
    watch = Watch(repairs=2)
    assert watch.words == "finding out who can answer"
    watch.asks("openai", "gpt-4o")
    assert watch.words == "openai (gpt-4o): asking"
    watch.hear(event(type="delta", text="x" * 7))
    assert watch.words == "openai (gpt-4o): asking, 7 characters so far"
    watch.hear(event(type="partial", document=GMNSpec.parse(design("a 3x3 grid"))))
    assert watch.words.startswith("openai (gpt-4o): checking, ")
    watch.hear(event(type="repair", round=1, findings=(Finding("schema", "", "a"),)))
    assert watch.words == "openai (gpt-4o): repairing 1 of 2 (1 finding)"
    watch.hear(event(type="delta", text="x"))
    assert watch.words == "openai (gpt-4o): repairing 1 of 2 (1 finding)"
    watch.hear(event(type="reset", provider="ollama"))
    assert watch.words == "ollama: asking"


def test_each_event_as_a_line() -> None:
    """A repair has its findings, a reset who starts over, or null."""
    repair = json.loads(as_line(event(type="repair", round=2, findings=(Finding("schema", "/a", "b", "c"),))))
    assert (repair["round"], repair["findings"][0]["code"]) == (2, "schema")
    assert json.loads(as_line(event(type="reset"))) == {"type": "reset", "provider": None}
    assert "\n" not in as_line(event(type="delta", text="a\nb"))


def test_a_summary_tells_what_was_assumed_repaired_and_failed() -> None:
    """Warnings, repairs, failed attempts and a price that nobody knows each have their place."""
    failed = Attempt(provider="openai", model="gpt-4o", error="RateLimitError", status=429)
    made = Provenance(
        provider="x",
        model="y",
        repairs=2,
        attempts=(failed,),
        usage=Usage(prompt_tokens=10, completion_tokens=5),
        cost=None,
    )
    spec = GMNSpec.parse(design("a 3x3 grid")).told(provenance=made, said=["the walls were not read"])
    told = dict(rows(spec, "a.json"))
    assert "the walls were not read" in told["assumed"]
    assert told["repaired"] == ["2 times by the model"]
    assert told["failed"] == ["openai (gpt-4o): RateLimitError"]
    assert told["cost"][0].startswith("price not known, 15 tokens")
    assert told["document"] == ["a.json"]


def rehearsal(*parts: float | None, max_cost: float | None = None) -> Rehearsal:
    """A plan whose candidates cost so much at most."""
    request = CompletionRequest(messages=(LLMMessage(LLMRole.USER, "x"),))
    chain = tuple(
        Candidate(provider=f"p{number}", model="m", first=None if part is None else part / 4, most=part)
        for number, part in enumerate(parts)
    )
    return Rehearsal(request=request, tokens=1, schema_tokens=0, repairs=2, chain=chain, max_cost=max_cost)


def test_the_most_that_a_chain_can_cost() -> None:
    """Each provider's most is added; the budget bounds it, but for the first answer; an unknown price leaves it open."""
    assert rehearsal(0.4, 0.6).most == pytest.approx(1.0)
    assert rehearsal(0.4, 0.6, max_cost=0.5).most == pytest.approx(0.5)
    assert rehearsal(0.4, 0.6, max_cost=0.01).most == pytest.approx(0.01)
    assert rehearsal(0.4, None).most is None

"""What the server has been told to do and what it has seen, between two resets."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.wire.faults import Enforcer, Fault, Match, Rule, Step
from tests.wire.parts import Ask, Problem

DEFAULT_TEXT = json.dumps(json.loads((Path(__file__).parent / "fixtures" / "grid.json").read_text("utf-8")))
"""A small valid document: what the server answers where nothing else is said."""

DEFAULT_KEYS = {"openai": "sk-wire-openai-0123456789", "anthropic": "sk-ant-wire-0123456789"}
DEFAULT_MODELS: Mapping[str, list[str] | None] = {"openai": None, "anthropic": None, "ollama": None}


@dataclass(kw_only=True)
class Record:
    """One request and what became of it.

    Attributes:
        number: Its place since the server began; the replies carry it in ``x-wire-request``.
        time: When it had been read, in seconds since 1970.
        headers: Name and value in the order and spelling that travelled.
        body: The JSON sent, or None where it was none; ``raw`` has the words then.
        status: The status answered; 0 while there is none.
        fault: What was done to it, if anything.
        finished: The answer went out whole, as far as it was meant to.
        prompt_tokens: Tokens read, as a good answer says it; 0 where there is none.
        completion_tokens: Tokens written, likewise.
    """

    number: int
    protocol: str
    deployment: str
    method: str
    path: str
    query: str
    time: float
    headers: list[tuple[str, str]]
    body: object
    raw: str
    status: int = 0
    fault: str | None = None
    finished: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass
class Queue:
    """Steps for the requests that match, in their order."""

    match: Match
    steps: deque[Step]

    def take(self) -> Step:
        """The next step; one with ``times`` left stays at the head."""
        step = self.steps[0]
        if step.times == 1:
            self.steps.popleft()
        elif step.times > 1:
            self.steps[0] = replace(step, times=step.times - 1)
        return step


@dataclass
class Stage:
    """Settings, scripts, rules and records; ``reset`` brings back all but the count of requests."""

    text: str = DEFAULT_TEXT
    keys: dict[str, str | None] = field(default_factory=lambda: dict(DEFAULT_KEYS))
    models: dict[str, list[str] | None] = field(default_factory=lambda: dict(DEFAULT_MODELS))
    queues: list[Queue] = field(default_factory=list)
    enforcers: list[Enforcer] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    violations: list[dict[str, object]] = field(default_factory=list)
    count: int = 0

    def reset(self) -> None:
        """Forgets everything but how many requests there were."""
        self.text = DEFAULT_TEXT
        self.keys, self.models = dict(DEFAULT_KEYS), dict(DEFAULT_MODELS)
        for entries in (self.queues, self.enforcers, self.records, self.violations):
            entries.clear()

    def script(self, *, steps: Iterable[Mapping[str, object]], match: Mapping[str, str]) -> None:
        """Appends steps to the queue of a match.

        Raises:
            ValueError: A field or a fault that does not exist.
            TypeError: A part of the match that does not exist.
        """
        chosen = Match(**match)
        read = [Step.from_json(step) for step in steps]
        for queue in self.queues:
            if queue.match == chosen:
                queue.steps.extend(read)
                return
        self.queues.append(Queue(chosen, deque(read)))

    def rule(self, data: Mapping[str, object]) -> None:
        """Adds a standing rule.

        Raises:
            ValueError: A field or a fault that does not exist.
        """
        self.enforcers.append(Enforcer(Rule.from_json(data)))

    def settings(
        self,
        *,
        text: str | None = None,
        keys: Mapping[str, str | None] | None = None,
        models: Mapping[str, list[str] | None] | None = None,
    ) -> None:
        """Changes the default answer, the right keys (None: any) and the models there are (None: any)."""
        self.text = self.text if text is None else text
        self.keys.update(keys or {})
        self.models.update(models or {})

    def next_number(self) -> int:
        """The number of a new request."""
        self.count += 1
        return self.count

    def note(self, record: Record) -> None:
        """Keeps a request."""
        self.records.append(record)

    def complain(self, record: Record, problem: Problem) -> None:
        """Keeps a breach of the protocol."""
        self.violations.append(
            {
                "request": record.number,
                "protocol": record.protocol,
                "path": record.path,
                "message": problem.message,
                "param": problem.param,
                "refused": problem.refused,
            }
        )

    def rules_for(self, ask: Ask) -> list[Enforcer]:
        """The rules that hold for a request."""
        return [each for each in self.enforcers if self._fits(each.rule.match, ask)]

    def step_for(self, ask: Ask, *, prompt_tokens: int) -> Step:
        """What to do with a request: what a rule says, else the next scripted step, else a good answer."""
        delay = 0.0
        for enforcer in self.rules_for(ask):
            delay += enforcer.rule.delay
            step = enforcer.step(prompt_tokens=prompt_tokens)
            if step is not None:
                return step
        scripted = self._scripted(ask)
        return replace(scripted, delay=scripted.delay + delay)

    def _scripted(self, ask: Ask) -> Step:
        fitting = [queue for queue in self.queues if queue.steps and self._fits(queue.match, ask)]
        if not fitting:
            return Step()
        return max(fitting, key=lambda queue: queue.match.weight()).take()

    @staticmethod
    def _fits(match: Match, ask: Ask) -> bool:
        return match.fits(path=ask.path, model=ask.model, deployment=ask.deployment)

    def served(self, protocol: str) -> list[str] | None:
        """The models of a protocol, or None where any is served."""
        return self.models[protocol]


def applies(step: Step, constrained: str | None) -> bool:
    """Whether a step concerns a request: some refuse only an output in JSON."""
    if step.fault in {Fault.NO_JSON_SCHEMA, Fault.GRAMMAR}:
        return constrained == "json_schema"
    if step.fault is Fault.NO_RESPONSE_FORMAT:
        return constrained is not None
    return True

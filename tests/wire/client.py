"""``WireServer``: starts the test server in a process of its own and talks to its control endpoints."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from tests.wire.faults import Fault, Match, Rule, Step
from tests.wire.stage import DEFAULT_KEYS, DEFAULT_TEXT

__all__ = ["DEFAULT_TEXT", "Fault", "Program", "Rule", "Seen", "Step", "WireServer", "closed_port"]

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A module of the tests that runs as a server until its standard input closes.

    Its first line on standard output is a JSON object, which is kept as ``told``.
    """

    def __init__(self, module: str, *arguments: str, stderr: IO[bytes] | int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, "--until-stdin-closes", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"{module} ended with {self._process.returncode} before it served")
        self.told: dict[str, object] = json.loads(line)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def terminate(self) -> int:
        """Sends SIGTERM and waits; the exit code."""
        self._process.terminate()
        return self.stop()

    def stop(self) -> int:
        """Closes its standard input, which ends it, and waits; the exit code. A second call does nothing."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._process.stdout.close()
        return code


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it travelled, and what became of it; the fields are those of ``stage.Record``."""

    number: int
    protocol: str
    deployment: str
    method: str
    path: str
    query: str
    time: float
    headers: Sequence[Sequence[str]]
    body: object
    raw: str
    status: int
    fault: str | None
    finished: bool
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its capitals."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    @property
    def json(self) -> dict[str, object]:
        """The body, where it is a JSON object.

        Raises:
            TypeError: It is none.
        """
        if not isinstance(self.body, dict):
            raise TypeError(f"request {self.number} has no JSON object for a body")
        return cast("dict[str, object]", self.body)

    @property
    def model(self) -> object:
        """The model it names, or None."""
        return self.json.get("model") if isinstance(self.body, dict) else None


class WireServer:
    """The test server, as a context manager.

    ``url`` is its root; ``openai_base`` ends in ``/v1``; ``anthropic_base`` and ``ollama_base`` are roots.
    ``at(name)`` is the same server under a deployment's name, for several deployments of one model.
    """

    openai_key = DEFAULT_KEYS["openai"]
    anthropic_key = DEFAULT_KEYS["anthropic"]
    default_text = DEFAULT_TEXT

    def __init__(self) -> None:
        self._program: Program | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._program = Program("tests.wire.server")
        self.port = cast("int", self._program.told["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._program is not None:
            self._program.stop()

    @property
    def url(self) -> str:
        """The root, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_base(self) -> str:
        """What OpenAI's clients take for a base URL."""
        return f"{self.url}/v1"

    @property
    def anthropic_base(self) -> str:
        """What LiteLLM and Anthropic's clients take for a base URL."""
        return self.url

    @property
    def ollama_base(self) -> str:
        """What Ollama's clients take for a base URL."""
        return self.url

    def at(self, deployment: str) -> str:
        """The root of a deployment of that name: add ``/v1`` for OpenAI's clients."""
        return f"{self.url}/@{deployment}"

    def script(
        self,
        steps: Iterable[Step | str],
        *,
        path: str | None = None,
        model: str | None = None,
        deployment: str | None = None,
    ) -> None:
        """Appends replies for the requests that match, in order; a plain string is what the model says.

        When they are used up, the default document is answered again. Without a path they are for the chat
        endpoints.
        """
        sent = [asdict(Step(text=step) if isinstance(step, str) else step) for step in steps]
        match = Match(path=path, model=model, deployment=deployment)
        self._control("POST", "script", {"steps": sent, "match": asdict(match)})

    def rule(self, rule: Rule) -> None:
        """Adds what holds until the next reset: failures at a rate, a delay, an rpm, a context window."""
        self._control("POST", "rule", asdict(rule))

    def settings(
        self,
        *,
        text: str | None = None,
        keys: Mapping[str, str | None] | None = None,
        models: Mapping[str, Sequence[str] | None] | None = None,
    ) -> None:
        """Changes the default text, the right keys (None: any) and the models there are (None: any)."""
        self._control("POST", "settings", {"text": text, "keys": keys, "models": models})

    def requests(
        self, *, path: str | None = None, model: str | None = None, deployment: str | None = None
    ) -> list[Seen]:
        """What has travelled since the last reset, in the order of arrival."""
        every = [Seen(**data) for data in cast("list[dict[str, object]]", self._control("GET", "requests"))]  # type: ignore[arg-type]  # made by the server from the same fields
        return [
            seen
            for seen in every
            if path in {None, seen.path}
            and (model is None or seen.model == model)
            and deployment in {None, seen.deployment}
        ]

    def most_within(self, seconds: float, *, answered: bool = True, **match: str | None) -> int:
        """The most requests that came within any span of so many seconds; those answered 200, or all."""
        times = [seen.time for seen in self.requests(**match) if seen.status == 200 or not answered]
        return max((sum(start <= time < start + seconds for time in times) for start in times), default=0)

    def by_minute(self, *, answered: bool = True, **match: str | None) -> Counter[int]:
        """How many requests came in each minute of the clock."""
        return Counter(int(seen.time // 60) for seen in self.requests(**match) if seen.status == 200 or not answered)

    def violations(self) -> list[dict[str, object]]:
        """The breaches since the last reset: request, protocol, path, message, param, refused."""
        return cast("list[dict[str, object]]", self._control("GET", "violations"))

    def forgive(self) -> None:
        """Forgets the breaches, for a test that means to make some."""
        self._control("POST", "forgive", {})

    def reset(self) -> None:
        """Forgets scripts, rules, settings, requests and breaches."""
        self._control("POST", "reset", {})

    def _control(self, method: str, verb: str, data: object = None) -> object:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            body = None if data is None else json.dumps(data)
            connection.request(method, f"/_control/{verb}", body, {"content-type": "application/json"})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(text)
        return cast("object", json.loads(text))


def closed_port() -> int:
    """A port of the loopback where nobody listens, so that a connection is refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return cast("int", probe.getsockname()[1])

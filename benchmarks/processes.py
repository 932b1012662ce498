"""The processes of a run: the server, and one worker for each client."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.environments import ROOT
from benchmarks.job import Job, answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.roster import Client

__all__ = ["Server", "Worker", "environment", "interleaved", "serving", "working"]

UNWANTED = ("OPENAI_", "ANTHROPIC_", "LITELLM_", "GMN_", "LLM_", "LANGCHAIN_", "LANGSMITH_", "LOGFIRE_", "PYTHON")


class Worker:
    """A client in a process of its own.

    Args:
        python: The Python of its environment.
        client: The client.
        job: What it is to do.
    """

    def __init__(self, python: Path, client: Client, job: Job) -> None:
        self._name = client.name
        self._process = subprocess.Popen(  # noqa: S603 - a Python of ours
            [python, "-m", "benchmarks.worker", client.module, client.function, job.to_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )

    def ready(self) -> None:
        """Wait until it can be told what to do."""
        self.result()

    def tell(self, **command: object) -> None:
        """Begin a command."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def result(self) -> dict[str, Any]:
        """Wait for the end of a command and return what it told.

        Raises:
            RuntimeError: The client failed; its own words are on standard error.
        """
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} failed with exit code {self._process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told

    def ask(self, **command: object) -> dict[str, Any]:
        """Do a command and return what it told."""
        self.tell(**command)
        return self.result()

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def environment() -> dict[str, str]:
    """Return the environment variables of a worker: nobody's keys, proxies, tracing or configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    return {
        **{name: value for name, value in kept.items() if not name.lower().endswith("_proxy")},
        "PYTHONPATH": str(ROOT),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    }


class Server:
    """The server's process.

    Args:
        texts: Its answers by name, beside ``answer``.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "answers.json"
        whole = json.dumps(answer(), separators=(",", ":"))
        file.write_text(json.dumps({"answer": whole, **texts}), encoding="utf-8")
        self._process = subprocess.Popen(  # noqa: S603 - this Python
            [sys.executable, "-m", "benchmarks.server", file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self.origin = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def asked(self) -> dict[str, Any]:
        """Return how many questions there were, the processor's seconds for them, and the last."""
        with urllib.request.urlopen(f"{self.origin}/asked") as reply:  # noqa: S310 - it is the loopback
            told: dict[str, Any] = json.load(reply)
        return told

    def stop(self) -> None:
        """End it."""
        self._process.communicate()
        self._folder.cleanup()


@contextmanager
def serving(texts: Mapping[str, str]) -> Iterator[Server]:
    """Give a server as long as the block runs."""
    server = Server(texts)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def working(started: Sequence[tuple[Path, Client, Job]]) -> Iterator[list[Worker]]:
    """Give workers that are ready, as long as the block runs."""
    workers: list[Worker] = []
    try:
        for python, client, job in started:
            # One after the other: a dozen that import at once keep each other from their first call.
            workers.append(Worker(python, client, job))
            workers[-1].ready()
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def interleaved(workers: Mapping[str, Worker], repeats: int, **command: object) -> dict[str, list[dict[str, Any]]]:
    """Let every worker do a command in each repeat, one after the other; who begins changes with the repeat."""
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in workers}
    names = list(workers)
    for repeat in range(repeats):
        first = repeat % len(names)
        for name in (*names[first:], *names[:first]):
            told[name].append(workers[name].ask(**command))
    return told

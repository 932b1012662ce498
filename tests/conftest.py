"""What every test stands on: a closed network, a clean environment, and the servers of ``tests.wire``."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.wire import llama
from tests.wire.client import Program, WireServer

KEYS = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "OPENAI_ORGANIZATION",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_API_BASE",
    "OLLAMA_HOST",
    "OLLAMA_API_BASE",
    "OLLAMA_API_KEY",
    "AZURE_API_KEY",
    "AZURE_API_BASE",
    "AZURE_API_VERSION",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "MISTRAL_API_KEY",
    "GROQ_API_KEY",
    "COHERE_API_KEY",
    "HF_TOKEN",
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_PASSWORD",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "NO_COLOR",
    "FORCE_COLOR",
]
PREFIXES = ("GMN_LLM_", "LLM_PROVIDER")
FOLDERS = {
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "APPDATA": "config",
    "LOCALAPPDATA": "cache",
}


class NetworkClosedError(RuntimeError):
    """A test tried to leave the loopback."""


@dataclass
class Guard:
    """Refuses connections and look-ups beyond the loopback, and remembers them.

    An audit hook cannot be taken out again, so it is installed once and asks this object.
    """

    closed: bool = False
    attempts: list[str] | None = None

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Called by the interpreter for every audited event."""
        if not self.closed or event not in {"socket.connect", "socket.sendto", "socket.getaddrinfo"}:
            return
        target = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = target[0] if isinstance(target, tuple) else target
        if isinstance(target, tuple) or event == "socket.getaddrinfo":
            self._allow(host)

    def _allow(self, host: object) -> None:
        name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
        if _is_loopback(name):
            return
        if self.attempts is not None:
            self.attempts.append(name)
        raise NetworkClosedError(f"the network is closed but for the loopback; {name} was asked for")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


GUARD = Guard()
sys.addaudithook(GUARD)


@pytest.fixture(autouse=True)
def network_attempts() -> Iterator[list[str]]:
    """Closes the network but for the loopback; the hosts that were asked for all the same.

    A test fails at its end if there are any; one that means to leave the loopback clears the list.
    """
    attempts: list[str] = []
    GUARD.attempts, GUARD.closed = attempts, True
    yield attempts
    GUARD.closed = False
    if attempts:
        pytest.fail(f"beyond the loopback were asked: {', '.join(attempts)}")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes keys, proxies and this package's variables out of the environment; moves the user's folders."""
    for name in list(os.environ):
        if name in KEYS or name.startswith(PREFIXES):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    for name, folder in FOLDERS.items():
        monkeypatch.setenv(name, str(home / folder))
    if sys.platform == "darwin":  # there the folders hang on HOME alone
        monkeypatch.setenv("HOME", str(home))


@pytest.fixture(scope="session")
def wire_process() -> Iterator[WireServer]:
    """The test server, one process for the whole run."""
    with WireServer() as server:
        yield server


@pytest.fixture
def wire(wire_process: WireServer) -> Iterator[WireServer]:
    """The test server, as if it had just begun.

    A test fails at its end if a request broke its protocol; one that means to break it calls
    ``wire.forgive()``.
    """
    wire_process.reset()
    yield wire_process
    breaches = wire_process.violations()
    if breaches:
        pytest.fail("\n".join(f"{each['protocol']} {each['path']}: {each['message']}" for each in breaches))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A real model: what an OpenAI client needs to ask it. Any key will do."""

    base_url: str
    model: str


@pytest.fixture(scope="session")
def local_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalModel]:
    """SmolLM2-135M-Instruct behind llama.cpp's server, for the whole run; see ``tests.wire.llama``."""
    trouble = llama.missing()
    if trouble is not None:
        pytest.skip(trouble)
    with (tmp_path_factory.mktemp("llama") / "stderr.log").open("wb") as log:
        program = Program("tests.wire.llama", stderr=log)
        try:
            yield LocalModel(
                base_url=f"http://127.0.0.1:{program.told['port']}/v1",
                model=cast("str", program.told["model"]),
            )
        finally:
            program.stop()

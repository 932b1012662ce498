"""Runs ``gmn-llm`` as a process of its own: in a pipe, on a terminal, and with its commands to go through."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.main import get_command

from gmn_llm.cli.app import app

__all__ = ["AS_OTHERS", "PROGRAM", "Shown", "commands", "hanging", "interrupted", "lines_of_error", "run", "terminal"]

PROGRAM = [sys.executable, "-m", "gmn_llm"]
SECONDS = 100
RIGHTS = "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"
AS_OTHERS = ["setpriv", *RIGHTS] if os.name == "posix" and os.geteuid() == 0 else []
"""What takes from root the right to write where nobody may."""
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9](;[0-9;]*)?m")


def commands() -> dict[str, str]:
    """Every command, as it is typed, with its help."""
    found: dict[str, str] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]  # a group's
        below = getattr(command, "commands", None)
        if below is None:
            found[name] = command.help
        else:
            found.update({f"{name} {inner}": each.help for inner, each in below.items()})
    return found


def run(
    *arguments: str,
    stdin: str | bytes = b"",
    cwd: Path | None = None,
    stdout: int | None = None,
    unset: Sequence[str] = (),
    prefix: Sequence[str] = (),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run ``gmn-llm`` in a process of its own, without a terminal; its output is read as UTF-8."""
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        [*prefix, *PROGRAM, *arguments],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE, check=False, cwd=cwd, timeout=SECONDS, env={**kept, **environment},
    )  # fmt: skip
    out = (done.stdout or b"").decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, done.stderr.decode())


@dataclass(frozen=True, slots=True)
class Shown:
    """What a terminal got, and how the process ended.

    Attributes:
        code: The exit code.
        raw: All that was written, standard error included.
    """

    code: int
    raw: str

    @property
    def text(self) -> str:
        """What was written, without what steers the terminal."""
        return ESCAPE.sub("", self.raw).replace("\r\n", "\n")

    @property
    def lines(self) -> list[str]:
        """The lines as they stay there: what is written over is gone."""
        return [line.rpartition("\r")[2] for line in self.text.split("\n")]

    @property
    def is_coloured(self) -> bool:
        """Whether a colour was asked for."""
        return COLOUR.search(self.raw) is not None


def terminal(*arguments: str, columns: int = 80, cwd: Path | None = None, **environment: str) -> Shown:
    """Run ``gmn-llm`` on a terminal of its own, which is standard input, output and error."""
    import fcntl
    import pty
    import termios

    own, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    surroundings = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdin=other, stdout=other, stderr=other, cwd=cwd, start_new_session=True,
        env={**surroundings, "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    os.close(other)
    written = b""
    # Linux ends a terminal that nobody holds any more with an error.
    with contextlib.suppress(OSError):
        while part := os.read(own, 65536):
            written += part
    os.close(own)
    return Shown(process.wait(SECONDS), written.decode("utf-8", "replace"))


@contextlib.contextmanager
def hanging() -> Iterator[socket.socket]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        server.settimeout(SECONDS)
        yield server


def interrupted(*arguments: str, server: socket.socket | None, cwd: Path, **environment: str) -> Shown:
    """Run ``gmn-llm`` and press Ctrl-C: once the server is asked, or else once it reads standard input."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stdin is not None
    with contextlib.ExitStack() as held:
        if server is None:
            # Larger than what a pipe holds, so that writing it waits until it is being read.
            process.stdin.write(b" " * 1_000_000)
            process.stdin.flush()
        else:
            held.enter_context(server.accept()[0])
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=SECONDS)
    return Shown(process.returncode, out.decode("utf-8", "replace"))


def lines_of_error(text: str) -> list[str]:
    """The heads of an error's lines; what is logged before it does not count."""
    lines = text.splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("error: ")), len(lines))
    return [line[:7].rstrip() for line in lines[begin:]]

"""``gmn-llm refine``: what it writes where, and the conversation on a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import GMNSpec
from gmn_llm.mock import design

pty = pytest.importorskip("pty", reason="needs a POSIX terminal")
select = pytest.importorskip("select")
COMMAND = [sys.executable, "-m", "gmn_llm", "refine"]
SECONDS = 60


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A document in a file."""
    file = tmp_path / "agent.json"
    file.write_text(GMNSpec.parse(design("A 5x5 grid; reach the bottom-right corner")).to_json() + "\n")
    return file


def run(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run ``gmn-llm refine`` in a process of its own, without a terminal."""
    more = {"input": "", **more}
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=SECONDS, **more)


def lines(text: str) -> set[str]:
    """The lines of a document, without what ends them."""
    return {line.removesuffix("],").removesuffix(",") for line in text.splitlines() if '"id": ' in line}


def test_the_difference_goes_to_standard_error_and_the_document_to_standard_output(file: Path) -> None:
    """What is other is told line by line; every other node of the document has the text that it had."""
    done = run(str(file), "--feedback", "it slips 20% of the time")
    assert done.returncode == 0
    assert "~ transition position_transition\n" in done.stderr
    assert '"slip": 0.2' in done.stderr
    assert "\x1b" not in done.stderr
    new = lines(done.stdout) - lines(file.read_text())
    assert [json.loads(line)["id"] for line in new] == ["position_transition"]
    assert len(lines(done.stdout)) == len(lines(file.read_text()))
    assert GMNSpec.parse(done.stdout).metadata["history"][0]["feedback"] == "it slips 20% of the time"


def test_quiet_leaves_the_difference_out(file: Path) -> None:
    """With ``--quiet`` nothing is on standard error, and with ``-o`` nothing on standard output."""
    done = run(str(file), "--feedback", "plan three steps ahead", "--quiet", "-o", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert GMNSpec.parse(file.read_text()).valid()


def test_feedback_that_asks_for_nothing_leaves_the_file_as_it_was(file: Path) -> None:
    """The document is the same byte for byte, exit code 0, and that nothing was changed is told."""
    before = file.read_bytes()
    done = run(str(file), "--feedback", "looks good, thanks", "-o", str(file))
    assert done.returncode == 0
    assert "nothing was changed" in done.stderr
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "--feedback"),
        (["--feedback", "  "], 2, "feedback is empty"),
        (["--feedback", "x", "--constraint", "max_states"], 2, "name=value"),
        (["--feedback", "x", "--provider", "openai"], 2, "OPENAI_API_KEY"),
        (["--feedback", "plan ahead", "--constraint", "max_states=3"], 1, "max_states"),
    ],
    ids=["no feedback", "blank feedback", "constraint", "no key", "constraint that is not met"],
)
def test_exit_codes(file: Path, arguments: list[str], code: int, said: str) -> None:
    """Wrong usage leaves 2 and a document that can't be made 1; nothing is written then."""
    done = run(str(file), *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_document_from_standard_input(file: Path) -> None:
    """``-`` is the document; without feedback there is nobody to ask, which is wrong usage."""
    text = file.read_text()
    assert GMNSpec.parse(run("-", "--feedback", "plan ahead", input=text).stdout).valid()
    assert run("-", input=text).returncode == 2


class Terminal:
    """A process whose standard input and standard error are a terminal; standard output is a file."""

    def __init__(self, *arguments: str, out: Path, **environment: str) -> None:
        self.ours, theirs = pty.openpty()
        with out.open("wb") as stream:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments], stdin=theirs, stdout=stream, stderr=theirs, start_new_session=True,
                env={**os.environ, **environment},
            )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def until(self, text: str) -> str:
        """Read until ``text`` is there; all that came before it since the last time."""
        end = time.monotonic() + SECONDS
        while text not in self.seen and time.monotonic() < end and self._read():
            pass
        assert text in self.seen, self.seen
        before, _, self.seen = self.seen.partition(text)
        return before

    def _read(self) -> bool:
        ready, _, _ = select.select([self.ours], [], [], SECONDS)
        with contextlib.suppress(OSError):  # Linux says so when the other side is closed
            data = os.read(self.ours, 65536) if ready else b""
            self.seen += data.decode("utf-8", "replace")
            return bool(data)
        return False

    def say(self, text: str) -> None:
        """Type a line."""
        os.write(self.ours, f"{text}\n".encode())

    def end(self) -> int:
        """Wait for the process and return its exit code."""
        while self._read():
            pass
        return self.process.wait(timeout=SECONDS)

    def close(self) -> None:
        """End the process where it still runs, and let go of the terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts the command on a terminal; its standard output is the file ``out``."""
    opened: list[Terminal] = []

    def start(*arguments: str, **environment: str) -> Terminal:
        opened.append(Terminal(*arguments, out=tmp_path / "out", **environment))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_a_conversation_changes_keeps_and_takes_back(
    terminal: Callable[..., Terminal], file: Path, tmp_path: Path
) -> None:
    """Each change is shown and asked for; what is not kept and what is undone is not in the document that is written."""
    out, saved = tmp_path / "out", tmp_path / "saved.json"
    talk = terminal(str(file), "-o", str(saved), NO_COLOR="1")
    talk.until("change> ")
    talk.say("it slips 20% of the time")
    assert "~ transition position_transition" in talk.until("keep it? [Y/n] ")
    talk.say("")
    talk.until("change> ")
    talk.say("Add memory capabilities")
    assert "+ state memory" in talk.until("keep it? [Y/n] ")
    talk.say("n")
    talk.until("change> ")
    talk.say("plan three steps ahead")
    talk.until("keep it? [Y/n] ")
    talk.say("y")
    talk.until("change> ")
    talk.say("undo")
    assert "~ policy policy" in talk.until("change> ")
    talk.say("thanks")
    assert "nothing was changed" in talk.until("change> ")
    talk.say("")
    assert talk.end() == 0
    spec = GMNSpec.parse(saved.read_text())
    assert [each["feedback"] for each in spec.metadata["history"]] == ["it slips 20% of the time"]
    assert "memory" not in {node.id for node in spec.nodes}
    assert out.read_bytes() == b""


def test_the_end_of_the_input_writes_the_document(
    terminal: Callable[..., Terminal], file: Path, tmp_path: Path
) -> None:
    """Ctrl-D ends the conversation as an empty line does; the document goes to standard output, colours to the terminal."""
    out = tmp_path / "out"
    talk = terminal(str(file), NO_COLOR="")
    talk.until("change> ")
    talk.say("it slips 20% of the time")
    assert "\x1b[33m~ transition position_transition" in talk.until("keep it? [Y/n] ")
    talk.say("yes")
    talk.until("change> ")
    os.write(talk.ours, b"\x04")
    assert talk.end() == 0
    assert len(GMNSpec.parse(out.read_text()).metadata["history"]) == 1


def test_quit_writes_nothing(terminal: Callable[..., Terminal], file: Path, tmp_path: Path) -> None:
    """``quit`` leaves without a document."""
    out = tmp_path / "out"
    talk = terminal(str(file))
    talk.until("change> ")
    talk.say("quit")
    assert talk.end() == 0
    assert out.read_bytes() == b""


def test_an_interrupt_leaves_130(terminal: Callable[..., Terminal], file: Path, tmp_path: Path) -> None:
    """Ctrl-C ends the conversation with nothing written."""
    out = tmp_path / "out"
    talk = terminal(str(file))
    talk.until("change> ")
    talk.process.send_signal(2)
    assert talk.end() == 130
    assert out.read_bytes() == b""


def test_a_failure_does_not_end_a_conversation(terminal: Callable[..., Terminal], file: Path, tmp_path: Path) -> None:
    """What goes wrong with one change is told, and the next can be asked for."""
    config = tmp_path / "c.yaml"
    config.write_text(
        "provider: mock\nmock:\n  replies:\n    - {error: ProviderUnavailableError, message: out of order}\n"
    )
    out = tmp_path / "out"
    talk = terminal(str(file), "--config", str(config))
    talk.until("change> ")
    talk.say("plan three steps ahead")
    assert "out of order" in talk.until("change> ")
    talk.say("plan three steps ahead")
    talk.until("keep it? [Y/n] ")
    talk.say("")
    talk.until("change> ")
    talk.say("")
    assert talk.end() == 0
    assert len(GMNSpec.parse(out.read_text()).metadata["history"]) == 1


def test_a_place_that_is_not_there_is_told_before_the_work(
    terminal: Callable[..., Terminal], file: Path, tmp_path: Path
) -> None:
    """Where the file can't be written the conversation does not begin."""
    talk = terminal(str(file), "-o", str(tmp_path / "nowhere" / "a.json"))
    assert talk.end() == 2
    assert "no such folder" in talk.seen

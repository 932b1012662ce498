"""``gmn-llm generate --image``: pictures and diagrams on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures.made import png
from tests.routing.conftest import section
from tests.wire.client import WireServer


def generate(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command in a folder of its own."""
    command = [sys.executable, "-m", "gmn_llm", "generate", "an agent as drawn", "--no-cache", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=os.environ.copy())


def test_a_drawn_machine_becomes_a_document_offline(tmp_path: Path) -> None:
    """A Mermaid file is enough for the mock, without a model and without vision."""
    (tmp_path / "machine.mmd").write_text("stateDiagram-v2\n [*] --> Off\n Off --> On : press\n On --> Off : press\n")

    done = generate("--image", "machine.mmd", "--provider", "mock", folder=tmp_path)

    nodes = {node["id"]: node["properties"] for node in json.loads(done.stdout)["nodes"]}
    assert done.returncode == 0
    assert nodes["state"]["labels"] == ["Off", "On"]
    assert nodes["act"]["labels"] == ["press"]


def test_several_pictures_go_to_the_provider(wire: WireServer, tmp_path: Path) -> None:
    """The option may be repeated, and the pictures travel in its order."""
    (tmp_path / "one.png").write_bytes(png(1, 1))
    (tmp_path / "two.png").write_bytes(png(2, 2))
    config = tmp_path / "gmn-llm.yaml"
    config.write_text(json.dumps({"provider": "openai", "openai": section(wire, "openai")}))

    done = generate("--image", "one.png", "--image", "two.png", "--config", str(config), folder=tmp_path)

    assert done.returncode == 0, done.stderr
    parts = wire.requests()[0].json["messages"][-1]["content"]  # type: ignore[index]  # JSON
    assert [part["type"] for part in parts] == ["image_url", "image_url", "text"]
    assert parts[0] != parts[1]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.png", None, "there is no picture gone.png"),
        ("empty.png", b"", "empty.png is empty"),
        ("cut.png", png()[:-5], "cut.png ends before its end"),
        ("page.pdf", b"%PDF-1.7", "page.pdf is a PDF"),
        ("broken.mmd", b"flowchart LR\n a[", "broken.mmd is no Mermaid flowchart that can be read: line 2"),
        ("sketch.png", png(), "mock (designer) has no vision"),
    ],
)
def test_a_picture_that_can_not_be_used_is_wrong_usage(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    """Exit code 2, a message that names the file, and nothing on standard output."""
    if content is not None:
        (tmp_path / name).write_bytes(content)

    done = generate("--image", name, "--provider", "mock", folder=tmp_path)

    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr

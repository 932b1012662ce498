"""What each command prints, where, and the exit code it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gmn_llm import GMNSpec
from tests.wire.client import Fault, Step, WireServer

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "Create an agent that explores a 5x5 grid world"
BAD = '{"name": "lamp",\n "nodes": [{"id": "light", "type": "state", "properties": {"num_states": 2}}]}'


def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``gmn-llm`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gmn_llm", *arguments],
        input=stdin, capture_output=True, text=True, check=False, env={**os.environ, **environment}, timeout=100,
    )  # fmt: skip


def test_generate_prints_the_document_and_nothing_else() -> None:
    """Standard output is the JSON document; that the mock answers unasked stands on standard error, in one line."""
    done = run("generate", SENTENCE, "--agent-type", "explorer")
    assert done.returncode == 0
    assert GMNSpec.parse(done.stdout).findings() == ()
    assert len(done.stderr.splitlines()) == 1
    assert "mock" in done.stderr


def test_generate_reads_the_prompt_from_standard_input() -> None:
    """A prompt of ``-`` comes from standard input, in any language."""
    done = run("generate", "-", "--quiet", stdin="Eine Maus auf einem 4 mal 3 Gitter")
    assert done.returncode == 0
    assert done.stderr == ""
    assert (
        next(node for node in GMNSpec.parse(done.stdout).nodes if node.type == "state").properties["num_states"] == 12
    )


@pytest.mark.parametrize(
    ("wanted", "beginning"),
    [("json", "{"), ("text", "model "), ("expanded", "{"), ("mermaid", "flowchart ")],
)
def test_generate_writes_every_format(wanted: str, beginning: str) -> None:
    """Each format begins as its notation does; JSON and text can be read again."""
    done = run("generate", SENTENCE, "--format", wanted, "--quiet")
    assert done.returncode == 0
    assert done.stdout.startswith(beginning)
    if wanted != "mermaid":
        assert GMNSpec.parse(done.stdout).valid()


def test_generate_writes_a_file_whole(tmp_path: Path) -> None:
    """With ``-o`` the document is in the file, standard output is empty and nothing is left beside it."""
    file = tmp_path / "agent.json"
    file.write_text("old")
    done = run("generate", SENTENCE, "-o", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert GMNSpec.parse(file.read_bytes()).valid()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["agent.json"]


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """``-o`` with a named pipe feeds who reads it, and leaves the pipe where it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        done = run("generate", "a 3x3 grid", "--quiet", "-o", str(pipe))
        read, _ = reader.communicate(timeout=30)
    assert done.returncode == 0, done.stderr
    assert GMNSpec.parse(read).valid()
    assert pipe.is_fifo()


def test_a_document_too_large_to_be_read_again_is_not_written_out() -> None:
    """Expanded, a grid of 50 x 50 is more than a document may be: an error that says how to get the arrays."""
    done = run("generate", "a 50x50 grid", "--quiet", "--format", "expanded")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--to pymdp" in done.stderr


def test_an_unknown_constraint_is_reported() -> None:
    """A constraint that nobody can check goes to the model, and that is told."""
    done = run("generate", "a 3x3 grid", "--constraint", "colour=red")
    assert done.returncode == 0
    assert "colour" in done.stderr


def test_constraints_reach_the_document() -> None:
    """``--constraint`` holds; where it contradicts the prompt it wins, and that is told."""
    done = run("generate", SENTENCE, "--constraint", "max_states=10", "--constraint", "actions=up,down")
    assert done.returncode == 0, done.stderr
    spec = GMNSpec.parse(done.stdout)
    assert sum(node.properties["num_states"] for node in spec.nodes if node.type == "state") <= 10
    assert "constraint won" in done.stderr


def test_global_options_may_stand_anywhere(tmp_path: Path) -> None:
    """``--config`` and ``--quiet`` are taken before and after the command."""
    config = tmp_path / "c.yaml"
    config.write_text("provider: mock\n")
    before = run("--quiet", "--config", str(config), "generate", "a 3x3 grid")
    after = run("generate", "a 3x3 grid", f"--config={config}", "--quiet")
    assert before.returncode == after.returncode == 0
    assert before.stdout == after.stdout
    assert before.stderr == after.stderr == ""


WRONG = {
    "blank prompt": (["generate", "   "], "prompt is empty"),
    "prompt of 200 KB": (["generate", "-"], "204800 bytes"),
    "agent type": (["generate", "x", "--agent-type", "wizard"], "no agent type wizard"),
    "provider": (["generate", "x", "--provider", "nobody"], "no provider nobody"),
    "no key": (["generate", "x", "--provider", "openai"], "OPENAI_API_KEY"),
    "constraint": (["generate", "x", "--constraint", "max_states"], "name=value"),
    "constraint value": (["generate", "x", "--constraint", "max_states=many"], "max_states"),
    "timeout": (["generate", "x", "--timeout", "-1"], "timeout"),
    "format": (["generate", "x", "--format", "pdf"], "pdf"),
    "configuration": (["generate", "x", "--config", "/nowhere.yaml"], "/nowhere.yaml"),
    "example": (["generate", "x", "--example", "/nowhere.json"], "/nowhere.json"),
    "folder for a file": (["generate", "a 3x3 grid", "-o", "/"], "folder"),
    "no such place": (["generate", "a 3x3 grid", "-o", "/nowhere/a.json"], "/nowhere"),
    "command": (["frobnicate"], "frobnicate"),
    "option": (["generate", "x", "--colour"], "--colour"),
    "no prompt": (["generate"], "PROMPT"),
    "no provider's name": (["generate", "x", "--provider", ""], "no name"),
    "nested constraint": (["generate", "x", "--constraint", "max_states=" + "[" * 20_000], "max_states"),
    "constraints that contradict": (
        ["generate", "x", "--constraint", "min_states=100", "--constraint", "max_states=5"],
        "min_states = 100",
    ),
    "example of bytes": (["generate", "x", "--example", str(ROOT / "tests/data/not_utf8.json")], "not UTF-8"),
    "no feedback": (["refine", "x.json"], "--feedback"),
    "target": (["convert", "x.json", "--to", "pdf"], "pdf"),
    "file": (["validate", "/nowhere.json"], "/nowhere.json"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_and_leaves_2(arguments: list[str], said: str) -> None:
    """Wrong usage, input or configuration: exit code 2, what is wrong on standard error, no document, no traceback."""
    done = run(*arguments, stdin="x" * 204_800 if "-" in arguments else "")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "text",
    ["I would rather not.", "```json\n{\n```", '{"name": "half", "nod', ""],
    ids=["prose", "fence", "half", "nothing"],
)
def test_a_model_that_writes_nothing_valid_leaves_1_and_no_document(
    wire: WireServer, tmp_path: Path, text: str
) -> None:
    """Whatever a model writes instead of a document, standard output stays empty and the exit code is 1."""
    wire.script([Step(text=text, fault=None if text else Fault.EMPTY, times=0)])
    config = tmp_path / "c.yaml"
    config.write_text(
        f"provider: openai\nopenai: {{model: gpt-4o, base_url: {wire.openai_base}, api_key: {wire.openai_key}, max_retries: 0}}\n"
    )
    done = run("generate", "a 3x3 grid", "--config", str(config))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert wire.openai_key not in done.stderr


def test_validate_tells_file_place_and_hint(tmp_path: Path) -> None:
    """Each finding has file, line, column, code and what to do; an invalid document leaves 1."""
    file = tmp_path / "lamp.json"
    file.write_text(BAD)
    done = run("validate", str(file))
    assert done.returncode == 1
    assert f"{file}:2:" in done.stdout
    assert "missing-node" in done.stdout
    assert "add at least one observation" in done.stdout


def test_validate_prints_json_of_the_promised_shape(tmp_path: Path) -> None:
    """``--json`` has ok, files, and for each finding the seven keys."""
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(BAD)
    good.write_text(run("generate", SENTENCE, "--quiet").stdout)
    done = run("validate", "--json", str(bad), str(good))
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["ok"] is False
    assert [(each["file"], each["ok"]) for each in told["files"]] == [(str(bad), False), (str(good), True)]
    assert set(told["files"][0]["findings"][0]) == {"code", "severity", "path", "line", "column", "message", "hint"}
    assert run("validate", str(good)).returncode == 0


def test_validate_reads_standard_input_and_constraints() -> None:
    """``-`` is standard input, and ``--constraint`` is checked."""
    document = run("generate", SENTENCE, "--quiet").stdout
    assert run("validate", "-", stdin=document).returncode == 0
    done = run("validate", "-", "--constraint", "max_states=10", stdin=document)
    assert done.returncode == 1
    assert "constraint" in done.stdout


def test_refine_changes_what_was_asked(tmp_path: Path) -> None:
    """``refine`` writes a valid document in which the nodes nobody spoke of are the same."""
    file = tmp_path / "agent.json"
    file.write_text(run("generate", SENTENCE, "--quiet").stdout)
    done = run("refine", str(file), "--feedback", "it starts in the bottom-left corner", "--quiet")
    assert done.returncode == 0, done.stderr
    old, new = GMNSpec.parse(file.read_bytes()), GMNSpec.parse(done.stdout)
    changed = {node.id for node in new.nodes} - {node.id for node in old.nodes if node in new.nodes}
    assert changed == {next(node.id for node in new.nodes if node.type == "belief")}
    assert new.to_pymdp()["D"][0].argmax() == 20


def test_refine_of_an_invalid_document_leaves_1(tmp_path: Path) -> None:
    """A document that is not valid is not refined; what is wrong with it is told."""
    file = tmp_path / "lamp.json"
    file.write_text(BAD)
    done = run("refine", str(file), "--feedback", "make it bigger")
    assert (done.returncode, done.stdout) == (1, "")
    assert "missing-node" in done.stderr


def test_convert_goes_round_through_text() -> None:
    """JSON to text and back is the same document."""
    document = run("generate", SENTENCE, "--quiet").stdout
    text = run("convert", "-", "--to", "text", stdin=document)
    assert text.returncode == 0, text.stderr
    assert GMNSpec.parse(run("convert", "-", "--to", "json", stdin=text.stdout).stdout) == GMNSpec.parse(document)


def test_convert_writes_arrays(tmp_path: Path) -> None:
    """``--to pymdp`` is an .npz file with the arrays and the rest of the Agent's arguments as JSON."""
    document = run("generate", SENTENCE, "--quiet").stdout
    file = tmp_path / "agent.npz"
    assert run("convert", "-", "--to", "pymdp", "-o", str(file), stdin=document).returncode == 0
    with np.load(file) as arrays:
        assert arrays["B_0"].shape == (25, 25, 5)
        assert set(arrays.files) == {"A_0", "B_0", "C_0", "D_0", "meta"}
        assert json.loads(str(arrays["meta"]))["num_controls"] == [5]


def test_a_reader_that_closes_the_pipe_ends_it_without_a_word() -> None:
    """``gmn-llm ... | head -c 1`` says nothing on standard error."""
    command = f'{sys.executable} -m gmn_llm generate "a 20x20 grid" --quiet --format expanded | head -c 1; echo "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout == "{0\n"
    assert done.stderr == ""


def test_an_interrupt_leaves_130_and_no_file(wire: WireServer, tmp_path: Path) -> None:
    """Ctrl-C while a model is asked ends with 130, and nothing half-written is left."""
    wire.script([Step(fault=Fault.HANG, times=0)])
    config = tmp_path / "c.yaml"
    config.write_text(
        f"provider: openai\nopenai: {{model: gpt-4o, base_url: {wire.openai_base}, api_key: {wire.openai_key}}}\n"
    )
    command = [
        sys.executable,
        "-m",
        "gmn_llm",
        "generate",
        "a 3x3 grid",
        "--config",
        str(config),
        "-o",
        str(tmp_path / "a.json"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 60
        while not wire.requests() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert not (tmp_path / "a.json").exists()


def test_help_and_version_load_nothing_heavy() -> None:
    """``--help`` and ``--version`` load neither LiteLLM nor pydantic nor NumPy."""
    code = "import sys\nfrom gmn_llm.cli.main import run\nsys.argv = ['gmn-llm', {0!r}]\ntry:\n    run()\nexcept SystemExit as done:\n    print(done.code, sorted({{'litellm', 'pydantic', 'numpy', 'jsonschema'}} & set(sys.modules)))"
    for option in ("--help", "--version"):
        done = subprocess.run([sys.executable, "-c", code.format(option)], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "0 []"


def test_validate_does_not_load_litellm(tmp_path: Path) -> None:
    """Checking a file needs no language model library."""
    file = tmp_path / "bad.json"
    file.write_text(BAD)
    code = f"import sys\nfrom gmn_llm.cli.main import run\nsys.argv = ['gmn-llm', 'validate', {str(file)!r}]\ntry:\n    run()\nexcept SystemExit:\n    print(sorted({{'litellm', 'openai', 'httpx', 'aiohttp'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

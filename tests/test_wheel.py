"""The built wheel, with the source out of sight: what a user installs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("gmn_llm-*.whl")
    place = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python of this environment that sees the wheel's files in place of the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=installed, env=environment)


def test_the_wheel_is_what_is_imported(installed: Path) -> None:
    """The tests below look at the wheel and not at the checkout."""
    done = run(installed, "-c", "import gmn_llm; print(gmn_llm.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(installed)


def test_the_wheel_has_schemas_templates_grammars_and_types(installed: Path) -> None:
    """Package data is inside: schemas, prompt templates, the notations' grammars, prompts to score by, ``py.typed``."""
    package = installed / "gmn_llm"
    assert {path.name for path in (package / "schemas").iterdir()} == {
        path.name for path in (ROOT / "schemas").iterdir()
    }
    for pattern in (
        "prompts/*.md",
        "gmn/notation/*.lark",
        "data/*.json",
        "data/page/*.html",
        "data/page/*.css",
        "py.typed",
    ):
        names = {path.relative_to(ROOT / "gmn_llm") for path in (ROOT / "gmn_llm").glob(pattern)}
        assert names
        assert {path.relative_to(package) for path in package.glob(pattern)} == names


def test_the_wheel_does_the_main_job(installed: Path) -> None:
    """A document comes out of the installed files, in JSON and in text."""
    done = run(installed, "-m", "gmn_llm", "generate", "a 3x3 grid", "--quiet")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["nodes"]
    assert run(installed, "-m", "gmn_llm", "generate", "a 3x3 grid", "--quiet", "--format", "text").returncode == 0

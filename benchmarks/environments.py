"""A virtual environment for each peer, made once in a cache folder; pinned here and in the lock file."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ENVIRONMENTS", "ROOT", "Environment", "locked", "made", "versions"]

ROOT = Path(__file__).resolve().parents[1]
LITELLM = "litellm==1.106.2"


@dataclass(frozen=True, slots=True)
class Environment:
    """What a client is measured with.

    Attributes:
        name: Its folder.
        requirements: What pip is asked for.
        shown: The packages whose versions are told.
        package: Whether it also has what the package depends on, as the lock file has it.
    """

    name: str
    requirements: tuple[str, ...]
    shown: tuple[str, ...]
    package: bool = False


ENVIRONMENTS = {
    environment.name: environment
    for environment in (
        Environment("httpx", ("httpx==0.28.1", "jsonschema==4.26.0"), ("httpx", "jsonschema")),
        Environment(
            "aiohttp",
            ("aiohttp==3.14.5", "orjson==3.13.0", "jsonschema-rs==0.60.3"),
            ("aiohttp", "orjson", "jsonschema-rs"),
        ),
        Environment("openai", ("openai==3.54.0", "pydantic==2.14.3"), ("openai", "pydantic")),
        Environment(
            "package",
            ("fastjsonschema==2.22.3",),
            ("litellm", "openai", "httpx", "pydantic", "jsonschema", "jsonschema-rs", "fastjsonschema", "diskcache"),
            package=True,
        ),
        Environment("caching", (f"{LITELLM.replace('==', '[caching,proxy]==')}",), ("litellm", "diskcache")),
        Environment("instructor", ("instructor==1.17.0", LITELLM), ("instructor", "litellm", "openai")),
        Environment("pydantic-ai", ("pydantic-ai-slim[openai]==2.68.0",), ("pydantic-ai-slim", "openai")),
        Environment("langchain", ("langchain-openai==1.7.3",), ("langchain-openai", "langchain-core", "openai")),
    )
}


def made(environment: Environment, folder: Path) -> Path:
    """Return the Python of an environment, which is made where it is not there yet.

    Raises:
        subprocess.CalledProcessError: pip could not install what it needs.
    """
    wanted = [*environment.requirements, *(_dependencies() if environment.package else ())]
    pins = "".join(f"{pin}\n" for pin in locked()) if environment.package else ""
    told = json.dumps([sys.version, wanted, pins]).encode()
    home = folder / f"{environment.name}-{hashlib.sha256(told).hexdigest()[:12]}"
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    whole = home / "whole"
    if not whole.exists():
        shutil.rmtree(home, ignore_errors=True)
        print(f"making the environment {environment.name} in {home}", file=sys.stderr, flush=True)
        venv.create(home, with_pip=True)
        constraints = home / "constraints.txt"
        constraints.write_text(pins, encoding="utf-8")
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--constraint", constraints]
        subprocess.run([*pip, *wanted], check=True)  # noqa: S603 - pip, with what stands above
        whole.touch()
    return python


def _dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [str(requirement) for requirement in project["dependencies"]]


def locked() -> list[str]:
    """Return the pins of the lock file; its hashes would keep pip from taking anything else beside them."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return [pin.strip() for pin in re.findall(r"^([A-Za-z0-9_.-]+==[^\\\n]+)", text, flags=re.MULTILINE)]


def versions(environment: Environment, python: Path) -> dict[str, str]:
    """Return the versions that are told of an environment, of the packages it has."""
    code = (
        "import json, sys; from importlib.metadata import distributions; "
        "there = {each.name.lower().replace('_', '-'): each.version for each in distributions()}; "
        "print(json.dumps({name: there[name] for name in sys.argv[1:] if name in there}))"
    )
    run = subprocess.run(  # noqa: S603 - a Python of ours
        [python, "-c", code, *environment.shown], check=True, capture_output=True, text=True
    )
    told: dict[str, str] = json.loads(run.stdout)
    return told

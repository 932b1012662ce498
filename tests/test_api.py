"""The door: what it offers, and what going through it loads."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import gmn_llm
from gmn_llm import errors

HEAVY = (
    "litellm",
    "openai",
    "pydantic",
    "numpy",
    "jsonschema",
    "jsonschema_rs",
    "rich",
    "typer",
    "yaml",
    "diskcache",
    "httpx",
    "aiohttp",
    "jinja2",
)


def loaded(code: str) -> set[str]:
    """Names of the modules that a new process has after ``code``."""
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_every_name_of_the_door_is_there() -> None:
    """Each name in ``__all__`` can be had, and the list is sorted."""
    assert [name for name in gmn_llm.__all__ if getattr(gmn_llm, name, None) is None] == []
    assert gmn_llm.__all__ == sorted(gmn_llm.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """The lazy door says of an unknown name what any module says."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = gmn_llm.nothing


def test_the_import_loads_nothing_heavy() -> None:
    """``import gmn_llm`` loads none of its dependencies."""
    assert not loaded("import gmn_llm").intersection(HEAVY)


def test_the_language_does_not_load_litellm() -> None:
    """Reading, checking and expanding a document needs no language model library."""
    code = "from gmn_llm import GMNSpec, validate_gmn; validate_gmn('{}')"
    assert not loaded(code).intersection({"litellm", "openai", "httpx", "aiohttp", "typer", "rich"})


def test_the_error_tree_is_the_drawn_one() -> None:
    """Every error of the package is an LLMError, and the drawing in the module names it."""
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.LLMError)
        assert name in (errors.__doc__ or "")
    assert issubclass(errors.InputError, ValueError)

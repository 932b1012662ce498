"""Prompt templates: versions, and what changes from call to call."""

from __future__ import annotations

from pathlib import Path

import pytest

from gmn_llm.generation.task import Task
from gmn_llm.prompts import load

TEMPLATES = sorted(path.stem for path in (Path(__file__).parents[2] / "gmn_llm/prompts").glob("*.md"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_has_a_version(name: str) -> None:
    """A template is tagged by its file's name and the version in its first line."""
    template = load(name)
    assert template.tag == f"{name}@{template.version}"
    assert template.version.isdigit()
    assert "version:" not in template.text


def test_a_template_is_filled_in_strictly() -> None:
    """A value too few or too many is an error of the caller's."""
    with pytest.raises(KeyError):
        load("generate").render(agent_type="explorer")
    with pytest.raises(ValueError, match="no place for colour"):
        load("repair").render(colour="red")


def test_only_the_last_message_changes_with_the_prompt() -> None:
    """Two prompts share their first message to the letter, so that providers' prompt caches hold."""
    one, two = Task(description="a 3x3 grid").ask(), Task(description="a bandit").ask()
    assert one.messages[0] == two.messages[0]
    assert one.messages[1] != two.messages[1]
    assert one.schema == two.schema

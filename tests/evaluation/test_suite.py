"""Files of prompts: the package's own, and what is said of one that is not right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gmn_llm.errors import InputError
from gmn_llm.evaluation import evaluated, load_suite
from gmn_llm.evaluation.score import Score
from gmn_llm.factory import create_llm_factory
from gmn_llm.prompts import AGENT_TYPES

GRID = {"check": "grid", "rows": 3, "cols": 3}


def written(place: Path, *prompts: dict[str, Any], **more: Any) -> Path:
    """Return a file of prompts."""
    file = place / "mine.json"
    file.write_text(json.dumps({"name": "mine", "version": 1, "prompts": prompts, **more}))
    return file


def prompt(**more: Any) -> dict[str, Any]:
    """Return one prompt."""
    return {"id": "one", "kind": "grids", "prompt": "a 3x3 grid", "expect": [GRID]} | more


def test_the_packages_own_prompts_are_many_and_of_many_kinds() -> None:
    """At least 100 prompts of at least 12 kinds, each with words, an id and a known agent type of its own."""
    suite = load_suite()
    assert len(suite.prompts) >= 100
    assert len({prompt.kind for prompt in suite.prompts}) >= 12
    assert len({prompt.prompt for prompt in suite.prompts}) == len(suite.prompts)
    assert {prompt.agent_type for prompt in suite.prompts} <= set(AGENT_TYPES)
    assert set(AGENT_TYPES) == {prompt.agent_type for prompt in suite.prompts}


async def test_the_designer_meets_nine_of_ten_expectations() -> None:
    """The built-in designer makes a valid document of every prompt, and meets at least 90% of what they ask for."""
    suite = load_suite()
    async with create_llm_factory({"provider": "mock"}) as factory:
        provider = await factory.get_provider()
        cases = [case async for case in evaluated(provider, suite)]
    score = Score(suite=suite, provider=provider.name, model=provider.model, cases=cases)
    assert score.valid.share == 1.0
    assert (score.expectations.share or 0) >= 0.9, json.dumps(score.as_dict()["failures"], indent=1)


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    """A prompt brings its expectations, and what it does not say is as ``generate_gmn`` has it."""
    suite = load_suite(written(tmp_path, prompt(constraints={"max_states": 9})))
    (one,) = suite.prompts
    assert (one.agent_type, one.constraints) == ("general", {"max_states": 9})
    assert str(one.expect[0]) == "grid(rows=3, cols=3)"


def test_kinds_can_be_chosen() -> None:
    """``only`` keeps the prompts of some kinds, and says which there are of one there is not."""
    assert {prompt.kind for prompt in load_suite().only(["grids", "goals"]).prompts} == {"grids", "goals"}
    with pytest.raises(InputError, match="no prompt of kind 'gird'") as caught:
        load_suite().only(["gird"])
    assert "grids" in caught.value.hint


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"expect": [{"check": "gird"}]}, r"prompts\[0\].expect\[0\] \(one\): Input tag 'gird'"),
    ({"expect": [{"check": "grid", "rows": 3}]}, r"prompts\[0\].expect\[0\].cols \(one\): Field required"),
    ({"expect": [{**GRID, "rows": "3"}]}, r"expect\[0\].rows \(one\): Input should be a valid integer"),
    ({"expect": [{**GRID, "row": 3}]}, r"expect\[0\].row \(one\): Extra inputs are not permitted"),
    ({"expect": [{"check": "states"}]}, "size, labels or both"),
    ({"expect": [{"check": "actions"}]}, "labels, count, min or max"),
    ({"expect": [{"check": "factors", "count": 2, "min": 1}]}, "count, or else min, max or both"),
    ({"expect": [{"check": "starts", "state": 1}]}, "a place is a label, or a state"),
    ({"expect": [{"check": "starts", "cell": [3, 0], "rows": 3, "cols": 3}]}, "a place is a label, or a state"),
    ({"expect": [{"check": "starts", "label": "a", "state": 0, "size": 2}]}, "a place is a label, or a state"),
    ({"expect": [{"check": "wraps"}]}, "rows and cols, or size"),
    ({"expect": []}, "at least 1 item"),
    ({"prompt": "  "}, "the prompt has no words"),
    ({"constraints": {"max_states": "ten"}}, "max_states"),
    ({"kind": ""}, r"prompts\[0\].kind \(one\)"),
]


@pytest.mark.parametrize(("more", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_mistake_is_told_with_its_place(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    """The message names the file, where in it the mistake is, the prompt's id, and what is wrong."""
    with pytest.raises(InputError, match=said) as caught:
        load_suite(written(tmp_path, prompt(**more)))
    assert str(caught.value).startswith("mine.json, prompts[0]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "can't be read as JSON"),
        ("\ud800", "can't be read as JSON"),
        ('{"name": 1, "name": 2}', "the key 'name' stands twice"),
        ("[]", "mine.json: Input should be"),
        ('{"name": "n", "version": 1, "prompts": []}', "prompts: List should have at least 1 item"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str, said: str) -> None:
    """What is no JSON, no object, or has nothing in it."""
    file = tmp_path / "mine.json"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=said):
        load_suite(file)


def test_ids_are_unique(tmp_path: Path) -> None:
    """Two prompts of one id can't be told apart in a score."""
    with pytest.raises(InputError, match="several prompts have the id one"):
        load_suite(written(tmp_path, prompt(), prompt()))

"""Which pairs become examples, how they are written, and where each belongs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from gmn_llm.batch import Job, write_batch
from gmn_llm.cache import DiskStore
from gmn_llm.dataset.exporting import Example, Exporter
from gmn_llm.dataset.forms import Form, line_of
from gmn_llm.dataset.pairs import LeftOut, Pair, pairs_of_batch, pairs_of_entries
from gmn_llm.dataset.synthetic import synthetic
from gmn_llm.errors import InputError
from gmn_llm.factory import create_llm_factory
from gmn_llm.generation import Task
from gmn_llm.generation.draft import compiled
from gmn_llm.gmn import validate_gmn
from gmn_llm.messages import LLMMessage, LLMRole
from gmn_llm.mock import design
from gmn_llm.prompts import AGENT_TYPES


def pair(prompt: str, **more: Any) -> Pair:
    """Return a pair of the designer."""
    return Pair(prompt=prompt, document=more.pop("document", None) or design(prompt), **more)


def exported(*pairs: Pair | LeftOut, **more: Any) -> tuple[list[Example], Exporter]:
    """Return the examples of some pairs, and who made them."""
    exporter = Exporter(agent_types=AGENT_TYPES, **more)
    return list(exporter.examples(pairs)), exporter


def boards(count: int) -> Iterator[Pair]:
    """Yield pairs of boards without a goal."""
    return (pair(f"A {2 + k % 9}x{2 + k // 9} grid") for k in range(count))


def test_an_example_is_what_the_package_asks_and_the_draft_it_asks_for() -> None:
    """System and user message are those of a task, the answer is a draft that compiles to a valid document."""
    (example,), _ = exported(pair("A 3x4 grid", agent_type="explorer", constraints={"max_states": 12}))
    task = Task(
        description="A 3x4 grid",
        agent_type="explorer",
        guidance=AGENT_TYPES["explorer"],
        constraints={"max_states": 12},
    )
    *asked, answer = example.messages
    assert tuple(asked) == task.ask().messages
    assert answer.role is LLMRole.ASSISTANT
    assert validate_gmn(compiled(json.loads(answer.content)), {"max_states": 12}).ok


def test_examples_that_went_with_a_prompt_go_with_it() -> None:
    """The documents that the model was shown stand in the user's message."""
    shown = design("a 2x2 grid")
    (example,), _ = exported(pair("A 3x4 grid", examples=(shown,)))
    assert json.loads(example.messages[1].content)["examples"] == [shown]


def test_what_is_no_example_is_left_out_and_counted() -> None:
    """Documents that are not valid or break their constraints, unknown agent types, and what no draft can say."""
    wrong = design("a 2x2 grid") | {"edges": [{"source": "no", "target": "one", "type": "depends_on"}]}
    examples, exporter = exported(
        pair("one", document=wrong),
        pair("two", document={"name": "nothing"}),
        pair("A 5x5 grid", constraints={"max_states": 3}),
        pair("A 6x5 grid", constraints={"max_states": "many"}),
        pair("A 7x5 grid", agent_type="juggler"),
        pair("A 5x5 torus grid"),
        LeftOut("a refinement"),
        pair("A 8x5 grid"),
    )
    assert len(examples) == 1
    assert exporter.left_out == {
        "not valid": 4, "of an unknown agent type": 1, "more than a draft can say": 1, "a refinement": 1,
    }  # fmt: skip


def test_no_prompt_and_no_document_is_there_twice() -> None:
    """Prompts are the same whatever their spaces and capitals, documents whatever their names; the first stays."""
    renamed = design("A 3x3 grid") | {"name": "other", "description": "other", "metadata": {"by": "hand"}}
    examples, exporter = exported(
        pair("A 3x3 grid"),
        pair(" a 3X3\n grid ", document=design("A 4x4 grid")),
        pair("Nine cells in a square", document=renamed),
        pair("A 5x5 grid"),
    )
    assert len(examples) == 2
    assert exporter.left_out == {"there twice": 2}


def test_a_document_that_was_left_out_does_not_shut_out_a_good_one() -> None:
    """A prompt whose first document was not valid is an example with its second."""
    examples, _ = exported(pair("A 3x3 grid", document={"name": "nothing"}), pair("A 3x3 grid"))
    assert len(examples) == 1


def test_the_split_is_as_large_as_asked_and_moves_nobody() -> None:
    """About the share is for validation; another order or more pairs leave each prompt where it was."""
    pairs = list(boards(81))
    examples, exporter = exported(*pairs, split=0.3)
    assert exporter.training + exporter.validation == 81
    assert 0.15 < exporter.validation / 81 < 0.45
    where = {example.messages[1].content: example.validation for example in examples}
    for fewer in (pairs[:40], pairs[::-1]):
        again, _ = exported(*fewer, split=0.3)
        assert all(where[example.messages[1].content] == example.validation for example in again)


def test_another_seed_splits_otherwise() -> None:
    """The same seed gives the same parts, another one others; a larger share keeps what was for validation."""
    parts = []
    for seed, split in ((0, 0.3), (0, 0.3), (1, 0.3), (0, 0.6)):
        examples, _ = exported(*boards(81), split=split, seed=seed)
        parts.append({example.messages[1].content for example in examples if example.validation})
    assert parts[0] == parts[1] != parts[2]
    assert parts[0] < parts[3]


@pytest.mark.parametrize("split", [-0.1, 1.0, float("nan")])
def test_a_split_is_a_share(split: float) -> None:
    """What is no share below 1 is refused."""
    with pytest.raises(InputError, match="the split is"):
        Exporter(agent_types=AGENT_TYPES, split=split)


def test_lines_are_as_openai_and_sharegpt_have_them() -> None:
    """One JSON object to a line, whatever is in the texts."""
    said = (
        LLMMessage(LLMRole.SYSTEM, "be\u2028brief"),
        LLMMessage(LLMRole.USER, "ü\n\ud800"),
        LLMMessage(LLMRole.ASSISTANT, "{}"),
    )
    lines = {form: line_of(said, form) for form in Form}
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines.values())
    assert json.loads(lines[Form.OPENAI]) == {
        "messages": [
            {"role": "system", "content": "be\u2028brief"},
            {"role": "user", "content": "ü\n?"},
            {"role": "assistant", "content": "{}"},
        ]
    }
    assert json.loads(lines[Form.SHAREGPT]) == {
        "conversations": [
            {"from": "system", "value": "be\u2028brief"},
            {"from": "human", "value": "ü\n?"},
            {"from": "gpt", "value": "{}"},
        ]
    }


async def test_pairs_come_from_the_cache(tmp_path: Path) -> None:
    """What was generated is a pair; refinements, plain answers, drawings and what others wrote are told apart."""
    folder = tmp_path / "prompts"
    async with create_llm_factory({"provider": "mock", "cache": {"dir": str(folder)}}) as factory:
        spec = await factory.generate_gmn("A 3x4 grid", agent_type="explorer", constraints={"max_states": 12})
        provider = await factory.get_provider()
        await provider.refine_gmn(spec, "the goal is the top-right corner")
        await factory.generate([{"role": "user", "content": "Hello"}], use_cache=True)
    store = DiskStore(folder, size_limit=2**30)
    for name, text in {"a": "no json", "b": "[]", "c": '{"kind": "generate"}', "d": "[" * 100_000}.items():
        store.set(name, text, ttl=None)
    entry = {"kind": "generate", "prompt": " ", "document": {}, "arguments": {"examples": [1]}}
    store.set("e", json.dumps(entry), ttl=None)
    store.set("f", json.dumps(entry | {"prompt": "a"}), ttl=None)
    store.set("g", json.dumps(entry | {"prompt": "a", "arguments": {"pictures": [{}]}}), ttl=None)
    found = list(pairs_of_entries(store.items()))
    store.close()
    (one,) = [each for each in found if isinstance(each, Pair)]
    assert (one.prompt, one.agent_type, one.constraints) == ("A 3x4 grid", "explorer", {"max_states": 12})
    assert one.document == spec.document
    reasons = sorted(each.why for each in found if isinstance(each, LeftOut))
    assert reasons == ["a plain answer", "a refinement", "made of a drawing", *["not an entry of a document"] * 6]


async def test_pairs_come_from_a_batch(tmp_path: Path) -> None:
    """Lines with a document are pairs, those with an error are counted."""
    file = tmp_path / "batch.jsonl"
    async with create_llm_factory({"provider": "mock"}) as factory:
        given = [Job(prompt="A 3x3 grid", agent_type="explorer"), Job(prompt=" ")]
        await write_batch(await factory.get_provider(), given, file, use_cache=False)
    found = list(pairs_of_batch(file))
    assert [each.agent_type for each in found if isinstance(each, Pair)] == ["explorer"]
    assert [each.why for each in found if isinstance(each, LeftOut)] == ["ended with an error"]


def test_synthetic_pairs_are_valid_different_and_varied() -> None:
    """Two hundred of them: none twice, none left out but for that, of several kinds of agents and sizes."""
    exporter = Exporter(agent_types=AGENT_TYPES)
    examples = list(islice(exporter.examples(synthetic(4000)), 200))
    assert len(examples) == 200
    assert set(exporter.left_out) <= {"there twice"}
    asked = [json.loads(example.messages[1].content) for example in examples]
    drafts = [json.loads(example.messages[2].content) for example in examples]
    assert len({said["description"].casefold() for said in asked}) == 200
    assert (
        len(
            {json.dumps(draft["factors"]) + json.dumps(draft["senses"]) + str(draft["steps_ahead"]) for draft in drafts}
        )
        == 200
    )
    assert len({said["agent_type"] for said in asked}) >= 3
    assert len({draft["factors"][0]["size"] for draft in drafts}) >= 20
    assert len({draft["factors"][0]["change"]["kind"] for draft in drafts}) >= 5


def test_the_same_seed_draws_the_same_pairs() -> None:
    """Pairs are the same in every run, and others for another seed."""
    assert list(synthetic(20, seed=3)) == list(synthetic(20, seed=3))
    assert list(synthetic(20, seed=3)) != list(synthetic(20, seed=4))

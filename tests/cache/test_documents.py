"""Documents and answers through the cache: what is kept, what comes back, and what does not."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gmn_llm import GMNSpec, LLMMessage, LLMRole, create_llm_factory
from gmn_llm.cache import DiskStore
from gmn_llm.config.chain import Deployment, Group
from gmn_llm.generation.keys import key_of_answer, key_of_task
from gmn_llm.generation.task import Task
from gmn_llm.gmn.limits import Limits
from gmn_llm.messages import CompletionRequest
from tests.wire.client import Fault, Step, WireServer

PROMPT = "Create an agent that explores a 3x3 grid world"
GROUP = Group(
    name="openai",
    provider="openai",
    model="gpt-4o",
    deployments=(Deployment(id="openai/gpt-4o#1", provider="openai", model="openai/gpt-4o"),),
)
TASK = Task(description=PROMPT, constraints={"max_states": 9, "max_actions": 5})
ASKED = CompletionRequest(messages=(LLMMessage(LLMRole.USER, "hello"),))
QUESTION = [{"role": "user", "content": "hello"}]


def mock(folder: Path, **more: object) -> dict[str, object]:
    """A configuration of the designer with a cache."""
    return {"provider": "mock", "cache": {"dir": str(folder)}, **more}


def openai(wire: WireServer, folder: Path, **section: object) -> dict[str, object]:
    """A configuration of the test server with a cache."""
    server = {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key, **section}
    return {"provider": "openai", "openai": server, "cache": {"dir": str(folder)}}


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Edits the only entry behind everybody's back."""
    store = DiskStore(folder, size_limit=2**30)
    ((key, text),) = store.items()
    entry = json.loads(text)
    edit(entry)
    store.set(key, json.dumps(entry), ttl=None)
    store.close()


def holds(folder: Path, text: str) -> bool:
    """Whether a text stands anywhere in a folder's files."""
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def there(folder: Path) -> bool:
    """Whether there is something."""
    return folder.exists()


def cached(spec: GMNSpec) -> bool:
    """Whether a document says that it comes from the cache."""
    assert spec.provenance is not None
    return spec.provenance.cached


@pytest.mark.parametrize(
    "other",
    [
        replace(TASK, description="another"),
        replace(TASK, agent_type="explorer"),
        replace(TASK, guidance="another"),
        replace(TASK, constraints={"max_states": 8, "max_actions": 5}),
        replace(TASK, examples=[{"name": "example"}]),
        replace(TASK, document={"name": "another"}),
        replace(TASK, temperature=0.5),
        replace(TASK, max_tokens=100),
        replace(TASK, params={"top_p": 0.5}),
        replace(TASK, limits=Limits(nodes=10)),
        replace(TASK, examples=[b"an image"]),  # type: ignore[list-item]  # bytes count by their digest
        replace(TASK, examples=[b"another image"]),  # type: ignore[list-item]
    ],
)
def test_what_decides_is_in_the_key(other: Task) -> None:
    """Each field that has a say in the document makes another key."""
    assert key_of_task(other, GROUP) not in {key_of_task(TASK, GROUP), None}


@pytest.mark.parametrize(
    "params",
    [
        {"api_key": "sk-1"}, {"timeout": 5}, {"num_retries": 3}, {"extra_headers": {"x": "y"}}, {"rpm": 5},
        {"aws_secret_access_key": "x"}, {"input_cost_per_token": 1.0}, {"stream_timeout": 5}, {"user": "me"},
    ],
    ids=lambda params: next(iter(params)),
)  # fmt: skip
def test_what_does_not_decide_is_not(params: dict[str, object]) -> None:
    """Keys of providers, timeouts, limits and prices make no other key, in the configuration and in the call."""
    deployment = replace(GROUP.deployments[0], params=params)
    assert key_of_task(TASK, replace(GROUP, deployments=(deployment,))) == key_of_task(TASK, GROUP)
    assert key_of_task(replace(TASK, params=params, max_repairs=7), GROUP) == key_of_task(TASK, GROUP)
    assert key_of_answer(replace(ASKED, params=params, timeout=7), GROUP) == key_of_answer(ASKED, GROUP)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"deployments": (replace(GROUP.deployments[0], model="openai/gpt-4.1"),)},
        {"deployments": (replace(GROUP.deployments[0], params={"api_base": "http://127.0.0.1:1/v1"}),)},
        {"deployments": (replace(GROUP.deployments[0], params={"seed": 7}),)},
        {"deployments": GROUP.deployments * 2},
    ],
)
def test_who_is_asked_is_in_the_key(change: dict[str, Any]) -> None:
    """Another group, model, address or sampling of a deployment makes another key, for documents and answers."""
    group = replace(GROUP, **change)
    assert key_of_task(TASK, group) != key_of_task(TASK, GROUP)
    assert key_of_answer(ASKED, group) != key_of_answer(ASKED, GROUP)


def test_order_does_not_decide() -> None:
    """Constraints and parameters filled in another order have the same key, names of other types too."""
    first = replace(TASK, params={"logit_bias": {5: 1, "6": 2}, "top_p": 1})
    other = replace(
        TASK, params={"top_p": 1, "logit_bias": {"6": 2, 5: 1}}, constraints={"max_actions": 5, "max_states": 9}
    )
    assert key_of_task(first, GROUP) == key_of_task(other, GROUP) is not None


@pytest.mark.parametrize("params", [{"client": object()}, {"x": float("nan")}, {"x": {(1, 2): 3}}])
def test_what_json_cannot_say_has_no_key(params: dict[str, object]) -> None:
    """A call with a parameter that can't be told from another one is not kept."""
    assert key_of_task(replace(TASK, params=params), GROUP) is None


def test_the_mocks_script_is_in_its_key() -> None:
    """What the mock was told to say is not what the designer would have said."""
    group = replace(GROUP, name="mock", provider="mock")
    assert key_of_task(TASK, group) != key_of_task(TASK, group, replies=("{}",))


async def test_a_scripted_document_is_not_the_designers(folder: Path) -> None:
    """A document from the mock's script is not found once the script is gone."""
    async with create_llm_factory(mock(folder)) as factory:
        design = await factory.generate_gmn(PROMPT, use_cache=False)
    other = json.loads(str(design)) | {"name": "scripted"}
    async with create_llm_factory(mock(folder, mock={"replies": [{"text": json.dumps(other)}]})) as factory:
        assert (await factory.generate_gmn(PROMPT)).name == "scripted"
    async with create_llm_factory(mock(folder)) as factory:
        assert (await factory.generate_gmn(PROMPT)) == design


async def test_an_entry_holds_all_that_fine_tuning_needs_and_no_key(wire: WireServer, folder: Path) -> None:
    """Prompt, arguments, document, findings and provenance; the provider's key is nowhere in the folder."""
    async with create_llm_factory(openai(wire, folder)) as factory:
        spec = await factory.generate_gmn(
            PROMPT, agent_type="explorer", constraints={"max_actions": 9}, model_params={"top_p": 0.5}
        )  # fmt: skip
    store = DiskStore(folder, size_limit=2**30)
    ((_, text),) = store.items()
    store.close()
    entry = json.loads(text)
    assert set(entry) == {"kind", "prompt", "arguments", "document", "findings", "provenance"}
    assert (entry["kind"], entry["prompt"], entry["document"]) == ("generate", PROMPT, spec.document)
    assert entry["arguments"]["agent_type"] == "explorer"
    assert entry["arguments"]["constraints"] == {"max_actions": 9}
    assert entry["arguments"]["params"] == {"top_p": 0.5}
    assert spec.provenance is not None
    assert entry["provenance"] == spec.provenance.model_dump(mode="json")
    assert not holds(folder, wire.openai_key)


async def test_a_hit_in_another_process_life_is_equal(folder: Path) -> None:
    """A factory that did not make the document gets it from the disk: equal, in words and provenance too."""
    async with create_llm_factory(mock(folder)) as factory:
        fresh = await factory.generate_gmn("A 4x4 grid and the agent sings operas")
    async with create_llm_factory(mock(folder)) as factory:
        first, second = [await factory.generate_gmn("A 4x4 grid and the agent sings operas") for _ in range(2)]
    assert fresh.provenance is not None
    for hit in (first, second):
        assert hit == fresh
        assert str(hit) == str(fresh)
        assert hit.warnings == fresh.warnings != ()
        assert hit.findings() == fresh.findings()
        assert hit.document == fresh.document
        assert hit.model_fields_set == fresh.model_fields_set
        assert hit.provenance == fresh.provenance.model_copy(update={"cached": True})


async def test_what_a_caller_does_to_a_hit_stays_with_that_caller(folder: Path) -> None:
    """Lists and dictionaries of one hit are not those of the next."""
    async with create_llm_factory(mock(folder)) as factory:
        fresh = await factory.generate_gmn(PROMPT)
        before = str(fresh)
        for _ in range(3):
            hit = await factory.generate_gmn(PROMPT)
            assert cached(hit)
            assert str(hit) == before
            hit.nodes[0].properties["num_states"] = 77
            hit.nodes.pop()
            hit.edges[0].metadata["mine"] = True
            hit.metadata["mine"] = True


def no_sum(entry: dict[str, Any]) -> None:
    """Gives the belief a vector that sums to 3."""
    node = next(node for node in entry["document"]["nodes"] if node["type"] == "belief")
    node["properties"] = {"vector": [3.0] + [0.0] * 8}


def too_many(entry: dict[str, Any]) -> None:
    """Lets the document break the caller's constraint."""
    next(node for node in entry["document"]["nodes"] if node["type"] == "state")["properties"]["num_states"] = 10


TAMPERINGS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another prompt": lambda entry: entry.update(prompt="another"),
    "no nodes": lambda entry: entry["document"].update(nodes=[]),
    "a node of no type": lambda entry: entry["document"]["nodes"][0].update(type="bomb"),
    "an edge to nowhere": lambda entry: entry["document"]["edges"][0].update(target="nowhere"),
    "a sum of three": no_sum,
    "against the constraint": too_many,
    "not a number": lambda entry: entry["document"]["metadata"].update(x=float("nan")) or no_sum(entry),
    "deeper than deep": lambda entry: entry["document"]["metadata"].update(x=json.loads("[" * 500 + "]" * 500)),
    "a finding of no code": lambda entry: entry.update(findings=[{"code": "x", "path": "", "message": ""}]),
    "an error among the findings": lambda entry: entry.update(
        findings=[{"code": "shape", "path": "", "message": "no"}]
    ),
    "findings of another type": lambda entry: entry.update(
        findings=[{"code": "alias", "path": [], "message": {}}]
    ),
    "no provenance": lambda entry: entry.update(provenance=None),
    "provenance of another form": lambda entry: entry["provenance"].update(attempts="many"),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_an_entry_tampered_with_is_made_anew(folder: Path, tampering: str) -> None:
    """What somebody has written into the folder is checked as a model's answer would be, and replaced."""
    config = mock(folder)

    async def asked(times: int) -> list[GMNSpec]:
        async with create_llm_factory(config) as factory:
            return [await factory.generate_gmn(PROMPT, constraints={"max_states": 9}) for _ in range(times)]

    (fresh,) = await asked(1)
    change(folder, TAMPERINGS[tampering])
    again, hit = await asked(2)
    assert again == hit == fresh
    assert (cached(again), cached(hit)) == (False, True)


async def test_an_entry_tampered_with_under_an_open_cache_is_checked_again(folder: Path) -> None:
    """A factory that has checked an entry checks it again when its text has changed."""
    async with create_llm_factory(mock(folder)) as factory:
        fresh, hit = [await factory.generate_gmn(PROMPT) for _ in range(2)]
        change(folder, no_sum)
        again = await factory.generate_gmn(PROMPT)
        change(folder, lambda entry: entry["document"].update(description="changed, and valid"))
        changed = await factory.generate_gmn(PROMPT)
    assert fresh == hit == again
    assert [cached(spec) for spec in (fresh, hit, again, changed)] == [False, True, False, True]
    assert changed.description == "changed, and valid"


async def test_a_part_that_stands_twice_is_never_taken_unchecked(folder: Path) -> None:
    """Of two documents in one entry the one that was checked is the one that later hits get."""
    async with create_llm_factory(mock(folder)) as factory:
        fresh = await factory.generate_gmn(PROMPT)
    store = DiskStore(folder, size_limit=2**30)
    ((key, text),) = store.items()
    store.set(key, '{"document": {"name": "bad", "nodes": []}, ' + text[1:], ttl=None)
    store.close()
    async with create_llm_factory(mock(folder)) as factory:
        specs = [await factory.generate_gmn(PROMPT) for _ in range(3)]
    assert specs == [fresh] * 3


async def test_a_long_entry_is_known_again_too(folder: Path) -> None:
    """A document of many numbers comes back equal at each hit; once it was tampered with it is made anew."""
    async with create_llm_factory(mock(folder)) as factory:
        plain = await factory.generate_gmn("Create an agent that explores a 5x5 grid world", use_cache=False)
    long = {"text": plain.expand().to_json()}
    assert len(long["text"]) > 8192
    async with create_llm_factory(mock(folder, mock={"replies": [long, long]})) as factory:
        first, second, third = [await factory.generate_gmn(PROMPT, max_tokens=100_000) for _ in range(3)]
        change(folder, lambda entry: entry["document"].update(nodes=[]))
        again = await factory.generate_gmn(PROMPT, max_tokens=100_000)
    assert first == second == third == again
    assert [cached(spec) for spec in (first, second, third, again)] == [False, True, True, False]


async def test_an_unusable_entry_is_one_call_for_all(wire: WireServer, folder: Path) -> None:
    """Callers that find an entry unusable at once have one call between them."""
    async with create_llm_factory(openai(wire, folder)) as factory:
        await factory.generate_gmn(PROMPT)
        change(folder, lambda entry: entry["document"].update(nodes=[]))
        wire.script([Step(delay=0.2)])
        specs = await asyncio.gather(*(factory.generate_gmn(PROMPT) for _ in range(20)))
    assert len({str(spec) for spec in specs}) == 1
    assert len(wire.requests(path="/v1/chat/completions")) == 2


async def test_without_the_cache_nothing_is_touched(folder: Path) -> None:
    """With ``use_cache=False`` the folder is not even made."""
    async with create_llm_factory(mock(folder)) as factory:
        for _ in range(2):
            assert not cached(await factory.generate_gmn(PROMPT, use_cache=False))
            assert not (await factory.generate(QUESTION, use_cache=False)).cached
    assert not there(folder)


async def test_a_plain_answer_is_kept_when_asked(wire: WireServer, folder: Path) -> None:
    """With ``use_cache`` a second call is the same answer, marked; without it each call asks; a refresh asks again."""
    wire.script(["one", "two", "three", "four"])
    async with create_llm_factory(openai(wire, folder)) as factory:
        plain = await factory.generate(QUESTION)
        first = await factory.generate(QUESTION, use_cache=True, temperature=0.5)
        again = await factory.generate(QUESTION, use_cache=True, temperature=0.5, timeout=9)
        other = await factory.generate(QUESTION, use_cache=True, temperature=0.6)
        anew = await factory.generate(QUESTION, use_cache=True, temperature=0.5, refresh=True)
        last = await factory.generate(QUESTION, use_cache=True, temperature=0.5)
    assert [answer.content for answer in (plain, first, again, other, anew, last)] == [
        "one", "two", "two", "three", "four", "four",
    ]  # fmt: skip
    assert [answer.cached for answer in (plain, first, again, other, anew, last)] == [
        False, False, True, False, False, True,
    ]  # fmt: skip
    assert again == replace(first, cached=True)


async def test_many_plain_questions_at_once_are_one_call(wire: WireServer, folder: Path) -> None:
    """Callers that ask the same with ``use_cache`` have one call between them."""
    wire.script([Step(text="one", delay=0.2)])
    async with create_llm_factory(openai(wire, folder)) as factory:
        answers = await asyncio.gather(*(factory.generate(QUESTION, use_cache=True) for _ in range(20)))
    assert {answer.content for answer in answers} == {"one"}
    assert len(wire.requests()) == 1


async def test_an_answer_cut_short_is_not_kept(wire: WireServer, folder: Path) -> None:
    """Only complete answers are."""
    wire.script([Step(text="one two three", fault=Fault.LENGTH), "whole"])
    async with create_llm_factory(openai(wire, folder)) as factory:
        cut, whole = [await factory.generate(QUESTION, use_cache=True) for _ in range(2)]
    assert (cut.finish_reason, whole.content, whole.cached) == ("length", "whole", False)


@pytest.mark.parametrize(
    "response", [{}, {"content": 7, "provider": "openai"}, {"content": None, "provider": "openai"}]
)
async def test_an_answer_tampered_with_is_asked_again(wire: WireServer, folder: Path, response: object) -> None:
    """An entry that is no answer is replaced by one."""
    wire.script(["one", "two"])
    async with create_llm_factory(openai(wire, folder)) as factory:
        await factory.generate(QUESTION, use_cache=True)
        change(folder, lambda entry: entry.update(response=response))
        again = await factory.generate(QUESTION, use_cache=True)
    assert (again.content, again.cached) == ("two", False)


def test_a_hit_imports_no_litellm(wire: WireServer, folder: Path) -> None:
    """Document and plain answer come from the cache without LiteLLM and without a request."""
    script = (
        "import asyncio, json, sys\n"
        "from gmn_llm import create_llm_factory\n"
        "async def main():\n"
        "    async with create_llm_factory(json.loads(sys.argv[1])) as factory:\n"
        "        spec = await factory.generate_gmn('a 3x3 grid')\n"
        "        answer = await factory.generate([{'role': 'user', 'content': 'hello'}], use_cache=True)\n"
        "    print(spec.provenance.cached, answer.cached, 'litellm' in sys.modules)\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", script, json.dumps(openai(wire, folder))]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert runs == ["False False True\n", "True True False\n"]
    assert len(wire.requests(path="/v1/chat/completions")) == 2

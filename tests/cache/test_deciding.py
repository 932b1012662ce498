"""Which parameters stand in keys and entries, at any depth, and in which form."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gmn_llm import create_llm_factory
from gmn_llm.generation.deciding import decisive
from gmn_llm.generation.keys import key_of_answer, key_of_task
from tests.cache.test_documents import ASKED, GROUP, PROMPT, QUESTION, TASK, holds, openai
from tests.wire.client import WireServer


@pytest.mark.parametrize(
    "params",
    [
        {"min_tokens": 5}, {"max_new_tokens": 5}, {"max_tokens_to_sample": 5}, {"stop_token_ids": [1, 2]},
        {"allowed_token_ids": (1, 2)}, {"skip_special_tokens": False}, {"truncate_prompt_tokens": 7},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}}, {"budget_tokens": 5}, {"tokenizer": "some/where"},
        {"eos_token": "</s>"}, {"stop_tokens": ["a"]}, {"extra_body": {"top_k": 5}}, {"seed": 0},
        {"extra_body": {"keywords": ["a"]}}, {"logit_bias": {"50256": -100}}, {"token_weights": {"5": 1.5}},
    ],
    ids=lambda params: next(iter(params)),
)  # fmt: skip
def test_sampling_decides_whatever_it_is_called(params: dict[str, object]) -> None:
    """Numbers, lists of them and words about tokens are no secrets."""
    assert json.loads(json.dumps(decisive(params))) == json.loads(json.dumps(params))
    assert key_of_answer(replace(ASKED, params=params), GROUP) != key_of_answer(ASKED, GROUP)


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"api_key": "sk-1"}, {}),
        ({"api_key": 12345}, {}),
        ({"hf_token": "t"}, {}),
        ({"auth_tokens": ["t"]}, {}),
        ({"db_password": "p"}, {}),
        ({"default_headers": {"x": "y"}}, {}),
        ({"extra_body": {"api_key": "k", "a": [{"secret": "s", "b": 1}]}}, {"extra_body": {"a": [{"b": 1}]}}),
        ({"extra_query": {"key": "k", "api-version": "1"}}, {"extra_query": {"api-version": "1"}}),
        ({"extra_body": {"auth": {"user": "u"}, "x-bearer": "t"}}, {}),
        ({"api_base": "http://u:p@host/v1"}, {"api_base": "http://host/v1"}),
        ({"api_base": "http://token@host/v1"}, {"api_base": "http://host/v1"}),
        ({"base_url": "https://host/v1?api_key=k&v=1"}, {"base_url": "https://host/v1&v=1"}),
    ],
)
def test_a_secret_neither_decides_nor_stands_anywhere(params: dict[str, object], left: dict[str, object]) -> None:
    """Keys, tokens, passwords and the accounts of addresses are left out at any depth."""
    assert decisive(params) == left


def test_another_key_is_the_same_question() -> None:
    """Two accounts at one place share what they asked."""
    keys = {
        key_of_task(replace(TASK, params={"extra_body": {"api_key": secret, "top_k": 1}}), GROUP)
        for secret in ("sk-1", "sk-2")
    }
    groups = [
        replace(GROUP, deployments=(replace(GROUP.deployments[0], params={"api_base": f"http://u:{word}@h/v1"}),))
        for word in ("one", "two")
    ]
    assert len(keys) == 1
    assert len({key_of_task(TASK, group) for group in groups}) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"top_p": 1}, {"top_p": 1.0}), ({"seed": None}, {}), ({"logit_bias": {5: 1}}, {"logit_bias": {"5": 1.0}}),
        ({"stop": ("a",)}, {"stop": ["a"]}),
    ],
)  # fmt: skip
def test_what_is_equal_has_one_key(first: dict[str, object], second: dict[str, object]) -> None:
    """A number with or without its point, a parameter that is None or absent, a name that is a number or text."""
    assert key_of_task(replace(TASK, params=first), GROUP) == key_of_task(replace(TASK, params=second), GROUP)
    assert key_of_answer(replace(ASKED, params=first), GROUP) == key_of_answer(replace(ASKED, params=second), GROUP)
    assert key_of_task(replace(TASK, temperature=1), GROUP) == key_of_task(replace(TASK, temperature=1.0), GROUP)
    assert key_of_answer(replace(ASKED, temperature=1), GROUP) == key_of_answer(replace(ASKED, temperature=1.0), GROUP)


def test_what_the_router_adds_decides() -> None:
    """Its default parameters are in the key, without their secrets; the mock has none."""
    plain = key_of_task(TASK, GROUP)
    assert key_of_task(TASK, GROUP, defaults={"seed": 77}) != plain
    assert key_of_answer(ASKED, GROUP, defaults={"seed": 77}) != key_of_answer(ASKED, GROUP)
    assert key_of_task(TASK, GROUP, defaults={"api_key": "sk-1", "timeout": 5}) == plain
    mock = replace(GROUP, provider="mock")
    assert key_of_task(TASK, mock, defaults={"seed": 77}) == key_of_task(TASK, mock)


async def test_a_changed_default_of_the_router_asks_again(wire: WireServer, folder: Path) -> None:
    """A document made with another seed is not found."""
    for seed in (1, 1, 2):
        config = openai(wire, folder) | {"router_settings": {"default_litellm_params": {"seed": seed}}}
        async with create_llm_factory(config) as factory:
            await factory.generate_gmn(PROMPT)
    assert len(wire.requests(path="/v1/chat/completions")) == 2


async def test_no_entry_holds_a_nested_secret(wire: WireServer, folder: Path) -> None:
    """What a call hands on to the provider is kept without its keys, for documents and plain answers."""
    async with create_llm_factory(openai(wire, folder)) as factory:
        await factory.generate_gmn(PROMPT, model_params={"extra_body": {"metadata": {"api_key": "sk-nested-1"}}})
        await factory.generate(QUESTION, use_cache=True, extra_body={"metadata": {"password": "hunter2hunter2"}})
    assert not [word for word in ("sk-nested", "hunter2") if holds(folder, word)]

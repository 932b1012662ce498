"""The main job: a sentence in, a document out that both readers run; offline, without LiteLLM."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gmn_llm
from gmn_llm import GMNSpec, ProviderTimeoutError, ProviderType, create_llm_factory, validate_gmn
from gmn_llm.cache import DiskStore
from tests.wire.client import Fault, Step, WireServer

PROMPT = "Create an agent that explores a 5x5 grid world"
MOCK = {"provider": "mock"}


@pytest.fixture(scope="module")
def explorer() -> GMNSpec:
    """The document of the first line of README."""
    return gmn_llm.generate(PROMPT, agent_type="explorer", config=MOCK, use_cache=False)


def test_the_explorer_is_what_the_sentence_says(explorer: GMNSpec) -> None:
    """A 5x5 grid is 25 states seen and moved through by five moves, with nothing assumed or left unread."""
    arrays = explorer.to_pymdp()
    assert [a.shape for a in arrays["A"]] == [(25, 25)]
    assert [b.shape for b in arrays["B"]] == [(25, 25, 5)]
    move = next(node for node in explorer.nodes if node.type == "action")
    assert set(move.properties["labels"]) == {"up", "down", "left", "right", "stay"}
    assert explorer.warnings == ()
    assert explorer.provenance is not None
    assert (explorer.provenance.provider, explorer.provenance.cached) == ("mock", False)


def test_the_moves_are_those_of_the_board(explorer: GMNSpec) -> None:
    """Right from the top-left corner leads to the second cell, up from it stays."""
    move = next(node for node in explorer.nodes if node.type == "action")
    labels = move.properties["labels"]
    b = explorer.to_pymdp()["B"][0]
    assert b[1, 0, labels.index("right")] == 1.0
    assert b[0, 0, labels.index("up")] == 1.0
    assert b[5, 0, labels.index("down")] == 1.0


def test_an_agent_of_pymdp_takes_ten_steps(explorer: GMNSpec) -> None:
    """Pymdp's own Agent, built from the document unchanged, acts ten times in the world the document describes."""
    pytest.importorskip("pymdp", reason="needs the extra pymdp")
    import jax.numpy as jnp
    import jax.random as jr
    from pymdp.agent import Agent

    arguments = explorer.to_pymdp()
    agent = Agent(**arguments)
    (a,), (b,) = arguments["A"], arguments["B"]
    rng, key, state, prior = np.random.default_rng(0), jr.PRNGKey(0), 0, agent.D
    visited = []
    for _ in range(10):
        seen = int(rng.choice(25, p=a[:, state]))
        beliefs = agent.infer_states([jnp.array([seen])], empirical_prior=prior)
        policies, _ = agent.infer_policies(beliefs)
        key, once = jr.split(key)
        action = agent.sample_action(policies, rng_key=jr.split(once, 1))
        prior = agent.update_empirical_prior(action, beliefs)
        assert np.isfinite(np.asarray(beliefs[0])).all()
        assert 0 <= int(action[0, 0]) < 5
        state = int(rng.choice(25, p=b[:, state, int(action[0, 0])]))
        visited.append(state)
    assert len(visited) == 10


def freeagentics(document: dict[str, object]) -> dict[str, list[np.ndarray]]:
    """What FreeAgentics' graph parser makes of a document: parts paired by order, explicit arrays taken as written."""
    nodes = document["nodes"]
    edges = document["edges"]
    assert isinstance(nodes, list)
    assert isinstance(edges, list)
    known = {
        "state",
        "observation",
        "action",
        "belief",
        "preference",
        "transition",
        "likelihood",
        "policy",
        "llm_query",
    }
    by_id = {node["id"]: node for node in nodes}
    assert {node["type"] for node in nodes} <= known
    assert {edge["type"] for edge in edges} <= {"depends_on", "influences", "updates", "queries", "generates"}
    assert all(edge["source"] in by_id and edge["target"] in by_id for edge in edges)
    for needed in ("state", "observation", "action"):
        assert any(node["type"] == needed for node in nodes)

    def of(kind: str, key: str) -> list[np.ndarray]:
        return [np.array(node["properties"][key]) for node in nodes if node["type"] == kind]

    return {
        "A": of("likelihood", "matrix"),
        "B": of("transition", "matrix"),
        "C": of("preference", "vector"),
        "D": of("belief", "vector"),
    }


@pytest.mark.parametrize(
    "prompt",
    [
        PROMPT,
        "A robot in one of four rooms, with a battery of three levels; the weather changes by itself",
        "A two-armed bandit",
    ],
)
def test_freeagentics_reads_the_expanded_document(prompt: str) -> None:
    """Expanded, the k-th array belongs to the k-th factor or modality, with sums within 1e-10."""
    spec = gmn_llm.generate(prompt, config=MOCK, use_cache=False).expand()
    read = freeagentics(json.loads(str(spec)))
    states = [node.properties["num_states"] for node in spec.nodes if node.type == "state"]
    outcomes = [node.properties["num_observations"] for node in spec.nodes if node.type == "observation"]
    assert [a.shape[0] for a in read["A"]] == outcomes
    assert [b.shape[0] for b in read["B"]] == states
    assert [c.shape for c in read["C"]] == [(n,) for n in outcomes]
    assert [d.shape for d in read["D"]] == [(n,) for n in states]
    for array in (*read["A"], *read["B"], *read["D"]):
        assert np.abs(array.sum(axis=0) - 1).max() < 1e-10


def test_the_same_prompt_gives_the_same_document(explorer: GMNSpec) -> None:
    """The designer has no chance in it: a second process writes the same bytes."""
    code = (
        f"import gmn_llm; print(gmn_llm.generate({PROMPT!r}, agent_type='explorer', config={MOCK!r}, use_cache=False))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.rstrip("\n") == str(explorer)


def test_the_mock_and_a_cache_hit_do_not_import_litellm(tmp_path: Path) -> None:
    """Neither the offline designer nor a document from the cache loads LiteLLM or a client of it."""
    config = {"provider": "mock", "cache": {"dir": str(tmp_path / "cache")}}
    code = (
        f"import sys, gmn_llm\nspec = gmn_llm.generate('a 3x3 grid', config={config!r})\n"
        "print(spec.provenance.cached, sorted({'litellm', 'openai', 'httpx', 'aiohttp'} & set(sys.modules)))"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert runs == ["False []\n", "True []\n"]


async def test_a_cached_document_equals_the_fresh_one(tmp_path: Path) -> None:
    """A hit is equal to what was stored, warnings included, keeps its provenance and says that it is one."""
    async with create_llm_factory({**MOCK, "cache": {"dir": str(tmp_path / "cache")}}) as factory:
        fresh = await factory.generate_gmn("A 4x4 grid and the agent sings operas")
        again = await factory.generate_gmn("A 4x4 grid and the agent sings operas")
        other = await factory.generate_gmn("A 4x4 grid and the agent sings operas", constraints={"max_actions": 9})
    assert again == fresh
    assert again.warnings == fresh.warnings != ()
    assert fresh.provenance is not None
    assert again.provenance == fresh.provenance.model_copy(update={"cached": True})
    assert other.provenance is not None
    assert not other.provenance.cached


@pytest.mark.parametrize(
    "damage", ["{}", "nothing", '{"document": {"name": 3}, "findings": [], "provenance": {"provider": "mock"}}']
)
async def test_a_damaged_entry_is_made_anew(tmp_path: Path, damage: str) -> None:
    """An entry that is no document of ours costs a warning, is not returned, and is replaced."""
    folder = tmp_path / "cache"
    async with create_llm_factory({**MOCK, "cache": {"dir": str(folder)}}) as factory:
        fresh = await factory.generate_gmn("a 3x3 grid")
    store = DiskStore(folder, size_limit=2**20)
    ((key, _),) = store.items()
    store.set(key, damage, ttl=None)
    store.close()
    async with create_llm_factory({**MOCK, "cache": {"dir": str(folder)}}) as factory:
        again, hit = [await factory.generate_gmn("a 3x3 grid") for _ in range(2)]
    assert again == hit == fresh
    assert [spec.provenance.cached for spec in (again, hit) if spec.provenance] == [False, True]


async def test_a_fallbacks_document_is_not_kept_under_the_first_ones_key(wire: WireServer, tmp_path: Path) -> None:
    """What the mock wrote in place of OpenAI is not what OpenAI's next call finds."""
    wire.script([Step(fault=Fault.SERVER_ERROR)])
    config = {
        "provider": "openai",
        "openai": {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key},
        "fallbacks": ["mock"],
        "cache": {"dir": str(tmp_path / "cache")},
    }
    async with create_llm_factory(config) as factory:
        first, second = [await factory.generate_gmn("a 3x3 grid") for _ in range(2)]
    assert [spec.provenance.provider for spec in (first, second) if spec.provenance] == ["mock", "openai"]


async def test_what_decides_the_answer_is_in_the_key_and_nothing_else(wire: WireServer, tmp_path: Path) -> None:
    """Another temperature in the section is another entry; another timeout, limit or number of retries is the same."""

    async def cached(**section: object) -> bool:
        openai = {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key, **section}
        config = {"provider": "openai", "openai": openai, "cache": {"dir": str(tmp_path / "cache")}}
        async with create_llm_factory(config) as factory:
            spec = await factory.generate_gmn("a 3x3 grid")
        assert spec.provenance is not None
        return spec.provenance.cached

    assert [await cached(temperature=0.1), await cached(temperature=0.9)] == [False, False]
    assert [await cached(temperature=0.1, timeout=7, rpm=50, max_retries=1), await cached(temperature=0.9)] == [
        True,
        True,
    ]


async def test_a_waiter_keeps_its_own_deadline(tmp_path: Path) -> None:
    """Who waits for another call's making gives up at its own timeout, and the other is not disturbed."""
    config = {**MOCK, "mock": {"delay": 4}, "cache": {"dir": str(tmp_path / "cache")}}
    async with create_llm_factory(config) as factory:
        first = asyncio.create_task(factory.generate_gmn("a 3x3 grid"))
        await asyncio.sleep(0.5)
        with pytest.raises(ProviderTimeoutError, match="making the same one"):
            await factory.generate_gmn("a 3x3 grid", timeout=0.3)
        assert (await first).findings() == ()


async def test_a_provider_can_be_used_again_after_close(wire: WireServer) -> None:
    """``close`` lets go of connections; the next call opens new ones."""
    openai = {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key}
    async with create_llm_factory({"provider": "openai", "openai": openai}) as factory:
        provider = await factory.get_provider()
        await provider.generate_gmn("a 3x3 grid", use_cache=False)
        await provider.close()
        await provider.close()
        await provider.generate_gmn("a 3x3 grid", use_cache=False)
    assert len(wire.requests()) == 2


async def test_many_at_once_from_one_factory() -> None:
    """Twenty different prompts at once give twenty documents, each its own."""
    async with create_llm_factory(MOCK) as factory:
        specs = await asyncio.gather(*(factory.generate_gmn(f"a {n}x2 grid", use_cache=False) for n in range(2, 22)))
    sizes = [next(node for node in spec.nodes if node.type == "state").properties["num_states"] for spec in specs]
    assert sizes == [2 * n for n in range(2, 22)]


async def test_the_blocking_call_works_inside_a_running_loop() -> None:
    """``generate`` can be called in a notebook, where a loop is running."""
    assert gmn_llm.generate("a 3x3 grid", config=MOCK, use_cache=False).findings() == ()


async def test_a_provider_validates_and_refines() -> None:
    """A provider object tells what is wrong in words, and gives a valid changed document for feedback."""
    async with create_llm_factory(MOCK) as factory:
        provider = await factory.get_provider(ProviderType.MOCK)
        spec = await provider.generate_gmn("a 3x3 grid", use_cache=False)
        assert await provider.validate_gmn(spec) == (True, [])
        ok, errors = await provider.validate_gmn({"name": "x", "nodes": []})
        assert not ok
        assert errors[0].startswith("missing-node")
        refined = await provider.refine_gmn(gmn_spec=spec, feedback="Add memory capabilities")
    assert refined != spec
    assert validate_gmn(refined).ok
    kept = {node.id: node for node in refined.nodes}
    assert all(kept[node.id] == node for node in spec.nodes if node.type in ("state", "likelihood"))


async def test_agent_types_can_be_registered() -> None:
    """A kind of agent that the caller registers is taken; one that nobody did is an error that lists them."""
    async with create_llm_factory(MOCK) as factory:
        with pytest.raises(gmn_llm.InputError, match="no agent type medic") as raised:
            await factory.generate_gmn("a 3x3 grid", agent_type="medic")
        assert "explorer" in raised.value.hint
        factory.register_agent_type("medic", "It looks after others.")
        spec = await factory.generate_gmn("a 3x3 grid", agent_type="medic", use_cache=False)
    assert spec.findings() == ()

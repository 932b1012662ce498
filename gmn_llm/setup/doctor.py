"""All checks of an installation, one after the other, from Python to a round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gmn_llm.cache import folder_of, open_store
from gmn_llm.config import environment_of, load_settings
from gmn_llm.config.keys import key_fault
from gmn_llm.config.names import KEY_VARIABLES
from gmn_llm.errors import LLMError
from gmn_llm.factory import create_llm_factory
from gmn_llm.running import Running, Told
from gmn_llm.setup.environs import cache_folder, packages, python, terminal
from gmn_llm.setup.report import Check, fail, ok, warn
from gmn_llm.setup.surroundings import OTHERS
from gmn_llm.setup.trial import tried
from gmn_llm.setup.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from gmn_llm.config import Settings
    from gmn_llm.setup.verdict import Verdict

__all__ = ["examined"]

RIGHT = "gmn-llm config check tells all of it"


async def examined(config: Path | None) -> AsyncIterator[Check]:
    """Yield what is found, each as soon as it is known. Providers are asked as ``health_check(probe=True)`` does.

    Args:
        config: The configuration file that was named; None for the one that is found.
    """
    yield python()
    for check in packages():
        yield check
    found = verdict(config)
    for check in _configuration(found):
        yield check
    if found.ok:
        settings = load_settings(config)
        for check in _keys(settings):
            yield check
        yield _cache(settings)
        async for check in _providers(config):
            yield check
    for check in await tried():
        yield check
    yield terminal()


def _configuration(found: Verdict) -> Iterator[Check]:
    if not found.ok:
        for mistake in found.mistakes:
            yield fail("configuration", str(mistake).removeprefix("error: "), RIGHT)
        return
    asked = ", then ".join(f"{name} ({model})" for name, model in found.asked)
    yield ok("configuration", f"{found.source}; asked: {asked}")
    for words in found.warnings:
        yield warn("configuration", words, "gmn-llm init writes a configuration for what is there")


def _keys(settings: Settings) -> Iterator[Check]:
    """Check the keys of the environment; those in the configuration are checked with it."""
    seen = environment_of(settings)
    variables = [*KEY_VARIABLES.values(), *(variable for variable, _ in OTHERS.values())]
    there = [name for name in variables if seen.get(name)]
    for name in there:
        fault = key_fault(seen[name])
        if fault is not None:
            yield fail(f"key {name}", fault, f"set {name} anew, or take it away")
    sound = [name for name in there if key_fault(seen[name]) is None]
    yield ok("keys", f"set: {', '.join(sound)}" if sound else "none is set; the mock and Ollama need none")


def _cache(settings: Settings) -> Check:
    try:
        key = Running(settings, told=Told()).cache_key
    except KeyError as error:
        return fail("cache", f"the variable {error.args[0]} is not set", "set it, or take cache.redis_url away")
    if key.redis_url is None:
        return cache_folder(folder_of(key.folder), size_limit=key.size_limit)
    try:
        store = open_store(folder=None, size_limit=key.size_limit, redis_url=key.redis_url)
    except (ImportError, LLMError) as error:
        return fail("cache", str(error), "pip install 'gmn-llm[redis]', and check cache.redis_url")
    try:
        stats = store.stats()
    finally:
        store.close()
    if store.trouble is not None:
        return fail("cache", f"Redis can't be used: {store.trouble}", "start it, or check cache.redis_url")
    return ok("cache", f"{stats.location} answers")


async def _providers(config: Path | None) -> AsyncIterator[Check]:
    async with create_llm_factory(config) as factory:
        report = await factory.health_check(probe=True)
    chain = report["fallback_chain"]
    for name, figures in report["providers"].items():
        yield _provider(name, figures, first=name == report["primary_provider"], asked=name in chain)
    if not report["can_answer"]:
        yield fail("providers", "nobody can answer", "mend one of them, or name the mock: provider: mock")


def _provider(name: str, figures: Mapping[str, Any], *, first: bool, asked: bool) -> Check:
    probe = figures.get("probe") or {}
    message = str(probe.get("message") or figures.get("reason") or "not asked")
    hint = str(probe.get("hint") or "gmn-llm health --probe asks again")
    thing = f"provider {name}"
    if figures["available"] and probe.get("ok", True):
        return ok(thing, f"{message} ({probe.get('seconds', 0.0):.1f} s)")
    if first:
        return fail(thing, message, hint)
    return warn(thing, message, hint) if asked else ok(thing, f"not in use: {message}")

"""What ``health_check`` returns: what was counted, whether each provider can be used, and what it says when asked."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gmn_llm.config import Chain, lacking, named_groups, spare_groups
from gmn_llm.config.sections import MOCK_GROUP
from gmn_llm.errors import AuthenticationError, ConfigError, LLMError
from gmn_llm.health.shelf import RETENTION
from gmn_llm.health.totals import laid_over
from gmn_llm.health.view import Standing
from gmn_llm.mock.gateway import MODEL, PROVIDER
from gmn_llm.probing import SECONDS, Verdict, probed
from gmn_llm.running import UNASKED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gmn_llm.config import Group, Settings
    from gmn_llm.gateways import Gateways
    from gmn_llm.health import HealthView
    from gmn_llm.health.shelf import Gathered
    from gmn_llm.probing import Probed
    from gmn_llm.running import Running

__all__ = ["checkup", "with_shared"]


async def checkup(running: Running, *, health: HealthView, gateways: Gateways, probe: bool) -> dict[str, Any]:
    """Return the report on the providers of the chain, and on those that are configured or named and can't be used.

    LiteLLM is loaded only where a probe needs a completion.

    Args:
        running: The configuration that holds.
        health: What was counted.
        gateways: Who knows what cools down, and answers a probe that no list of models can.
        probe: Whether each provider of the chain is asked.

    Raises:
        ConfigError: ``LLM_PROVIDER`` names nothing known.
    """
    end = asyncio.get_running_loop().time() + SECONDS
    lacks = {name: _verdict(error) for name, error in lacking(running.settings).items()}
    chain = await _chain(running)
    names = chain.names if chain is not None else named_groups(running.settings)
    if chain is not None:
        lacks |= _unanswered(running.settings, chain, lacks)
    groups = chain.groups if chain is not None else _buildable(running.settings, names)
    asked = [group for group in groups if probe and group.name not in lacks]
    gateway = gateways.lent(running, chain or Chain(groups=tuple(asked)))
    left = end - asyncio.get_running_loop().time()
    # At once, for a Redis that the Routers share may take its time.
    found, cooling = await asyncio.gather(probed(asked, gateway, seconds=left), gateways.cooling(running))
    standings = {group.name: _standing(group, lacks, cooling) for group in groups}
    if chain is not None and chain.mock_only:
        # It answers without a Router, whose ids it does not have.
        standings[PROVIDER] = Standing(deployments={PROVIDER: MODEL})
    standings |= {name: Standing(missing=_words(lack)) for name, lack in lacks.items() if name not in standings}
    standings |= _beside(running.settings, [name for name in health.names if name not in standings], lacks, cooling)
    report: dict[str, Any] = health.report(names, standings)
    report["scope"] = "own"
    report["notes"] = _notes(chain, names[0])
    _apply(report["providers"], found, lacks if probe else {})
    report["can_answer"] = chain is not None and any(report["providers"][name]["available"] for name in names)
    return report


def with_shared(report: dict[str, Any], gathered: Gathered) -> dict[str, Any]:
    """Return a report with the sums of all processes, or with its own figures and a word on why.

    Args:
        report: What this process knows.
        gathered: What the shared Redis has.
    """
    if gathered.sheet is None:
        return {**report, "shared": {"ok": False, "message": gathered.trouble, "hint": gathered.hint}}
    message = f"{gathered.unread} entries of another version are left out" if gathered.unread else ""
    shared = {
        "ok": True,
        "message": message,
        "hint": "",
        "processes": gathered.processes,
        "retention_seconds": RETENTION,
    }
    return {**laid_over(report, gathered.sheet), "scope": "shared", "shared": shared}


async def _chain(running: Running) -> Chain | None:
    """Return who answers, or None where the first of them can't be used, so that nobody does."""
    try:
        return await running.chain()
    except (AuthenticationError, ConfigError):
        return None


def _buildable(settings: Settings, names: Iterable[str]) -> tuple[Group, ...]:
    known = {group.name: group for group in (*spare_groups(settings), MOCK_GROUP)}
    return tuple(known[name] for name in names if name in known)


def _notes(chain: Chain | None, first: str) -> list[str]:
    if chain is None:
        return [f"{first} comes first and can't be used, so no call is answered; the fallbacks are for its failures"]
    return [*chain.notes, *([UNASKED] if chain.unasked_mock else [])]


def _verdict(error: LLMError) -> Verdict:
    return Verdict(ok=False, message=str(error), hint=error.hint)


def _words(verdict: Verdict) -> str:
    return f"{verdict.message}; {verdict.hint}" if verdict.hint else verdict.message


def _unanswered(settings: Settings, chain: Chain, lacks: Iterable[str]) -> Mapping[str, Verdict]:
    """Return what there is to say of an Ollama that is configured, was looked for, and did not answer."""
    looked_for = settings.ollama is not None and not named_groups(settings)
    if not looked_for or "ollama" in chain.names or "ollama" in lacks:
        return {}
    words = "Ollama did not answer when it was looked for"
    return {"ollama": Verdict(ok=False, message=words, hint="start it with `ollama serve`")}


def _beside(
    settings: Settings, names: Iterable[str], lacks: Mapping[str, Verdict], cooling: Mapping[str, float]
) -> dict[str, Standing]:
    """Return what is known of those outside the chain that were asked: by name, or under another configuration."""
    spare = {group.name: group for group in spare_groups(settings)}
    gone = Standing(missing="it is not configured any more")
    return {
        name: _standing(spare[name], lacks, cooling) if name in spare else gone for name in names if name != PROVIDER
    }


def _standing(group: Group, lacks: Mapping[str, Verdict], cooling: Mapping[str, float]) -> Standing:
    deployments = {each.id: each.model.removeprefix(f"{each.provider}/") for each in group.deployments}
    return Standing(
        deployments=deployments,
        missing=_words(lacks[group.name]) if group.name in lacks else "",
        cooling={name: until for name, until in cooling.items() if name in deployments},
    )


def _apply(providers: Mapping[str, dict[str, Any]], found: Mapping[str, Probed], lacks: Mapping[str, Verdict]) -> None:
    """Write into the report what came of asking; who can't even be asked has failed."""
    for name, lack in lacks.items():
        _apply_one(providers[name], lack)
    for name, came in found.items():
        entry = providers[name]
        _apply_one(entry, came.verdict)
        for deployment, verdict in came.deployments.items():
            if deployment in entry["deployments"]:
                _apply_one(entry["deployments"][deployment], verdict)


def _apply_one(entry: dict[str, Any], verdict: Verdict) -> None:
    entry["probe"] = asdict(verdict)
    if not verdict.ok:
        entry |= {"available": False, "healthy": False, "reason": _words(verdict)}

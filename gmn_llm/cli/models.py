"""``gmn-llm models``: what is configured, which models there are, what they hold and what they cost."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import typer

from gmn_llm.cli.options import Json, ProviderName
from gmn_llm.cli.output import write
from gmn_llm.errors import LLMError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["command"]

MILLION = 1_000_000


def command(
    context: typer.Context,
    *,
    provider: ProviderName = None,
    as_json: Json = False,
) -> int:
    """Tell which models each configured provider has; for Ollama what is pulled. No model is asked.

    Example: gmn-llm models --provider ollama
    """
    told = asyncio.run(_told(context.obj.config, provider))
    write(json.dumps({"providers": told}, ensure_ascii=False) if as_json else _as_text(told), None)
    return 0 if any(entry["error"] is None for entry in told.values()) else 1


async def _told(config: Path | None, provider: str | None) -> dict[str, dict[str, object]]:
    from gmn_llm.factory import create_llm_factory  # --help does without it

    async with create_llm_factory(config) as factory:
        chain = await factory.get_provider(provider)
        alone = [await factory.get_provider(name) for name in chain.names]
        listed = await asyncio.gather(*(each.list_models() for each in alone), return_exceptions=True)
        told: dict[str, dict[str, object]] = {}
        for each, models in zip(alone, listed, strict=True):
            if isinstance(models, BaseException) and not isinstance(models, LLMError):
                raise models
            failed = models if isinstance(models, LLMError) else None
            told[each.name] = {
                "model": each.model,
                "token_limit": each.get_token_limit(),
                "price": each.get_price(),
                "models": [] if isinstance(models, LLMError) else models,
                "error": None if failed is None else str(failed),
                "hint": "" if failed is None else failed.hint,
            }
        return told


def _as_text(told: dict[str, dict[str, object]]) -> str:
    return "\n".join(line for name, entry in told.items() for line in _lines(name, entry))


def _lines(name: str, entry: dict[str, object]) -> list[str]:
    limit, price = entry["token_limit"], entry["price"]
    facts = [f"{limit} tokens of prompt"] if limit else []
    if isinstance(price, dict):
        read, written = (float(price[key]) * MILLION for key in ("prompt", "completion"))
        facts.append("free" if not read and not written else f"${read:g} read, ${written:g} written a million tokens")
    lines = [f"{name}: {entry['model']}" + (f" ({', '.join(facts)})" if facts else "")]
    if entry["error"] is not None:
        return [*lines, f"  not listed: {entry['error']}", *([f"  {entry['hint']}"] if entry["hint"] else [])]
    models = entry["models"]
    return [*lines, *(f"  {model}" for model in (models if isinstance(models, list) else ()))]

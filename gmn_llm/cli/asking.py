"""Asks for a document, and tells meanwhile what happens."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmn_llm.findings import visible

if TYPE_CHECKING:
    from gmn_llm.factory import LLMProviderFactory
    from gmn_llm.generation.events import GMNEvent
    from gmn_llm.gmn import GMNSpec
    from gmn_llm.rehearsal import Rehearsal

__all__ = ["How", "Wish", "made", "rehearsal"]


class How(Enum):
    """How it is told what happens."""

    SILENT = auto()
    SPUN = auto()
    SHOWN = auto()
    TOLD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for; as ``Provider.generate_gmn`` takes it."""

    prompt: str
    provider: str | None = None
    agent_type: str = "general"
    constraints: Mapping[str, object] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    timeout: float = 60.0
    use_cache: bool = True
    refresh: bool = False

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for besides the prompt and the provider."""
        names = ("agent_type", "constraints", "examples", "images", "timeout")
        return {name: getattr(self, name) for name in names}

    @property
    def more(self) -> dict[str, Any]:
        """The same, and what is done with the cache."""
        return {**self.asked, "use_cache": self.use_cache, "refresh": self.refresh}


def made(config: Path | None, wish: Wish, how: How) -> GMNSpec:
    """Return the document.

    Args:
        config: The configuration file that was named.
        wish: What is asked for.
        how: How it is told what happens. Only who listens has the answers asked for piece by piece.

    Raises:
        LLMError: As ``Provider.generate_gmn``.
    """
    return asyncio.run(_made(config, wish, how))


async def _made(config: Path | None, wish: Wish, how: How) -> GMNSpec:
    from gmn_llm.factory import create_llm_factory  # --help does without it

    async with create_llm_factory(config) as factory:
        if how is How.SILENT:
            return await factory.generate_gmn(wish.prompt, provider_type=wish.provider, **wish.more)
        if how is How.SPUN:
            return await _spun(factory, wish)
        from gmn_llm.cli import streaming

        return await _heard(factory, wish, streaming.show if how is How.SHOWN else streaming.tell_line)


async def _heard(factory: LLMProviderFactory, wish: Wish, hear: Callable[[GMNEvent], None]) -> GMNSpec:
    events = factory.stream_gmn(wish.prompt, provider_type=wish.provider, **wish.more)
    async with aclosing(events):
        async for event in events:
            hear(event)
            if event.type == "done" and event.document is not None:
                return event.document
    raise AssertionError("a stream ends with the document, or raises")


async def _spun(factory: LLMProviderFactory, wish: Wish) -> GMNSpec:
    from gmn_llm.cli.watching import Watch, spinning

    watch = Watch(factory.settings.gmn.max_repairs)
    with spinning(watch) as turn:

        def hear(event: GMNEvent) -> None:
            watch.hear(event)
            turn()

        provider = await factory.get_provider(wish.provider)
        watch.asks(provider.name, provider.model)
        turn()
        return await _heard(factory, wish, hear)


def rehearsal(config: Path | None, wish: Wish) -> str:
    """Return what would be asked: JSON, or text where standard output is a terminal.

    Raises:
        LLMError: As ``gmn_llm.rehearsal.rehearsed``.
    """
    planned = asyncio.run(_rehearsed(config, wish))
    return _read_out(planned) if sys.stdout.isatty() else json.dumps(planned.as_dict(), ensure_ascii=False)


async def _rehearsed(config: Path | None, wish: Wish) -> Rehearsal:
    from gmn_llm.factory import create_llm_factory  # --help does without it
    from gmn_llm.rehearsal import rehearsed

    async with create_llm_factory(config) as factory:
        return await rehearsed(factory, wish.prompt, provider=wish.provider, **wish.asked)


def _read_out(planned: Rehearsal) -> str:
    parts: list[str] = []
    for message in planned.request.messages:
        body = "\n".join(visible(line.replace("\t", " ")) for line in message.content.splitlines())
        parts.append(f"--- {message.role.value}\n{body}\n")
    pictures, most = len(planned.request.pictures), planned.request.max_tokens
    schema = f", and {planned.schema_tokens} of the schema where it is sent" if planned.schema_tokens else ""
    facts = [
        f"tokens: about {planned.tokens}{schema}" + (f", without {pictures} pictures" if pictures else ""),
        f"answer: {'as long as the model likes' if most is None else f'{most} tokens at most'}, "
        f"repaired {planned.repairs} times at most",
        *(f"asked: {visible(each.provider)} ({visible(each.model)}), {_dollars(each.most)}" for each in planned.chain),
        f"together: {_dollars(planned.most)}; nobody was asked",
    ]
    return "\n".join([*parts, *facts])


def _dollars(cost: float | None) -> str:
    if cost is None:
        return "no price known"
    return f"${cost:.4f} at most" if cost else "free"

"""What a generation would ask, of whom, and what that can cost at most; nobody is asked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.config import resolve_chain
from gmn_llm.generation.budget import BYTES_PER_TOKEN
from gmn_llm.generation.intake import Intake
from gmn_llm.generation.showing import shown
from gmn_llm.gmn.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.factory import LLMProviderFactory
    from gmn_llm.generation.intake import Document
    from gmn_llm.messages import CompletionRequest
    from gmn_llm.pictures import Image

__all__ = ["Candidate", "Rehearsal", "rehearsed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model group that may be asked.

    Attributes:
        provider: The group's name.
        model: The provider's name of its model.
        first: US dollars of the first answer at most, or None where no price or no bound of the answer is known.
        most: US dollars with every repair at most, or None.
    """

    provider: str
    model: str
    first: float | None
    most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What would be asked.

    Attributes:
        request: The first question.
        tokens: Tokens of its messages, estimated and rather too many; pictures are not among them.
        schema_tokens: Tokens of the schema that goes with it where a model can be held to one, estimated likewise.
        repairs: How often a model may be asked to mend its answer.
        chain: Who is asked, and who follows where that fails.
        max_cost: US dollars that the configuration allows, or None.
    """

    request: CompletionRequest
    tokens: int
    schema_tokens: int
    repairs: int
    chain: tuple[Candidate, ...]
    max_cost: float | None

    @property
    def most(self) -> float | None:
        """US dollars of everything at most: each group fails after all its repairs; None where that is not known.

        ``max_cost`` holds from the first answer on, since prices are known here.
        """
        parts = [candidate.most for candidate in self.chain]
        if any(part is None for part in parts):
            return None
        total = sum(part for part in parts if part is not None)
        return total if self.max_cost is None else min(total, self.max_cost)

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON has it; pictures by their number and size alone."""
        return {
            "messages": [{"role": each.role.value, "content": each.content} for each in self.request.messages],
            "pictures": [{"media_type": each.media_type, "bytes": len(each.data)} for each in self.request.pictures],
            "tokens": self.tokens,
            "schema_tokens": self.schema_tokens,
            "max_tokens": self.request.max_tokens,
            "temperature": self.request.temperature,
            "repairs": self.repairs,
            "chain": [
                {"provider": each.provider, "model": each.model, "first_cost": each.first, "most_cost": each.most}
                for each in self.chain
            ],
            "max_cost": self.max_cost,
            "most_cost": self.most,
        }


async def rehearsed(
    factory: LLMProviderFactory,
    prompt: str,
    *,
    provider: str | None = None,
    agent_type: str = "general",
    constraints: Mapping[str, object] | None = None,
    examples: Sequence[Document] = (),
    images: Sequence[Image] = (),
    timeout: float = 60.0,  # noqa: ASYNC109  # of reading and fetching pictures
) -> Rehearsal:
    """Return what ``generate_gmn`` with the same arguments would ask; no model is asked and the cache is not touched.

    Prices are those of LiteLLM's model map, which is loaded where anybody but the mock would be asked.

    Raises:
        InputError: As ``generate_gmn`` does.
        AuthenticationError: The provider has no key.
        ConfigError: The configuration can't be used.
    """
    whole = await factory.get_provider(provider)
    settings = factory.settings
    chain = await asyncio.to_thread(resolve_chain, settings, provider_type=provider)
    limits = Limits.of(dict(settings.limits))
    intake = Intake(settings=settings, provider=whole.name, agent_types=factory.agent_types, limits=limits)
    task = intake.generation(
        prompt,
        agent_type=agent_type,
        constraints=constraints,
        examples=examples,
        temperature=None,
        max_tokens=None,
        model_params=None,
    )
    task = await shown(task, images, chain=chain, settings=settings, seconds=timeout)
    request = task.ask()
    tokens = sum(_tokens(message.content) for message in request.messages)
    schema_tokens = _tokens(json.dumps(request.schema)) if request.schema is not None else 0
    prompted = tokens + schema_tokens
    candidates: list[Candidate] = []
    for name in whole.names:
        alone = await factory.get_provider(name)
        price = alone.get_price()
        candidates.append(
            Candidate(
                provider=name,
                model=alone.model,
                first=_cost(price, prompted, request.max_tokens, repairs=0),
                most=_cost(price, prompted, request.max_tokens, repairs=task.max_repairs),
            )
        )
    return Rehearsal(
        request=request,
        tokens=tokens,
        schema_tokens=schema_tokens,
        repairs=task.max_repairs,
        chain=tuple(candidates),
        max_cost=settings.gmn.max_cost,
    )


def _tokens(text: str) -> int:
    return len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN


def _cost(price: Mapping[str, float] | None, prompted: int, answered: int | None, *, repairs: int) -> float | None:
    """Return US dollars at most; a repair is asked with no more than the first question and an answer."""
    if price is None:
        return None
    if not any(price.values()):
        return 0.0
    if answered is None:
        return None
    read = prompted + repairs * (prompted + answered)
    return price["prompt"] * read + price["completion"] * answered * (1 + repairs)

"""What the tokens of model groups cost, known before anybody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.generation.budget import Price
from gmn_llm.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.config import Deployment, Group

__all__ = ["prices_of"]

MOCK = "gmn_mock"


async def prices_of(groups: Sequence[Group]) -> Mapping[str, Price]:
    """Return by name what the tokens of each group cost at most, by the dearest of its deployments.

    The configuration's own prices count before those of LiteLLM's model map, which is loaded off the event loop. A
    group with a deployment that has no known price is left out.
    """
    if all(deployment.provider == MOCK for group in groups for deployment in group.deployments):
        return {group.name: Price() for group in groups}
    found: dict[str, Price] = {}

    def look() -> None:
        from gmn_llm.routing.models import price  # LiteLLM takes its time

        def of(deployment: Deployment) -> Mapping[str, float] | None:
            return {"prompt": 0.0, "completion": 0.0} if deployment.provider == MOCK else price(deployment)

        for group in groups:
            told = [known for deployment in group.deployments if (known := of(deployment)) is not None]
            if told and len(told) == len(group.deployments):
                found[group.name] = Price(
                    prompt=max(each["prompt"] for each in told), completion=max(each["completion"] for each in told)
                )

    await Workshop().done("prices", look)
    return found

"""How each deployment is asked: held to a schema as far as it can be, and without what it does not take."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from gmn_llm.routing.clients import client_for
from gmn_llm.routing.codes import TOO_LARGE
from gmn_llm.routing.left_out import LeftOut
from gmn_llm.routing.shaping import shaped
from gmn_llm.routing.structured import Ladder, Rung
from gmn_llm.routing.translate import http_status, refused_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment, Group
    from gmn_llm.routing.exchange import Exchange

__all__ = ["Manners"]

LOG = logging.getLogger("gmn_llm.routing")
KEPT = frozenset({"model", "messages", "stream"})


class Manners:
    """What one gateway has learned of how its deployments can be asked.

    Args:
        places: The deployments by their id inside the Router, each with its group.
    """

    def __init__(self, places: Mapping[str, tuple[Group, Deployment]]) -> None:
        self._places = places
        self._ladder = Ladder()
        self._not_taken: dict[str, set[str]] = {}
        self._left_out = LeftOut()

    def rung(self, exchange: Exchange, router_id: str) -> Rung | None:
        """Return how the deployment is held to the request's schema; None where there is none."""
        if exchange.request.schema is None:
            return None
        if router_id in exchange.rungs:
            return exchange.rungs[router_id]
        return self._ladder.rung(self._places[router_id][1])

    def arguments(
        self, exchange: Exchange, router_id: str, kwargs: dict[str, Any], *, rung: Rung | None
    ) -> dict[str, Any] | None:
        """Return the arguments of an attempt, or None where LiteLLM's can stay as they are."""
        _, deployment = self._places[router_id]
        self._left_out.tell(deployment, kwargs)
        not_taken = self._not_taken.get(router_id, ())
        client = client_for(deployment, kwargs)
        if rung is None and not not_taken and client is None and deployment.provider != "ollama_chat":
            return None
        sent = shaped(kwargs, deployment=deployment, rung=rung, schema=exchange.request.schema)
        for name in not_taken:
            sent.pop(name, None)
        if client is not None:
            sent["client"] = client
            if exchange.current is not None:
                exchange.current.watched = True
        return sent

    def can_ask_less(self, exchange: Exchange, router_id: str, rung: Rung | None, error: BaseException) -> bool:
        """Leave out what the deployment seems to have refused; False where nothing is left to leave out.

        Args:
            exchange: The request.
            router_id: The deployment.
            rung: How it was held to a schema.
            error: What LiteLLM raised.
        """
        if http_status(error) == TOO_LARGE:
            return False
        _, deployment = self._places[router_id]
        refused = refused_parameter(error)
        if refused is not None and not refused.startswith("response_format"):
            if refused in KEPT or refused in self._not_taken.get(router_id, ()):
                return False
            self._not_taken.setdefault(router_id, set()).add(refused)
            LOG.warning("%s does not take %s; it is left out from now on", deployment.id, refused)
            return True
        below = self._ladder.below(deployment, rung) if rung is not None else None
        if below is None:
            return False
        exchange.rungs[router_id] = below
        return True

    def settle(self, exchange: Exchange, router_id: str) -> None:
        """Remember how the deployment, which has answered, could be held to a schema."""
        if router_id in exchange.rungs:
            self._ladder.settle(self._places[router_id][1], exchange.rungs[router_id])

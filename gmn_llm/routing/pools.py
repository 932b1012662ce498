"""Groups of several deployments: which of them are left for a request, and where it goes when one has failed it.

LiteLLM's Router means the next group by a fallback, and by a retry any deployment of the same one. Here the others of a
group come first, each once, and then the next group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.routing.windows import may_hold_more

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gmn_llm.config.chain import Deployment, Group
    from gmn_llm.routing.exchange import Exchange
    from gmn_llm.routing.limits import Limits

__all__ = ["Pools"]


class Pools:
    """The groups of one gateway that have several deployments; any other group has none to spare.

    Args:
        places: The deployments by their id inside the Router, each with its group.
        limits: Which of them have room.
        cooling: Tells which of some ids are left alone now.
    """

    def __init__(
        self,
        places: Mapping[str, tuple[Group, Deployment]],
        *,
        limits: Limits,
        cooling: Callable[[Sequence[str]], Collection[str]],
    ) -> None:
        self._places = places
        self._limits = limits
        self._cooling = cooling
        self._members: dict[str, list[str]] = {}
        for router_id, (group, _) in places.items():
            if len(group.deployments) > 1:
                self._members.setdefault(group.name, []).append(router_id)

    def __contains__(self, group: object) -> bool:
        """Whether the group of this name has several deployments."""
        return group in self._members

    def left(self, exchange: Exchange, group: str) -> list[str]:
        """Return the ids of those of ``group`` that can be asked now and have not failed the request."""
        members = self._members.get(group)
        if members is None:
            return []
        untried = [each for each in members if each not in exchange.failed and not self._limits.wait(each)]
        cooling = self._cooling(untried)
        return [each for each in untried if each not in cooling]

    def beside(self, exchange: Exchange, group: str, router_id: str) -> int:
        """Return how many others of its group could be asked after the deployment ``router_id``."""
        return sum(each != router_id for each in self.left(exchange, group)) if group in self._members else 0

    def after(self, exchange: Exchange, group: str) -> int:
        """Return the place in the route to go on from after a failure in ``group``: its own, or the next."""
        return exchange.place(group) + (0 if self.left(exchange, group) else 1)

    def overflowed(self, exchange: Exchange, group: str, router_id: str) -> bool:
        """Pass over those of ``group`` that hold no more than the one that was full; return whether others are left."""
        full = self._places[router_id][1]
        for each in self._members.get(group, ()):
            if not may_hold_more(self._places[each][1], than=full):
                exchange.failed.add(each)
        return bool(self.left(exchange, group))

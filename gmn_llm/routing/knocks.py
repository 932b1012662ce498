"""The first call to a server of one's own that may not run: the others of the same moment wait to see what it meets.

Thirty calls that begin at once would otherwise all find out by themselves that nobody is at an Ollama's address. It is
asked by one of them; the others go on when it has met somebody, when it was refused, and after some pauses in any case,
for a model that answers takes its time. Nobody waits once an answer of any kind has come.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gmn_llm.config.chain import Deployment, Group

__all__ = ["Knocks"]

TURNS: Final = 25
PAUSE: Final = 0.01
"""Seconds of each pause: a call waits a quarter of a second at most. A refusal on the same machine takes far less."""
MOMENT: Final = 1.0
"""Seconds after the first call in which others wait for it at all."""


class Knocks:
    """Which deployments nobody has met yet.

    Args:
        places: The deployments by their id inside the Router, each with its group.
        cooling: Tells which of some ids are left alone now.
    """

    def __init__(
        self,
        places: Mapping[str, tuple[Group, Deployment]],
        *,
        cooling: Callable[[Sequence[str]], Collection[str]],
    ) -> None:
        self._cooling = cooling
        self._own = frozenset(name for name, (_, deployment) in places.items() if deployment.provider == "ollama_chat")
        self._unmet = set(self._own)
        self._first: dict[str, float] = {}

    def unmet(self, router_id: str) -> bool:
        """Return whether it is not known that somebody is there."""
        return router_id in self._unmet

    async def wait(self, router_id: str) -> None:
        """Return at once for the first call, and for the others of the same moment when they know what it met."""
        now = asyncio.get_running_loop().time()
        first = self._first.setdefault(router_id, now)
        if first == now or not 0 <= now - first < MOMENT:
            return
        for _ in range(TURNS):
            if self._first.get(router_id) != first or router_id in self._cooling((router_id,)):
                return
            await asyncio.sleep(PAUSE)

    def met(self, router_id: str) -> None:
        """Note that the server has answered, or kept somebody waiting, which is more than nobody does."""
        self._unmet.discard(router_id)
        self._first.pop(router_id, None)

    def refused(self, router_id: str) -> None:
        """Note that nobody was there: when it is asked again, one call goes first again."""
        if router_id in self._own:
            self._unmet.add(router_id)
            self._first.pop(router_id, None)

"""The first call to a server of one's own that may not run: the others of the same moment wait to see what it meets.

Thirty calls that begin at once would otherwise all find out by themselves that nobody is at an Ollama's address. It is
asked by one of them; the others go on when it has met somebody, when it was refused, and after some pauses in any case,
for a model that answers takes its time. Nobody waits once an answer of any kind has come.

An address at which calls hang is met again in the same way when its cooldown is over: one call goes first, and those
that have somebody else to go to do so until it is answered.
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
TRIAL: Final = 30.0
"""Seconds for which one call finds out for the others whether a server that kept calls hanging does so still."""
HANGS: Final = 408
"""The status of a call that had no answer in its time."""


class Knocks:
    """Which deployments nobody has met yet.

    Args:
        places: The deployments by their id inside the Router, each with its group.
        cooling: Tells which of some ids are left alone now.
        cool: Called with an id, an exception, a status and seconds: takes the deployment out for that long.
        cooldown: Seconds of a cooldown.
    """

    def __init__(
        self,
        places: Mapping[str, tuple[Group, Deployment]],
        *,
        cooling: Callable[[Sequence[str]], Collection[str]],
        cool: Callable[[str, BaseException, int, float], None],
        cooldown: float,
    ) -> None:
        self._cooldown = cooldown
        self._cooling = cooling
        self._cool = cool
        self._own = frozenset(name for name, (_, deployment) in places.items() if deployment.provider == "ollama_chat")
        self._unmet = set(self._own)
        self._first: dict[str, float] = {}
        self._hung: dict[str, BaseException] = {}
        self._trials: dict[str, float] = {}

    def unmet(self, router_id: str) -> bool:
        """Return whether it is not known that somebody is there, and answers."""
        return router_id in self._unmet or router_id in self._hung

    async def wait(self, router_id: str, *, elsewhere: bool) -> None:
        """Return at once for the first call, and for the others of the same moment when they know what it met.

        Args:
            router_id: The deployment.
            elsewhere: Whether the call has somebody else to go to.
        """
        now = asyncio.get_running_loop().time()
        hung = self._hung.get(router_id)
        if hung is not None:
            if not 0 <= now - self._trials.setdefault(router_id, now) < TRIAL:
                self._trials[router_id] = now
            elif self._trials[router_id] != now and elsewhere:
                self._cool(router_id, hung, HANGS, TRIAL)
            return
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
        self._trials.pop(router_id, None)
        hung = self._hung.pop(router_id, None)
        if hung is not None:
            self._cool(router_id, hung, HANGS, 0.0)

    def hung(self, router_id: str, error: BaseException) -> None:
        """Note that a call had no answer in its time: when the server is asked again, one call goes first."""
        if router_id in self._own:
            self._hung[router_id] = error
            if self._trials.pop(router_id, None) is not None:
                self._cool(router_id, error, HANGS, self._cooldown)

    def refused(self, router_id: str) -> None:
        """Note that nobody was there: when it is asked again, one call goes first again."""
        if router_id in self._own:
            self._unmet.add(router_id)
            self._first.pop(router_id, None)

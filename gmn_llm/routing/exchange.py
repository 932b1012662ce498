"""One request on its way through the chain: who was asked, what time is left, when to cut it short."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.config.chain import Group
    from gmn_llm.errors import LLMError
    from gmn_llm.messages import Attempt, CompletionRequest
    from gmn_llm.routing.structured import Rung

__all__ = ["Cut", "Exchange", "Try"]

GRACE = 0.25
"""Seconds by which LiteLLM may be late in ending an attempt at its section's timeout, before it is cut off."""
TICK = 0.001
"""Seconds that are not worth another timer."""


class Cut(Enum):
    """Why the Router's call was ended before the Router was done with it."""

    ASK_LESS = "the same deployment is asked again, without what it refused"
    WAIT = "the provider asks to wait longer than there is time"
    OVERFLOW = "the prompt is too long, and the Router took that for any other refusal"
    ELSEWHERE = "another deployment of the group is asked, or none of it is left"


@dataclass(slots=True)
class Try:
    """The attempt that is under way.

    ``metadata`` is LiteLLM's own, shared with the call's: what is written there it reads. ``first_text`` is when the
    first text of its stream came; ``handed_over`` is whether the request was handed over to HTTP. Where it is
    ``watched`` on its way, ``sent`` is whether its head has left, ``lost`` whether what became of it can't be used, so
    that a further request would be another one, and ``status`` what the server answered. ``stream`` is LiteLLM's,
    once it is open, and ``address`` host and port of the server.
    """

    group: str
    router_id: str
    call_id: str
    started: float
    allowance: float
    own_timeout: bool
    metadata: dict[str, object]
    rung: Rung | None = None
    first_text: float | None = None
    handed_over: bool = False
    watched: bool = False
    sent: bool = False
    lost: bool = False
    status: int | None = None
    stream: object = None
    address: tuple[str, int] | None = None

    @property
    def first_seconds(self) -> float | None:
        """Seconds to the first text, where some came."""
        return self.first_text - self.started if self.first_text is not None else None


@dataclass(slots=True)
class Exchange:
    """The state of one request; lives as long as the call, and never leaves the gateway."""

    key: str
    request: CompletionRequest
    route: tuple[Group, ...]
    deadline: float
    started: float
    attempts: list[Attempt] = field(default_factory=list)
    last_class: type[LLMError] | None = None
    last_error: BaseException | None = None
    waits: list[float] = field(default_factory=list)
    current: Try | None = None
    cut: Cut | None = None
    resume: str | None = None
    scope: asyncio.Timeout | None = None
    rungs: dict[str, Rung] = field(default_factory=dict)
    seen_calls: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    passed_over: set[str] = field(default_factory=set)
    holds: str | None = None

    def place(self, group: str) -> int:
        """Return where ``group`` stands in the route, its end for one that does not."""
        names = self.names
        return names.index(group) if group in names else len(names)

    def left_after(self, group: str) -> int:
        """Return how many groups of the route come after ``group``."""
        return max(len(self.route) - 1 - self.place(group), 0)

    def allowance(self, group: str, own_timeout: float | None, now: float, *, beside: int = 0) -> float:
        """Return an attempt's seconds: its share of what is left, ``own_timeout`` at most.

        Args:
            group: The group that is asked.
            own_timeout: Seconds that the deployment's section allows.
            now: The loop's time.
            beside: How many other deployments of the group could be asked afterwards.
        """
        remaining = max(self.deadline - now, 0.0)
        share = remaining / (self.left_after(group) + beside + 1)
        return min(share, own_timeout) if own_timeout is not None else share

    def begin(self, attempt: Try) -> None:
        """Note that ``attempt`` starts, and let the scope end it should the Router not."""
        self.current = attempt
        grace = GRACE if attempt.own_timeout else 0.0
        self._reschedule(min(attempt.started + attempt.allowance + grace, self.deadline))

    def record(self, attempt: Attempt, error: BaseException | None, kind: type[LLMError] | None) -> None:
        """Note how the attempt under way ended; what follows has the whole deadline again."""
        self.attempts.append(attempt)
        self.leave_to_reader()
        self.current = None
        if kind is not None:
            self.last_class, self.last_error = kind, error
            self._reschedule(self.deadline)

    def text_came(self) -> None:
        """Note that the attempt under way says something; what becomes of it is the reader's to account for now."""
        if self.current is not None and self.current.first_text is None:
            self.current.first_text = asyncio.get_running_loop().time()
            self.leave_to_reader()

    def set_aside(self) -> None:
        """End the attempt under way, which is to be asked again otherwise; for the caller it is still the same."""
        self.leave_to_reader()
        self.current = None

    def leave_to_reader(self) -> None:
        """Take no more notice of what LiteLLM reports of the attempt under way: it is accounted for elsewhere."""
        if self.current is not None:
            self.seen_calls.add(self.current.call_id)

    def cut_now(self, reason: Cut, *, resume: str | None = None) -> None:
        """End the Router's call at its next pause; ``resume`` names the group to go on from."""
        self.cut, self.resume = reason, resume
        self._reschedule(asyncio.get_running_loop().time())

    def _reschedule(self, when: float) -> None:
        end = self.scope.when() if self.scope is not None else None
        if self.scope is not None and end is not None and abs(when - end) > TICK and not self.scope.expired():
            self.scope.reschedule(when)

    @property
    def names(self) -> Sequence[str]:
        """The names of the route's groups."""
        return [group.name for group in self.route]

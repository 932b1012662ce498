"""What the server is told to do: scripted replies, faults and standing rules, as frozen values.

A ``Step`` answers one request (or several) in the order given; a ``Rule`` holds until the next reset. Both
travel as JSON between the tests and the server, so a field that is not known is an error and no guess.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum


class Fault(StrEnum):
    """Ways to misbehave.

    The first group is answered with the protocol's own error body, the second changes a good answer, the
    third breaks what travels.
    """

    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    OVERLOADED = "overloaded"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NO_MODEL = "no_model"
    CONTEXT = "context"
    CONTENT_POLICY = "content_policy"
    NO_JSON_SCHEMA = "no_json_schema"
    NO_RESPONSE_FORMAT = "no_response_format"
    GRAMMAR = "grammar"

    CONTENT_FILTER = "content_filter"
    LENGTH = "length"
    EMPTY = "empty"

    HTML = "html"
    RESET = "reset"
    CUT = "cut"
    UNFINISHED = "unfinished"
    STALL = "stall"
    STREAM_ERROR = "stream_error"
    DRIP = "drip"
    HANG = "hang"


REFUSALS = frozenset(
    {
        Fault.RATE_LIMIT,
        Fault.QUOTA,
        Fault.SERVER_ERROR,
        Fault.UNAVAILABLE,
        Fault.OVERLOADED,
        Fault.UNAUTHORIZED,
        Fault.FORBIDDEN,
        Fault.NO_MODEL,
        Fault.CONTEXT,
        Fault.CONTENT_POLICY,
        Fault.NO_JSON_SCHEMA,
        Fault.NO_RESPONSE_FORMAT,
        Fault.GRAMMAR,
    }
)
"""Faults that are answered with an error status and the protocol's own body."""


def _known(cls: type, data: Mapping[str, object]) -> dict[str, object]:
    unknown = sorted(set(data) - {entry.name for entry in fields(cls)})
    if unknown:
        raise ValueError(f"{cls.__name__} has no {', '.join(unknown)}")
    return dict(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One scripted reply.

    Attributes:
        text: What the model says; None for the server's default document.
        fault: How to misbehave; None for a good answer. ``no_json_schema``, ``no_response_format`` and
            ``grammar`` refuse only a request that asks for such an output and let others through.
        status: An HTTP status in place of the fault's own (alone: the protocol's error body with this
            status).
        retry_after: The value of a ``Retry-After`` header.
        headers: Further headers of the reply.
        delay: Seconds before the first byte.
        pace: Seconds between two events of a stream; with ``drip``, between two bytes (there 0.1 where it is
            0).
        share: The part of the body, from 0 to 1, that is delivered before a reset, cut, stall or error in the
            stream.
        chunk: Characters to one event of a stream.
        times: How many requests it answers; 0 for all that come.
        body: What is sent in place of the protocol's body, for a stream too; ``status`` and ``headers`` go
            with it.
    """

    text: str | None = None
    fault: Fault | None = None
    status: int | None = None
    retry_after: float | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    pace: float = 0.0
    share: float = 0.5
    chunk: int = 12
    times: int = 1
    body: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Step:
        """The step that a JSON object describes.

        Raises:
            ValueError: A field or a fault that does not exist.
        """
        known = _known(cls, data)
        if known.get("fault") is not None:
            known["fault"] = Fault(str(known["fault"]))
        return cls(**known)  # type: ignore[arg-type]  # the fields come from JSON; a test reads them back

    def refuses(self) -> bool:
        """Whether it is answered with an error status."""
        return self.fault in REFUSALS or (self.fault is None and self.status is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which requests something is meant for; None fits any.

    Attributes:
        path: The path without a deployment's prefix, such as ``/v1/messages``.
        model: The model named in the body.
        deployment: The ``east`` of a base URL that begins with ``/@east``.
    """

    path: str | None = None
    model: str | None = None
    deployment: str | None = None

    def fits(self, *, path: str, model: str, deployment: str) -> bool:
        """Whether a request is meant. A script without a path is for the chat endpoints, not for listings."""
        return (
            (self.path == path or (self.path is None and path in CHAT_PATHS))
            and self.model in {None, model}
            and self.deployment in {None, deployment}
        )

    def weight(self) -> int:
        """How much it says; the match that says more goes first."""
        return sum(part is not None for part in (self.path, self.model, self.deployment))


CHAT_PATHS = frozenset({"/v1/chat/completions", "/v1/messages", "/api/chat"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What holds for all requests that match, until a reset.

    Attributes:
        match: The requests meant.
        fault: What happens to the failing share.
        failure_rate: The share that fails, from 0 to 1, drawn with ``seed``: the same sequence each time.
        seed: The seed of that draw.
        delay: Seconds before each answer.
        rpm: Requests in a window that are answered; further ones get the protocol's 429 with ``Retry-After``.
        window: Seconds of that window.
        calendar: Windows that begin at whole multiples of ``window`` on the clock, as a limiter by the minute
            has them; otherwise they slide.
        context: Tokens that fit in the model; a longer prompt gets the protocol's context error.
    """

    match: Match = field(default_factory=Match)
    fault: Fault = Fault.SERVER_ERROR
    failure_rate: float = 0.0
    seed: int = 0
    delay: float = 0.0
    rpm: int | None = None
    window: float = 60.0
    calendar: bool = False
    context: int | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Rule:
        """The rule that a JSON object describes.

        Raises:
            ValueError: A field or a fault that does not exist.
        """
        known = _known(cls, data)
        match = known.get("match")
        known["match"] = Match(**_known(Match, match if isinstance(match, dict) else {}))  # type: ignore[arg-type]  # as above
        known["fault"] = Fault(str(known.get("fault", Fault.SERVER_ERROR)))
        return cls(**known)  # type: ignore[arg-type]  # as above


class Enforcer:
    """Counts what a rule has let through; ``clock`` gives the seconds since 1970."""

    def __init__(self, rule: Rule, clock: Callable[[], float] = time.time) -> None:
        self.rule = rule
        self._clock = clock
        self._draw = random.Random(rule.seed)  # noqa: S311  # a repeatable draw, no secret
        self._let_through: deque[float] = deque()

    def step(self, *, prompt_tokens: int) -> Step | None:
        """What the rule does to the next request; None where it lets it through."""
        rule = self.rule
        if rule.rpm is not None:
            wait = self._wait(rule.rpm)
            if wait is not None:
                return Step(fault=Fault.RATE_LIMIT, retry_after=max(1, round(wait + 0.5)))
        if rule.context is not None and prompt_tokens > rule.context:
            return Step(fault=Fault.CONTEXT)
        if rule.failure_rate and self._draw.random() < rule.failure_rate:
            return Step(fault=rule.fault, delay=rule.delay)
        return None

    def remaining(self) -> int | None:
        """Requests left in the running window; None without a limit."""
        return None if self.rule.rpm is None else self.rule.rpm - len(self._let_through)

    def _wait(self, rpm: int) -> float | None:
        now = self._clock()
        window = self.rule.window
        begin = now - now % window if self.rule.calendar else now - window
        while self._let_through and self._let_through[0] <= begin:
            self._let_through.popleft()
        if len(self._let_through) < rpm:
            self._let_through.append(now)
            return None
        return (begin + window if self.rule.calendar else self._let_through[0] + window) - now

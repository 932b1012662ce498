"""What the health view has to say of a provider, made of nothing but the records of the server that was asked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from tests.wire.client import Fault, Seen, WireServer
from tests.wire.faults import CHAT_PATHS

__all__ = ["CLASSES", "Told", "chats", "counted", "money", "percentile", "same_story", "spoken"]

CLASSES: Final[Mapping[Fault, str]] = {
    Fault.RATE_LIMIT: "RateLimitError",
    Fault.QUOTA: "AuthenticationError",
    Fault.SERVER_ERROR: "ProviderUnavailableError",
    Fault.UNAVAILABLE: "ProviderUnavailableError",
    Fault.OVERLOADED: "ProviderUnavailableError",
    Fault.UNAUTHORIZED: "AuthenticationError",
    Fault.FORBIDDEN: "AuthenticationError",
    Fault.NO_MODEL: "ProviderUnavailableError",
    Fault.CONTEXT: "ContextLengthError",
    Fault.CONTENT_POLICY: "ContentFilterError",
    Fault.CONTENT_FILTER: "ContentFilterError",
    Fault.EMPTY: "ProviderUnavailableError",
    Fault.HTML: "ProviderUnavailableError",
    Fault.RESET: "ProviderUnavailableError",
    Fault.CUT: "ProviderUnavailableError",
    Fault.UNFINISHED: "ProviderUnavailableError",
    Fault.STREAM_ERROR: "ProviderUnavailableError",
    Fault.STALL: "ProviderTimeoutError",
}
"""What the server did, with our class for it."""
ANSWERED: Final = frozenset({None, Fault.LENGTH})
WHOLE: Final = frozenset({None, Fault.LENGTH, Fault.EMPTY, Fault.CONTENT_FILTER})
"""What the server did where its answer came whole, with the count of tokens at its end."""
BEGUN: Final = frozenset({None, Fault.RESET, Fault.CUT, Fault.UNFINISHED, Fault.STREAM_ERROR, Fault.STALL})
"""What it did where an answer in pieces began: Anthropic's protocol has said a first count by then."""
CLOCKS: Final = 0.05
"""Seconds by which the clocks of two processes may differ as they read them."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """One record, read as the health view has to.

    Attributes:
        seen: The record.
        kind: ``ok``, ``left``, ``simpler`` or the class of a failure.
        tokens: Prompt and answer, as far as the server said them.
    """

    seen: Seen
    kind: str
    tokens: tuple[int, int]

    @property
    def failed(self) -> bool:
        """Whether it is a failure."""
        return self.kind not in {"ok", "left", "simpler"}


def chats(wire: WireServer, name: str) -> list[Seen]:
    """What travelled to a provider, listings aside."""
    return [seen for seen in wire.requests(deployment=name) if seen.path in CHAT_PATHS]


def spoken(seen: Seen) -> Told:
    """Read one record."""
    fault = Fault(seen.fault) if seen.fault else None
    if fault is Fault.NO_JSON_SCHEMA and seen.status == 400:
        return Told(seen=seen, kind="simpler", tokens=(0, 0))
    left = fault is Fault.HANG or (fault is None and not seen.finished)
    kind = "left" if left else "ok" if fault in ANSWERED or fault is Fault.NO_JSON_SCHEMA else _class(seen, fault)
    return Told(seen=seen, kind=kind, tokens=_tokens(seen, fault, left=left))


def _class(seen: Seen, fault: Fault) -> str:
    # OpenAI says by the status of a limit that the money is used up.
    return "RateLimitError" if fault is Fault.QUOTA and seen.status == 429 else CLASSES[fault]


def _tokens(seen: Seen, fault: Fault | None, *, left: bool) -> tuple[int, int]:
    if fault in WHOLE and not left:
        return seen.prompt_tokens, seen.completion_tokens
    begun = seen.json.get("stream") is True and fault in BEGUN and seen.status == 200
    return (seen.prompt_tokens, 1) if begun and seen.protocol == "anthropic" else (0, 0)


def counted(records: Sequence[Seen]) -> dict[str, object]:
    """The figures that a provider's requests come to."""
    told = [spoken(seen) for seen in records]
    kinds = Counter(each.kind for each in told)
    failures = Counter(each.kind for each in told if each.failed)
    judged = kinds["ok"] + failures.total()
    return {
        "requests": len(told),
        "successes": kinds["ok"],
        "failures": dict(sorted(failures.items())),
        "cancelled": kinds["left"],
        "retried_simpler": kinds["simpler"],
        "success_rate": 100.0 * kinds["ok"] / judged if judged else 100.0,
        "prompt_tokens": sum(each.tokens[0] for each in told),
        "completion_tokens": sum(each.tokens[1] for each in told),
    }


def money(records: Sequence[Seen], price: Mapping[str, Any]) -> float:
    """What the tokens of a provider's requests cost by its model's entry in LiteLLM's map, in US dollars."""
    tokens = [spoken(seen).tokens for seen in records]
    read = math.fsum(prompt * price.get("input_cost_per_token", 0.0) for prompt, _ in tokens)
    return read + math.fsum(answer * price.get("output_cost_per_token", 0.0) for _, answer in tokens)


def same_story(figures: Mapping[str, Any], records: Sequence[Seen]) -> None:
    """Hold that what is told of the last requests is what the server did last, when it did it."""
    told = [spoken(seen) for seen in records]
    judged = [each for each in told if each.failed or each.kind == "ok"]
    row = next((at for at, each in enumerate(reversed(judged)) if not each.failed), len(judged))
    assert figures["consecutive_failures"] == row
    assert figures["healthy"] is (row == 0)
    failed, well = [each for each in judged if each.failed], [each for each in judged if not each.failed]
    assert figures["last_error"] == (failed[-1].kind if failed else None)
    for key, of in (("last_failure", failed), ("last_success", well)):
        _ended_after(figures[key], of[-1].seen if of else None, records)


def _ended_after(moment: str | None, seen: Seen | None, records: Sequence[Seen]) -> None:
    """Hold that a request ended after it had come, and before the next one came."""
    if seen is None:
        assert moment is None
        return
    assert moment is not None
    following = [each.time for each in records if each.time > seen.time]
    latest = min(following, default=datetime.now(UTC).timestamp())
    ended = datetime.fromisoformat(moment).timestamp()
    assert seen.time - CLOCKS <= ended <= latest + CLOCKS


def percentile(latencies: Sequence[float], share: float) -> float:
    """The nearest rank."""
    return sorted(latencies)[max(math.ceil(share * len(latencies)) - 1, 0)]

"""What a provider says of its rate limits, as it is read from headers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from gmn_llm.routing.headroom import headroom_of


@dataclass
class Reply:
    """A reply as LiteLLM hands it out: with the provider's headers beside it."""

    headers: dict[str, str]
    _hidden_params: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self._hidden_params = {"additional_headers": self.headers}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("6m0s", 360), ("20ms", 0.02), ("1h2m3.5s", 3723.5), ("12", 12), ("7.66s", 7.66), ("500µs", 0.0005)],
)
def test_openai_says_how_long_to_wait(text: str, seconds: float) -> None:
    """A span of time, in whichever units, becomes the moment at which it is over."""
    reply = Reply({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": text})

    found = headroom_of(reply)

    assert found["remaining_requests"] == 5
    assert found["reset_requests"] == pytest.approx(time.time() + seconds, abs=2)


def test_anthropic_says_when() -> None:
    """A time in RFC 3339 is taken as it is, and what belongs to tokens in and out is told apart."""
    reply = Reply(
        {
            "llm_provider-anthropic-ratelimit-input-tokens-remaining": "1000",
            "llm_provider-anthropic-ratelimit-output-tokens-remaining": "200",
            "llm_provider-anthropic-ratelimit-output-tokens-limit": "400",
            "llm_provider-anthropic-ratelimit-output-tokens-reset": "2026-01-01T00:01:00Z",
        }
    )

    assert headroom_of(reply) == {
        "remaining_input_tokens": 1000,
        "remaining_output_tokens": 200,
        "limit_output_tokens": 400,
        "reset_output_tokens": 1767225660.0,
    }


@pytest.mark.parametrize("text", ["", "many", "nan", "inf", "5 of 10"])
def test_what_is_no_number_is_left_out(text: str) -> None:
    """A header that says no finite number says nothing."""
    assert headroom_of(Reply({"x-ratelimit-remaining-requests": text})) == {}


@pytest.mark.parametrize("text", ["", "soon", "1x", "s", "1s!", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_left_out(text: str) -> None:
    """A reset in a form that is not known says nothing, and the number beside it counts."""
    reply = Reply({"x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": text})

    assert headroom_of(reply) == {"remaining_tokens": 7}


def test_whoever_has_no_headers_says_nothing() -> None:
    """A reply of the mock, an exception without an answer and nothing at all have no headroom."""
    assert [headroom_of(source) for source in (None, ValueError("no"), Reply({}), Reply({"date": "today"}))] == [{}] * 4

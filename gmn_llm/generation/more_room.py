"""An answer that was cut short: it is asked for once more with twice the room, and never without an end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.errors import LLMError

if TYPE_CHECKING:
    from collections.abc import Generator

    from gmn_llm.messages import CompletionRequest, LLMResponse

__all__ = ["Room", "is_cut"]

MOST = 16_000
"""The most tokens that an answer which was cut short is given when it is asked for again."""
LEAST = 500
LONGER = 1.1
"""By how much a second answer has to be longer for more room to have been of any use."""


def is_cut(response: LLMResponse) -> bool:
    """Return whether an answer ended because there was no more room."""
    return response.finish_reason in ("length", "max_tokens")


class Room:
    """The room that the answers of one making get.

    It grows once: what was needed once is given from then on. Where more did not help, because the deployment's own
    end is reached or the model does not come to one, no answer is asked for twice any more.
    """

    def __init__(self) -> None:
        self._most: int | None = None
        self._settled = False

    def asked(self, request: CompletionRequest) -> Generator[CompletionRequest, LLMResponse, LLMResponse]:
        """Yield a question, and where the answer is cut short the same with more room; return the longer answer."""
        if self._most is not None and (request.max_tokens or 0) < self._most:
            request = replace(request, max_tokens=self._most)
        first = yield request
        most = 2 * max(request.max_tokens or 0, first.usage.completion_tokens, LEAST)
        if not is_cut(first) or self._settled or most > MOST:
            return first
        self._settled = True
        try:
            second = yield replace(request, max_tokens=most)
        except LLMError:  # more than the deployment gives, or than is left: what was written has to do
            return first
        if second.usage.completion_tokens >= LONGER * first.usage.completion_tokens or not is_cut(second):
            self._most = most
        return second if not is_cut(second) or len(second.content) > len(first.content) else first

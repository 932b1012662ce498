"""The gateway's ear inside LiteLLM: it shapes each attempt before it is sent and notes each that fails.

One instance a gateway. Requests of other Routers in the process come by here too and are let pass.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from gmn_llm.routing.posts import post_of
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from gmn_llm.routing.conduct import Conduct
    from gmn_llm.routing.exchange import Exchange

__all__ = ["REQUEST_KEY", "ChoosingObserver", "Observer"]

REQUEST_KEY = "gmn_llm_request"
"""The key in a request's metadata that says whose it is."""


class _Watch:
    """A block in which an exchange is open; written out, for it costs each call."""

    __slots__ = ("_conduct", "_exchange", "_open")

    def __init__(self, opened: dict[str, Exchange], exchange: Exchange, conduct: Conduct) -> None:
        self._open = opened
        self._exchange = exchange
        self._conduct = conduct

    def __enter__(self) -> None:
        self._open[self._exchange.key] = self._exchange

    def __exit__(self, kind: object, raised: BaseException | None, trace: object) -> None:
        del self._open[self._exchange.key]
        self._conduct.ledger.left(self._exchange, raised)


class Observer(litellm.integrations.custom_logger.CustomLogger):  # type: ignore[misc] # untyped
    """Hands the attempts of the gateway's own requests to its conduct; holds nothing of LiteLLM's.

    Args:
        conduct: What is done around each attempt.

    Attributes:
        loops: The event loops in which the gateway is used, each with what ends that.
        borrows: Whether an attempt went through an HTTP client of LiteLLM's, which others may use as well.
    """

    def __init__(self, conduct: Conduct) -> None:
        super().__init__()
        # LiteLLM takes two loggers of one class for the same, and drops the second, unless a public text differs.
        self.tag = secrets.token_hex(8)
        self._conduct = conduct
        self._open: dict[str, Exchange] = {}
        self.loops: dict[asyncio.AbstractEventLoop, AsyncGenerator[None, None]] = {}
        self.borrows = False

    def watching(self, exchange: Exchange) -> _Watch:
        """Listen to the requests tagged with the exchange's key as long as the block runs; nothing is held after it."""
        return _Watch(self._open, exchange, self._conduct)

    def asks(self, exchange: Exchange | None) -> None:
        """Take what LiteLLM does in this task from now on for the exchange's, or for nobody's."""
        post_of(exchange, self._conduct.ledger)

    def log_pre_api_call(self, model: object, messages: object, kwargs: Mapping[str, Any]) -> None:
        """Note that LiteLLM hands the attempt under way over to HTTP."""
        del model, messages  # LiteLLM passes them by name
        exchange = self._exchange((kwargs.get("litellm_params") or {}).get("metadata"))
        if exchange is not None and exchange.current is not None:
            exchange.current.handed_over = True

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, Any], call_type: object) -> dict[str, Any] | None:
        """Shape the attempt that is about to be made."""
        del call_type  # LiteLLM passes it by name
        metadata = kwargs.get("metadata")
        exchange = self._exchange(metadata)
        if exchange is None or not isinstance(metadata, Mapping):
            return None
        router_id = _deployment_id(metadata)
        if self._conduct.knocks.unmet(router_id):
            elsewhere = exchange.left_after(str(metadata.get("model_group"))) > 0
            await self._conduct.knocks.wait(router_id, elsewhere=elsewhere)
        sent = self._conduct.before(exchange, router_id, kwargs)
        self.borrows |= exchange.current is not None and not exchange.current.watched
        if exchange.cut is not None:
            await _fall(exchange)
        return sent

    async def async_log_failure_event(
        self,
        kwargs: Mapping[str, Any],
        response_obj: object,
        start_time: object,
        end_time: object,
    ) -> None:
        """Note an attempt that failed; where the gateway cuts the call short, this is where the cut falls."""
        del response_obj, start_time, end_time  # LiteLLM passes them by name
        metadata = (kwargs.get("litellm_params") or {}).get("metadata")
        exchange = self._exchange(metadata)
        error = kwargs.get("exception")
        call = str(kwargs.get("litellm_call_id"))
        if exchange is None or not isinstance(error, BaseException) or call in exchange.seen_calls:
            return
        exchange.seen_calls.add(call)
        self._conduct.failed(exchange, _deployment_id(metadata), error)
        await _fall(exchange)

    def _exchange(self, metadata: object) -> Exchange | None:
        if not isinstance(metadata, Mapping):
            return None
        return self._open.get(str(metadata.get(REQUEST_KEY)))


class ChoosingObserver(Observer):
    """One that also has a say in which deployment of a group is asked: by its limits, and by what it did so far."""

    def __init__(self, conduct: Conduct) -> None:
        super().__init__(conduct)
        self._asking: dict[asyncio.Task[Any] | None, Exchange] = {}

    def asks(self, exchange: Exchange | None) -> None:
        """Take what LiteLLM does in this task from now on for the exchange's, or for nobody's.

        Of a deployment that was chosen LiteLLM says which it is, and not for whom.
        """
        super().asks(exchange)
        task = asyncio.current_task()
        if exchange is None:
            self._asking.pop(task, None)
        else:
            self._asking[task] = exchange

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[dict[str, Any]],
        messages: object,
        request_kwargs: object = None,
        parent_otel_span: object = None,
    ) -> list[dict[str, Any]]:
        """Leave out deployments that have no place left or have failed this request, as long as others are there.

        A retry by LiteLLM's own choice may go to the very deployment that has just failed.
        """
        del model, messages, request_kwargs, parent_otel_span  # LiteLLM passes them by name
        exchange = self._asking.get(asyncio.current_task())
        if exchange is None:
            return healthy_deployments
        wait = self._conduct.limits.wait
        free = [each for each in healthy_deployments if not wait(_id(each))] or healthy_deployments
        return [each for each in free if _id(each) not in exchange.failed] or free

    async def async_pre_call_check(self, deployment: dict[str, Any], parent_otel_span: object) -> None:
        """Refuse the deployment that was chosen where it has no place left.

        Raises:
            litellm.RateLimitError: For the Router, which goes on elsewhere.
        """
        del parent_otel_span
        exchange = self._asking.get(asyncio.current_task())
        refusal = self._conduct.admit(exchange, _id(deployment)) if exchange is not None else None
        if exchange is not None and refusal is not None:
            await _fall(exchange)
            raise refusal


async def _fall(exchange: Exchange) -> None:
    """Let the cut fall, if there is one: here, before the Router can start a retry or a fallback."""
    if exchange.cut is not None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def _deployment_id(metadata: object) -> str:
    return _id(metadata) if isinstance(metadata, Mapping) else "None"


def _id(holder: Mapping[str, Any]) -> str:
    return str((holder.get("model_info") or {}).get("id"))

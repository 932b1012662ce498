"""The gateway's ear inside LiteLLM: it shapes each attempt before it is sent and notes each that fails.

One instance a gateway. Requests of other Routers in the process come by here too and are let pass.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from gmn_llm.routing.exchange import Exchange
from gmn_llm.routing.quiet import litellm

__all__ = ["REQUEST_KEY", "Observer"]

REQUEST_KEY = "gmn_llm_request"
"""The key in a request's metadata that says whose it is."""

Before = Callable[[Exchange, str, dict[str, Any]], dict[str, Any] | None]
Failed = Callable[[Exchange, str, BaseException], None]
Admit = Callable[[Exchange, str], BaseException | None]
Wait = Callable[[str], float]


class Observer(litellm.integrations.custom_logger.CustomLogger):  # type: ignore[misc] # untyped
    """Hands the attempts of the gateway's own requests to two functions; holds nothing of LiteLLM's.

    Args:
        before: Called with the exchange, the deployment's id and the call's arguments; returns the
            arguments to use, or None to leave them.
        failed: Called with the exchange, the deployment's id and the exception.
        admit: Called with the exchange and the id of a deployment that was chosen; returns the exception by
            which it is refused, or None.
        wait: Returns the seconds until a deployment may be asked again.
    """

    def __init__(self, *, before: Before, failed: Failed, admit: Admit, wait: Wait) -> None:
        super().__init__()
        # LiteLLM takes two loggers of one class for the same, and drops the second, unless a public text differs.
        self.tag = secrets.token_hex(8)
        self._before = before
        self._failed = failed
        self._admit = admit
        self._wait = wait
        self._open: dict[str, Exchange] = {}
        self._asking: dict[asyncio.Task[Any] | None, Exchange] = {}
        self.checks: tuple[object, ...] = ()
        self.loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()

    @contextmanager
    def watching(self, exchange: Exchange) -> Iterator[None]:
        """Listen to the requests tagged with the exchange's key as long as the block runs."""
        self._open[exchange.key] = exchange
        try:
            yield
        finally:
            del self._open[exchange.key]

    @contextmanager
    def asking(self, exchange: Exchange) -> Iterator[None]:
        """Take what LiteLLM does in this task for the exchange's as long as the block runs.

        Of a deployment that was chosen it says whose it is, and not for whom.
        """
        task = asyncio.current_task()
        self._asking[task] = exchange
        try:
            yield
        finally:
            del self._asking[task]

    async def async_filter_deployments(
        self,
        model: str,
        healthy_deployments: list[dict[str, Any]],
        messages: object,
        request_kwargs: object = None,
        parent_otel_span: object = None,
    ) -> list[dict[str, Any]]:
        """Leave out deployments that have no place left, as long as another of the group has."""
        del model, messages, request_kwargs, parent_otel_span  # LiteLLM passes them by name
        if asyncio.current_task() not in self._asking:
            return healthy_deployments
        return [each for each in healthy_deployments if not self._wait(_id(each))] or healthy_deployments

    async def async_pre_call_check(self, deployment: dict[str, Any], parent_otel_span: object) -> None:
        """Refuse the deployment that was chosen where it has no place left.

        Raises:
            litellm.RateLimitError: For the Router, which goes on elsewhere.
        """
        del parent_otel_span
        exchange = self._asking.get(asyncio.current_task())
        refusal = self._admit(exchange, _id(deployment)) if exchange is not None else None
        if exchange is not None and refusal is not None:
            await _fall(exchange)
            raise refusal

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, Any], call_type: object) -> dict[str, Any] | None:
        """Shape the attempt that is about to be made."""
        del call_type  # LiteLLM passes it by name
        metadata = kwargs.get("metadata")
        exchange = self._exchange(metadata)
        if exchange is None or not isinstance(metadata, Mapping):
            return None
        return self._before(exchange, _deployment_id(metadata), kwargs)

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
        self._failed(exchange, _deployment_id(metadata), error)
        await _fall(exchange)

    def _exchange(self, metadata: object) -> Exchange | None:
        if not isinstance(metadata, Mapping):
            return None
        return self._open.get(str(metadata.get(REQUEST_KEY)))


async def _fall(exchange: Exchange) -> None:
    """Let the cut fall, if there is one: here, before the Router can start a retry or a fallback."""
    if exchange.cut is not None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def _deployment_id(metadata: object) -> str:
    return _id(metadata) if isinstance(metadata, Mapping) else "None"


def _id(holder: Mapping[str, Any]) -> str:
    return str((holder.get("model_info") or {}).get("id"))

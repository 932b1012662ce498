"""What a Router hangs into LiteLLM for the whole process, fenced in: it sees the Router's own deployments alone.

Checks before a call, strategies and budgets are callbacks of LiteLLM's, and LiteLLM asks all of them about the calls of
every Router in the process, the program's own included. Of two that are of one class it keeps the first, which then
counts for both. Behind a fence each Router keeps its own, and is asked about its own.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from gmn_llm.routing.loops import callback_lists, unhook
from gmn_llm.routing.observer import Observer
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Fence", "fence_in", "take_down"]

Logger: Any = litellm.integrations.custom_logger.CustomLogger
Budgets = litellm.router_strategy.budget_limiter.RouterBudgetLimiting
SPENT = "the budget for this time is spent"


class Fence(Logger):  # type: ignore[misc] # untyped
    """Hands what LiteLLM asks or tells on to one callback, where a deployment of its Router is meant.

    Args:
        callback: What the Router made.
        ids: The ids of the Router's deployments.
    """

    def __init__(self, callback: Any, ids: frozenset[str]) -> None:
        super().__init__()
        # LiteLLM takes two loggers of one class for the same, and drops the second, unless a public text differs.
        self.tag = secrets.token_hex(8)
        self.callback = callback
        self._ids = ids

    async def async_filter_deployments(
        self, model: str, healthy_deployments: list[dict[str, Any]], messages: object, **more: Any
    ) -> list[dict[str, Any]]:
        """Let the callback choose among the Router's deployments."""
        if not any(_id(each) in self._ids for each in healthy_deployments):
            return healthy_deployments
        choose = self.callback.async_filter_deployments
        if not isinstance(self.callback, Budgets):
            return list(await choose(model=model, healthy_deployments=healthy_deployments, messages=messages, **more))
        try:
            return list(await choose(model=model, healthy_deployments=healthy_deployments, messages=messages, **more))
        except ValueError as error:
            spent = litellm.BudgetExceededError(0.0, 0.0, message=SPENT)
            spent.failed_deployment_id = _id(healthy_deployments[0])
            raise spent from error

    def pre_call_check(self, deployment: dict[str, Any]) -> Any:
        """Let the callback refuse a deployment of the Router."""
        return self.callback.pre_call_check(deployment) if _id(deployment) in self._ids else deployment

    async def async_pre_call_check(self, deployment: dict[str, Any], parent_otel_span: object) -> Any:
        """Let the callback refuse a deployment of the Router."""
        if _id(deployment) not in self._ids:
            return deployment
        return await self.callback.async_pre_call_check(deployment, parent_otel_span)

    async def async_pre_call_deployment_hook(self, kwargs: dict[str, Any], call_type: object) -> Any:
        """Let the callback change a call to a deployment of the Router."""
        if _id(kwargs.get("metadata")) not in self._ids:
            return None
        return await self.callback.async_pre_call_deployment_hook(kwargs, call_type)

    def log_pre_api_call(self, model: object, messages: object, kwargs: Mapping[str, Any]) -> None:
        """Tell the callback of a call to a deployment of the Router."""
        if self.means(kwargs):
            self.callback.log_pre_api_call(model, messages, kwargs)

    def log_success_event(self, kwargs: Mapping[str, Any], *more: object, **named: object) -> None:
        """Tell the callback of an answer of a deployment of the Router."""
        if self.means(kwargs):
            self.callback.log_success_event(kwargs, *more, **named)

    def log_failure_event(self, kwargs: Mapping[str, Any], *more: object, **named: object) -> None:
        """Tell the callback of a failure of a deployment of the Router."""
        if self.means(kwargs):
            self.callback.log_failure_event(kwargs, *more, **named)

    async def async_log_success_event(self, kwargs: Mapping[str, Any], *more: object, **named: object) -> None:
        """Tell the callback of an answer of a deployment of the Router."""
        if self.means(kwargs):
            await self.callback.async_log_success_event(kwargs, *more, **named)

    async def async_log_failure_event(self, kwargs: Mapping[str, Any], *more: object, **named: object) -> None:
        """Tell the callback of a failure of a deployment of the Router."""
        if self.means(kwargs):
            await self.callback.async_log_failure_event(kwargs, *more, **named)

    def means(self, kwargs: Mapping[str, Any]) -> bool:
        """Return whether an event is of a deployment of the Router."""
        params = kwargs.get("litellm_params") or {}
        return _id(params) in self._ids or _id(params.get("metadata")) in self._ids


@contextmanager
def fence_in(ids: Sequence[str]) -> Iterator[Callable[[Any], Any]]:
    """Let the block make a Router and hand it to what is given, which puts fences around all its callbacks.

    ``router.optional_callbacks`` are the fences then. Where the block fails, the callbacks are taken out again.

    Args:
        ids: The ids of the Router's deployments.
    """
    before = [list(callbacks) for callbacks in callback_lists()]

    def fence(router: Any) -> Any:
        fences = {id(each): Fence(each, frozenset(ids)) for each in (*_made(router), *_added(before))}
        for callbacks in callback_lists():
            callbacks[:] = [_fenced(each, fences) for each in callbacks]
        # LiteLLM has left out what is of the same class as a callback of the program's own.
        litellm.callbacks.extend(
            fence for fence in fences.values() if not any(each is fence for each in litellm.callbacks)
        )
        router.optional_callbacks = list(fences.values())
        return router

    made = False
    try:
        yield fence
        made = True
    finally:
        if not made:
            for callbacks, kept in zip(callback_lists(), before, strict=True):
                known = {id(each) for each in kept}
                callbacks[:] = [each for each in callbacks if id(each) in known or not _is_routers(each)]


def take_down(router: Any) -> None:
    """Take a Router's callbacks, and what stands around them, out of LiteLLM."""
    fences = [each for each in router.optional_callbacks or () if isinstance(each, Fence)]
    for callbacks in callback_lists():
        callbacks[:] = [each for each in callbacks if not any(_is_of(each, fence) for fence in fences)]
    unhook(*fences)


def _made(router: Any) -> Iterator[Any]:
    """Yield the callbacks that a Router holds: checks, budgets, the book of its strategy, alerts."""
    yield from router.optional_callbacks or ()
    yield from (each for each in vars(router).values() if isinstance(each, Logger))


def _added(before: Sequence[Sequence[object]]) -> Iterator[Any]:
    """Yield the other callbacks that were made with it, such as the books of its groups' strategies."""
    known = {id(each) for callbacks in before for each in callbacks}
    others = (Fence, Observer)  # of gateways that are opened meanwhile
    yield from (
        each
        for each in litellm.callbacks
        if id(each) not in known and isinstance(each, Logger) and not isinstance(each, others)
    )


def _is_routers(callback: object) -> bool:
    """Return whether a callback came with a Router that was refused: one of LiteLLM's own, or a method of a Router."""
    owner = getattr(callback, "__self__", callback)
    return isinstance(owner, litellm.Router | Logger) and not isinstance(owner, Fence | Observer)


def _fenced(callback: Any, fences: Mapping[int, Fence]) -> Any:
    """Return the fence in the place of a callback; of a method of one, what asks the fence first."""
    owner = getattr(callback, "__self__", None)
    if id(callback) in fences:
        return fences[id(callback)]
    if owner is not None and id(owner) in fences:
        return partial(_told, fences[id(owner)], callback)
    return callback


async def _told(fence: Fence, method: Any, kwargs: Mapping[str, Any], *more: object) -> None:
    if fence.means(kwargs):
        await method(kwargs, *more)


def _is_of(callback: object, fence: Fence) -> bool:
    return isinstance(callback, partial) and callback.func is _told and callback.args[0] is fence


def _id(holder: object) -> str:
    info = holder.get("model_info") if isinstance(holder, dict) else None
    return str(info.get("id")) if isinstance(info, dict) else "None"

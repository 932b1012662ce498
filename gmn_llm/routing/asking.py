"""The arguments of one call to LiteLLM's Router."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.routing.observer import REQUEST_KEY
from gmn_llm.routing.router import retry_count
from gmn_llm.routing.vision import wire_messages
from gmn_llm.routing.windows import longer

if TYPE_CHECKING:
    from gmn_llm.routing.exchange import Exchange

__all__ = ["router_arguments"]


def router_arguments(exchange: Exchange, place: int, *, stream: bool, last: str) -> dict[str, object]:
    """Return the arguments of ``acompletion`` for an exchange.

    Args:
        exchange: The request, with its route.
        place: Where in the route to begin.
        stream: Whether the answer is to come in pieces.
        last: The chain's last group, for which the Router has the right number of retries already.
    """
    request, group = exchange.request, exchange.route[place]
    arguments: dict[str, object] = {
        **request.params,
        "model": group.name,
        "messages": wire_messages(request),
        "metadata": {REQUEST_KEY: exchange.key},
        "stream": stream,
    }
    if stream:
        arguments["stream_options"] = {"include_usage": True}
    if request.temperature is not None:
        arguments["temperature"] = request.temperature
    if request.max_tokens is not None:
        arguments["max_tokens"] = request.max_tokens
    if request.stop:
        arguments["stop"] = list(request.stop)
    alone = len(exchange.route) == 1 and group.name != last
    if request.pictures and not alone:
        # The Router's own list has those that can't look at pictures as well.
        members = exchange.route
        rest = {each.name: members[at + 1 :] for at, each in enumerate(members[:-1])}
        arguments["fallbacks"] = [{name: [each.name for each in left]} for name, left in rest.items()]
        arguments["context_window_fallbacks"] = [{each.name: longer(each, rest[each.name])} for each in members[:-1]]
    if alone:
        arguments["disable_fallbacks"] = True
        arguments["num_retries"] = retry_count(group)
    return arguments

"""LiteLLM's map of models, kept as it is: a Router writes into it, and the whole process reads it.

A Router enters what the configuration says of a deployment under the deployment's id, which is its own, and once more
under the model's name, which is everybody's: the window that one factory gives to ``openai/gpt-4o`` would be that of
every other in the process, and of the program around them. The Router itself needs the entries by id, and of a name no
more than that it is there: without any entry it does not compare a prompt with the window of the deployment.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["PRICES", "map_kept", "withdraw"]

PRICES: Final = frozenset(litellm.types.utils.CustomPricingLiteLLMParams.model_fields)
"""What LiteLLM takes for a price of one's own; among the parameters of a call it enters them anew with each call."""

WRITING: Final = threading.Lock()
"""Held while a Router writes into the map, which is one for the process: two at once would keep each other's notes."""


class NameOnly(dict[str, object]):
    """The entry of a name that the map does not have; it says nothing, but that Routers have such a model.

    Attributes:
        users: The entries of their model lists that have it.
    """

    users = 0


@contextmanager
def map_kept(models: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Let the block make a Router, and keep of what it enters only what stands under the deployments' ids.

    Args:
        models: The Router's ``model_list``.
    """
    ids, names = _ids(models), _names(models)
    with WRITING:
        entries = litellm.model_cost
        before = {name: (entry, dict(entry)) for name, entry in list(entries.items())}
        new: dict[str, NameOnly] = {}
        made = False
        try:
            yield
            made = True
        finally:
            for name, (entry, said) in before.items():
                if entry != said and name not in ids:
                    entry.clear()
                    entry.update(said)
            for name in names:
                if (
                    name not in before and name not in new and name in entries
                ):  # a name that LiteLLM knows otherwise is not entered
                    entries[name] = new[name] = NameOnly()
                if isinstance(entries.get(name), NameOnly):
                    entries[name].users += 1
            _forget_what_was_read(ids)
            if not made:
                _take_out(ids, names)


def withdraw(models: Sequence[Mapping[str, Any]]) -> None:
    """Take out of the map what ``map_kept`` left there for a Router.

    Args:
        models: The Router's ``model_list``.
    """
    with WRITING:
        _forget_what_was_read(_ids(models))
        _take_out(_ids(models), _names(models))


def _take_out(ids: Sequence[str], names: Sequence[str]) -> None:
    entries = litellm.model_cost
    for router_id in ids:
        entries.pop(router_id, None)
    for name in names:
        entry = entries.get(name)
        if isinstance(entry, NameOnly):
            entry.users -= 1
            if not entry.users and not entry:  # where it says something by now, somebody else has said it
                del entries[name]


def _forget_what_was_read(ids: Sequence[str]) -> None:
    """Let LiteLLM read the map anew: it remembers what it has read until something is registered."""
    if ids:
        litellm.register_model({ids[0]: {}}, persist_across_reloads=False)


def _ids(models: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(entry["model_info"]["id"]) for entry in models]


def _names(models: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names under which the Router enters each of the models, one that several have as often."""
    found: list[str] = []
    for entry in models:
        params = entry["litellm_params"]
        provider = params.get("custom_llm_provider")
        name = str(params["model"]) if provider is None else f"{provider}/{params['model']}"
        found += dict.fromkeys((name, name.replace("responses/", "")))
    return found

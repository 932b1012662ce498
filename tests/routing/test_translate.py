"""The table from LiteLLM's exceptions to ours, and what a message may hold."""

from __future__ import annotations

import inspect

from gmn_llm.errors import LLMError, ProviderUnavailableError
from gmn_llm.messages import Attempt
from gmn_llm.routing.quiet import litellm
from gmn_llm.routing.translate import TABLE, error_class, failure, words

NO_ERRORS = {"RateLimitErrorCategory", "RateLimitType"}


def test_the_table_has_every_exception_of_litellm() -> None:
    """An exception class LiteLLM defines and the table lacks would be a new way to fail nobody thought of."""
    theirs = [
        kind
        for name, kind in vars(litellm.exceptions).items()
        if inspect.isclass(kind) and kind.__module__ == litellm.exceptions.__name__ and name not in NO_ERRORS
    ]
    routers = [
        kind
        for kind in vars(litellm.types.router).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and kind.__module__ == "litellm.types.router"
    ]

    assert [kind.__name__ for kind in (*theirs, *routers) if kind not in TABLE] == []


def test_every_class_of_the_table_is_ours() -> None:
    """The right side of the table is below LLMError, whatever stands on the left."""
    assert all(issubclass(kind, LLMError) for kind in TABLE.values())


def test_an_unknown_exception_is_a_broken_provider() -> None:
    """A mistake inside LiteLLM counts as a provider that does not work."""
    assert error_class(KeyError("choices")) is ProviderUnavailableError


def test_one_provider_of_two_tried_is_told_precisely() -> None:
    """AllProvidersFailedError is raised only when every group of the route was tried."""
    tried = (Attempt(provider="openai", error="ProviderUnavailableError", message="down"),)

    error = failure(ProviderUnavailableError, tried, route=("openai", "anthropic"), wait=None, seconds=1.0)

    assert type(error) is ProviderUnavailableError


def test_no_key_is_in_a_message() -> None:
    """A server that repeats the key in its error does not get it into our words."""
    key = "sk-very-secret-0123456789"
    theirs = litellm.AuthenticationError(f"Incorrect key: {key}", llm_provider="openai", model="gpt-4o")

    said = words(theirs, frozenset({key}))

    assert "Incorrect key" in said
    assert key not in said

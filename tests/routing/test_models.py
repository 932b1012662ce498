"""Models that are retired or unknown, and the built-in defaults."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gmn_llm.config import Deployment
from gmn_llm.config.names import DEFAULT_MODELS, LITELLM_PARAMS, PRICE_PREFIXES, ROUTER_SETTINGS
from gmn_llm.routing.models import doubts, retired_on
from gmn_llm.routing.quiet import litellm


def deployment(provider: str, model: str, **params: object) -> Deployment:
    """A deployment of one model."""
    return Deployment(id="x", provider=provider, model=f"{provider}/{model}", params=params)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_the_default_models_are_current(provider: str) -> None:
    """LiteLLM's map has the default model, dates it as retired at no time, and knows that it takes a schema."""
    model = DEFAULT_MODELS[provider]

    assert litellm.model_cost[model]["mode"] == "chat"
    assert retired_on(model) is None or retired_on(model) > datetime.now(UTC).date()  # type: ignore[operator]  # a date then
    assert litellm.supports_response_schema(model=f"{provider}/{model}")


def test_a_model_that_is_gone_is_named() -> None:
    """A model of a known provider that the map has no more is a warning that names it."""
    found = list(doubts(deployment("anthropic", "claude-3-5-sonnet-20241022"), today=date(2026, 11, 22)))

    assert len(found) == 1
    assert "claude-3-5-sonnet-20241022" in found[0]


def test_a_model_past_its_date_is_named() -> None:
    """A model the map dates as retired is a warning that names model and date."""
    dated = next(
        name
        for name, entry in litellm.model_cost.items()
        if entry.get("litellm_provider") == "openai" and entry.get("deprecation_date")
    )

    assert dated in next(doubts(deployment("openai", dated), today=date(2100, 1, 1)))
    assert list(doubts(deployment("openai", dated), today=date(2000, 1, 1))) == []


def test_a_server_of_ones_own_may_call_its_models_as_it_likes() -> None:
    """Nothing is said of a model behind an address of its own."""
    assert list(doubts(deployment("openai", "my-model", api_base="http://localhost:1"), today=date(2026, 1, 1))) == []


def test_the_table_of_router_settings_is_litellms() -> None:
    """The names the configuration takes are the Router's own arguments, no more and no less."""
    assert set(litellm.Router.get_valid_args()) - {"model_list"} == ROUTER_SETTINGS


def test_the_table_of_parameters_has_all_of_litellms() -> None:
    """Every parameter LiteLLM declares for a deployment or a chat call may stand in `litellm_params`."""
    declared = {*litellm.types.router.LiteLLM_Params.model_fields, *litellm.OPENAI_CHAT_COMPLETION_PARAMS}

    assert {name for name in declared - LITELLM_PARAMS if not name.startswith(PRICE_PREFIXES)} == set()

"""How a deployment can be held to a schema: a ladder of three rungs, gone down once and remembered."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from gmn_llm.gmn.provider_schema import compile_schema
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config.chain import Deployment
    from gmn_llm.gmn.provider_schema import Dialect

__all__ = ["Ladder", "Rung", "first_rung", "response_format"]


class Rung(IntEnum):
    """What a deployment is asked for, the strictest first."""

    SCHEMA = 0
    OBJECT = 1
    PROMPT = 2


NAMES = {"json_schema": Rung.SCHEMA, "json_object": Rung.OBJECT, "prompt": Rung.PROMPT}
# LiteLLM drops json_object for Anthropic without a word, so that rung would be the one below it.
WITHOUT_OBJECT = frozenset({"anthropic"})
# Ollama takes a schema as `format` for every model; the mock needs none.
BY_PROVIDER = {"ollama_chat": Rung.SCHEMA, "gmn_mock": Rung.PROMPT}


def first_rung(deployment: Deployment) -> Rung:
    """Return where to begin, by the configuration, LiteLLM's model map, or what is known of the provider."""
    if deployment.structured_output is not None:
        return NAMES[deployment.structured_output]
    if deployment.provider in BY_PROVIDER:
        return BY_PROVIDER[deployment.provider]
    if deployment.provider == "openai" and deployment.params.get("api_base"):
        # A server of one's own that speaks OpenAI's protocol: its model is in no map, and the usual ones
        # (llama.cpp, vLLM, LM Studio, TGI) all take a schema.
        return Rung.SCHEMA
    if litellm.supports_response_schema(model=deployment.model):
        return Rung.SCHEMA
    return Rung.PROMPT if deployment.provider in WITHOUT_OBJECT else Rung.OBJECT


class Ladder:
    """The rung each deployment stands on; one that refuses a mode is not asked for it again."""

    def __init__(self) -> None:
        self._rungs: dict[str, Rung] = {}

    def rung(self, deployment: Deployment) -> Rung:
        """Return the rung ``deployment`` stands on now."""
        if deployment.id not in self._rungs:
            self._rungs[deployment.id] = first_rung(deployment)
        return self._rungs[deployment.id]

    def below(self, deployment: Deployment, refused: Rung) -> Rung | None:
        """Return the rung to try after ``refused``, or None on the lowest."""
        if refused is Rung.PROMPT:
            return None
        down = Rung(refused + 1)
        return Rung.PROMPT if down is Rung.OBJECT and deployment.provider in WITHOUT_OBJECT else down

    def settle(self, deployment: Deployment, rung: Rung) -> None:
        """Remember that ``deployment`` answered on ``rung``."""
        self._rungs[deployment.id] = rung


def response_format(rung: Rung, schema: Mapping[str, object], dialect: Dialect) -> dict[str, object] | None:
    """Return OpenAI's ``response_format`` for the rung, its schema in ``dialect``, or None where words have to do."""
    if rung is Rung.SCHEMA:
        return {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": compile_schema(schema, dialect).schema, "strict": True},
        }
    if rung is Rung.OBJECT:
        return {"type": "json_object"}
    return None

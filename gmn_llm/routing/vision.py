"""Which deployments can look at pictures, and how a picture goes to them.

By the configuration (``vision`` of a section, ``supports_vision`` of a ``model_info``), then what an Ollama server says
of its model, then LiteLLM's model map, then the model's name.
"""

from __future__ import annotations

import asyncio
import base64
import re
from typing import TYPE_CHECKING, Final

from gmn_llm.errors import InputError
from gmn_llm.messages import LLMRole
from gmn_llm.routing.quiet import litellm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gmn_llm.config.chain import Deployment, Group
    from gmn_llm.messages import CompletionRequest

__all__ = ["Sight", "has_vision", "no_vision", "wire_messages"]

SHOW_SECONDS: Final = 1.0
"""The most an Ollama server gets to say what its model can do; it reads a file for that."""
OLLAMA: Final = "http://localhost:11434"
NAMED: Final = re.compile(
    r"vision|llava|moondream|minicpm-?[ov]|pixtral|internvl|smolvlm|paligemma|llama-?4|gemma-?4|ministral-?3|"
    r"mistral-small-?3\.[12]|qwen3\.5|deepseek-ocr|gemma-?3(?![n.])(?!.*(?:270m|[:-]1b))|(?<![a-z])vlm?(?![a-z])"
)
"""Names of open models with vision: those that Ollama's library has under "vision" (https://ollama.com/search?c=vision)
and the families that their makers call so. Gemma 3 has none in its two smallest sizes."""
PEOPLE: Final = "gpt-4o and claude-haiku-4-5 have vision, and at Ollama llama3.2-vision, gemma3 or qwen2.5vl"


def has_vision(deployment: Deployment) -> bool:
    """Return whether a deployment can look at pictures, as far as it can be told without asking anybody."""
    if deployment.vision is not None:
        return deployment.vision
    if deployment.provider == "gmn_mock":
        return False
    bare = deployment.model.removeprefix(f"{deployment.provider}/")
    for known in (deployment.model, bare, f"{deployment.provider}/{bare}"):
        # Not `litellm.supports_vision`: for a model of Ollama's it asks a server, and blocks meanwhile.
        if (litellm.model_cost.get(known) or {}).get("supports_vision") is True:
            return True
    return bool(NAMED.search(bare.lower()))


class Sight:
    """What is known of the vision of each deployment; an Ollama server is asked once."""

    def __init__(self) -> None:
        self._shown: dict[str, bool] = {}

    async def _learn(self, groups: Iterable[Group]) -> None:
        """Ask the Ollama servers among ``groups`` what their models can do; one that does not say is not asked."""
        unknown = {
            deployment.id: deployment
            for group in groups
            for deployment in group.deployments
            if deployment.provider == "ollama_chat" and deployment.vision is None and deployment.id not in self._shown
        }
        for deployment, said in zip(
            unknown.values(), await asyncio.gather(*map(_capabilities, unknown.values())), strict=True
        ):
            if said is not None:
                self._shown[deployment.id] = "vision" in said

    async def sighted(self, groups: Sequence[Group]) -> tuple[Group, ...]:
        """Return those of ``groups`` that can look at pictures: any deployment of one may be the one that is asked."""
        await self._learn(groups)
        return tuple(
            group for group in groups if all(self._shown.get(each.id, has_vision(each)) for each in group.deployments)
        )

    async def route(self, route: Sequence[Group], others: Sequence[Group]) -> tuple[Group, ...]:
        """Return those of a route that can look at pictures.

        Raises:
            InputError: There is none; the message names those of ``others`` that can.
        """
        sighted = await self.sighted(route)
        if not sighted:
            raise no_vision(route, await self.sighted(others))
        return sighted


def no_vision(asked: Sequence[Group], sighted: Sequence[Group]) -> InputError:
    """Return the error of a request with pictures to groups of which none can look at them.

    Args:
        asked: The groups.
        sighted: Those that are configured and can.
    """
    names = " and ".join(f"{group.name} ({group.model})" for group in asked)
    verb = "has" if len(asked) == 1 else "have"
    if sighted:
        told = ", ".join(f"{group.name} ({group.model})" for group in sighted)
        return InputError(
            f"{names} {verb} no vision, so the picture can't be looked at; configured with vision: {told}",
            hint=f"ask {sighted[0].name} (provider_type or --provider), or put it into the fallbacks",
        )
    return InputError(
        f"{names} {verb} no vision, so the picture can't be looked at, and nothing that is configured has",
        hint=f"{PEOPLE}; `vision: true` in a section says that its model has it",
    )


def wire_messages(request: CompletionRequest) -> list[dict[str, object]]:
    """Return the messages as LiteLLM takes them; the pictures stand before the words of the user's last message.

    They go as ``data:`` addresses, so that neither LiteLLM nor a provider fetches anything (OpenAI's API reference,
    "Create chat completion", image content parts). Anthropic advises pictures before words (its guide "Vision").
    """
    messages: list[dict[str, object]] = [
        {"role": message.role.value, "content": message.content} for message in request.messages
    ]
    if not request.pictures:
        return messages
    place = max(
        (at for at, message in enumerate(request.messages) if message.role is LLMRole.USER), default=len(messages) - 1
    )
    shown: list[dict[str, object]] = [
        {
            "type": "image_url",
            "image_url": {"url": f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"},
        }
        for picture in request.pictures
    ]
    messages[place]["content"] = [*shown, {"type": "text", "text": messages[place]["content"]}]
    return messages


async def _capabilities(deployment: Deployment) -> list[object] | None:
    """Return what an Ollama server says its model can do (its docs/api.md, "Show Model Information").

    None where it does not say: it is away, does not have the model, or is older than that field.
    """
    import httpx  # a tenth of a second that only this needs

    base = str(deployment.params.get("api_base") or OLLAMA).rstrip("/")
    headers = {"Authorization": f"Bearer {key}"} if (key := deployment.params.get("api_key")) else {}
    try:
        async with (
            asyncio.timeout(SHOW_SECONDS),
            httpx.AsyncClient(timeout=SHOW_SECONDS, headers=headers) as client,
        ):
            answer = await client.post(
                f"{base}/api/show", json={"model": deployment.model.removeprefix(f"{deployment.provider}/")}
            )
        told = answer.json().get("capabilities") if answer.status_code == 200 else None
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError):
        return None
    return told if isinstance(told, list) else None

"""Does a provider answer? Each is asked by the cheapest call that proves it, all at once, within a few seconds.

OpenAI's and Anthropic's protocols are asked for their list of models, Ollama for what is pulled: no model runs for
that, and no request is counted. Where there is no list, or it is not shown to this key, one token is asked for through
the gateway, which is a request like any other. The mock is always there.
"""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gmn_llm.config.names import KEY_VARIABLES
from gmn_llm.errors import AuthenticationError, LLMError, ProviderTimeoutError, RateLimitError
from gmn_llm.findings import quote
from gmn_llm.listing import is_served, served_models
from gmn_llm.messages import CompletionRequest, LLMMessage, LLMRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gmn_llm.config import Deployment, Group
    from gmn_llm.messages import Gateway

__all__ = ["SECONDS", "Probed", "Verdict", "probed"]

SECONDS: Final = 4.5
"""The most a probe takes, however many providers there are; half a second is left, so that the report with it is there
within five on a busy machine as well."""
QUESTION: Final = LLMMessage(LLMRole.USER, "Answer with the one word: ready")
UNLISTED: Final = frozenset({403, 404, 405, 501})
"""Statuses of a server that has no list of models, or shows it to other keys only."""
NEAREST: Final = 3
GRACE: Final = 0.2
"""Seconds by which a request ends before the probe does, so that it can still say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of asking.

    Attributes:
        ok: Whether it answers and has the model.
        message: What was found, in words.
        hint: What to do about it; empty where nothing is to be done.
        seconds: How long it took.
    """

    ok: bool
    message: str
    hint: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What came of asking a group.

    Attributes:
        verdict: Of the group, which answers as long as one of its deployments does.
        deployments: Of each deployment that was asked by itself, by its id.
    """

    verdict: Verdict
    deployments: Mapping[str, Verdict] = field(default_factory=dict)


async def probed(groups: Iterable[Group], gateway: Gateway, *, seconds: float = SECONDS) -> dict[str, Probed]:
    """Return what came of asking each group, by its name; all are asked at once.

    Args:
        groups: Whom to ask.
        gateway: Asked for one token where there is no list of models; opened only then.
        seconds: The most it takes.
    """
    end = asyncio.get_running_loop().time() + seconds
    asked = list(groups)
    found = await asyncio.gather(*(_Probe(group, gateway, end=end, seconds=seconds).run() for group in asked))
    return {group.name: came for group, came in zip(asked, found, strict=True)}


class _Probe:
    """The probe of one group.

    Args:
        group: Whom to ask.
        gateway: For what a list can't tell.
        end: When it has to be over, in the event loop's time.
        seconds: How long that is in all, for the words.
    """

    def __init__(self, group: Group, gateway: Gateway, *, end: float, seconds: float) -> None:
        self._group = group
        self._gateway = gateway
        self._end = end
        self._seconds = seconds
        self._began = asyncio.get_running_loop().time()

    async def run(self) -> Probed:
        """Return what came of it; nothing is raised for a provider that fails."""
        asked = await asyncio.gather(*map(self._listed, self._group.deployments))
        verdicts = {
            deployment.id: verdict
            for deployment, verdict in zip(self._group.deployments, asked, strict=True)
            if verdict is not None
        }
        if None in asked and not any(verdict.ok for verdict in verdicts.values()):
            return Probed(verdict=await self._answered(), deployments=verdicts)
        return Probed(verdict=_together(verdicts), deployments=verdicts)

    async def _listed(self, deployment: Deployment) -> Verdict | None:
        """Ask for the list of models; None where that does not tell."""
        if deployment.provider == "gmn_mock":
            return self._verdict("the offline designer, which is always there")
        model = deployment.model.removeprefix(f"{deployment.provider}/")
        try:
            served = await served_models(deployment, seconds=self._left())
        except LLMError as error:
            status = error.attempts[-1].status if error.attempts else None
            return None if status in UNLISTED and deployment.provider != "ollama_chat" else self._failed(error)
        if served is None:
            return None
        if is_served(model, served):
            return self._verdict(f"it answers and has {quote(model)}")
        missing = self._missing(deployment, model, served)
        own_server = deployment.provider == "openai" and deployment.params.get("api_base")
        if own_server and len(self._group.deployments) == 1:
            # Servers of this protocol may answer to names that they do not list; only asking tells.
            answered = await self._answered()
            said = f"{missing.message}; asked for one token all the same: {answered.message}"
            return answered if answered.ok else self._verdict(said, hint=missing.hint, ok=False)
        return missing

    def _missing(self, deployment: Deployment, model: str, served: Sequence[str]) -> Verdict:
        close = difflib.get_close_matches(model, served, n=NEAREST, cutoff=0.5) or list(served[:NEAREST])
        nearest = ", ".join(map(quote, close))
        if deployment.provider == "ollama_chat":
            has = f"; it has {nearest}" if nearest else ", and nothing else is"
            return self._verdict(
                f"Ollama answers, but {quote(model)} is not pulled{has}", hint=f"ollama pull {quote(model)}", ok=False
            )
        if not served:
            return self._verdict(
                f"it answers, but lists no models, so {quote(model)} is not known to be there",
                hint="load the model at the server, or check what this key may use",
                ok=False,
            )
        return self._verdict(
            f"it answers, but {quote(model)} is not among the {len(served)} models it lists for this key",
            hint=f"change the model; the nearest names are {nearest}",
            ok=False,
        )

    async def _answered(self) -> Verdict:
        """Ask for one token through the gateway."""
        request = CompletionRequest(messages=(QUESTION,), max_tokens=1, timeout=max(self._left() - GRACE, GRACE))
        try:
            async with asyncio.timeout_at(self._end):
                await self._gateway.complete(request, group=self._group.name, fall_over=False)
        except LLMError as error:
            last = error.attempts[-1] if error.attempts else None
            if last is None or last.status != 200:
                return self._failed(error)
            # One token need not be one of text; that it came at all is what was asked.
        except TimeoutError:
            return self._failed(ProviderTimeoutError("", hint="check the address and the network"))
        return self._verdict("it answers when asked for one token")

    def _failed(self, error: LLMError) -> Verdict:
        status = error.attempts[-1].status if error.attempts else None
        told = f" (status {status})" if status else ""
        if isinstance(error, AuthenticationError):
            return self._verdict(f"the key is refused{told}", hint=self._key_hint(), ok=False)
        if isinstance(error, RateLimitError):
            return self._verdict(f"it asks to wait{told}", hint=error.hint, ok=False)
        if isinstance(error, ProviderTimeoutError):
            hint = error.hint or "check that the server is not overloaded, and its address (base_url)"
            return self._verdict(f"no answer within {self._seconds:.1f} s", hint=hint, ok=False)
        return self._verdict(str(error), hint=error.hint, ok=False)

    def _key_hint(self) -> str:
        provider = self._group.deployments[0].provider
        variable = KEY_VARIABLES.get(provider, f"{provider.removesuffix('_chat').upper()}_API_KEY")
        return f"check the key ({variable}, or api_key in the configuration) and what it is allowed to do"

    def _verdict(self, message: str, *, hint: str = "", ok: bool = True) -> Verdict:
        took = asyncio.get_running_loop().time() - self._began
        return Verdict(ok=ok, message=message, hint=hint, seconds=round(took, 3))

    def _left(self) -> float:
        return max(self._end - asyncio.get_running_loop().time(), 0.01)


def _together(verdicts: Mapping[str, Verdict]) -> Verdict:
    """Return the verdict of a group from those of its deployments."""
    every = list(verdicts.values())
    if len(every) == 1:
        return every[0]
    good = [verdict for verdict in every if verdict.ok]
    seconds = max(verdict.seconds for verdict in every)
    if good:
        return Verdict(ok=True, message=f"{len(good)} of {len(every)} deployments answer", seconds=seconds)
    words = "; ".join(f"{name}: {verdict.message}" for name, verdict in verdicts.items())
    hints = "; ".join(dict.fromkeys(verdict.hint for verdict in every if verdict.hint))
    return Verdict(ok=False, message=f"no deployment answers: {words}", hint=hints, seconds=seconds)

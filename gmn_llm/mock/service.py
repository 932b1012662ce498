"""The mock behind the wire's shape: messages in, a reply out, with scripts and failures for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from gmn_llm import errors
from gmn_llm.mock.tasks import answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.messages import LLMMessage

__all__ = ["CHARACTERS_PER_TOKEN", "MockReply", "MockService", "estimated_tokens"]

CHARACTERS_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MockReply:
    """One answer of the mock.

    Attributes:
        text: The answer.
        finish_reason: ``stop`` or ``length``.
        prompt_tokens: An estimate, four characters a token.
        completion_tokens: An estimate, four characters a token.
    """

    text: str
    finish_reason: str = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0


class MockService:
    """Answers conversations: scripted replies first, in order, then the designer.

    Args:
        delay: Seconds an answer takes; whoever calls sleeps them.
        error_rate: Share of the calls that fail, 0 to 1; the same calls fail in every run, spread evenly.
        replies: What is answered first. A string is the answer. A mapping with ``text`` and perhaps
            ``finish_reason`` is an answer too; one with ``error``, the name of a class of ``gmn_llm.errors``, raises
            it, with ``message`` and ``retry_after`` where they are given.

    Raises:
        ConfigError: A delay, rate or scripted reply that means nothing.
    """

    def __init__(
        self,
        *,
        delay: float = 0.0,
        error_rate: float = 0.0,
        replies: Sequence[str | Mapping[str, object]] = (),
    ) -> None:
        self._asked: list[tuple[LLMMessage, ...]] = []
        self._due = 0.0
        self._replies: tuple[str | Mapping[str, object], ...] = ()
        self._script: deque[str | Mapping[str, object]] = deque()
        self.configure(delay=delay, error_rate=error_rate, replies=replies)

    def configure(self, *, delay: float, error_rate: float, replies: Sequence[str | Mapping[str, object]]) -> None:
        """Answer by other settings from now on; what was asked is kept, and a script that is the same goes on.

        Raises:
            ConfigError: As for the class; the settings before stay.
        """
        if not 0 <= delay < float("inf"):
            raise errors.ConfigError(f"mock.delay is {delay}: seconds, 0 or more")
        if not 0 <= error_rate <= 1:
            raise errors.ConfigError(f"mock.error_rate is {error_rate}: a share from 0 to 1")
        script = tuple(_checked(reply) for reply in replies)
        if script != self._replies:
            self._replies, self._script = script, deque(script)
        self.delay = delay
        self.error_rate = error_rate

    @property
    def asked(self) -> tuple[tuple[LLMMessage, ...], ...]:
        """The conversations that were asked, oldest first, failed ones included."""
        return tuple(self._asked)

    def reply(
        self, messages: Sequence[LLMMessage], *, stop: Sequence[str] = (), max_tokens: int | None = None
    ) -> MockReply:
        """Answer a conversation.

        Args:
            messages: The conversation, oldest first.
            stop: Texts before which the answer ends.
            max_tokens: The most tokens of the answer, counted at four characters each.

        Returns:
            The answer, cut where ``stop`` or ``max_tokens`` ask for it.

        Raises:
            ProviderUnavailableError: A failure due by ``error_rate``.
            LLMError: The error that the script has next, of its own class.
        """
        self._asked.append(tuple(messages))
        scripted = self._script.popleft() if self._script else None
        if isinstance(scripted, Mapping) and "error" in scripted:
            raise _error(scripted)
        self._fail_when_due()
        text, finish_reason = _scripted(scripted) if scripted is not None else (answer(messages), "stop")
        text, cut = _cut(text, stop=stop, max_tokens=max_tokens)
        return MockReply(
            text=text,
            finish_reason="length" if cut else finish_reason,
            prompt_tokens=sum(estimated_tokens(message.content) for message in messages),
            completion_tokens=estimated_tokens(text),
        )

    def _fail_when_due(self) -> None:
        """Spread the failures evenly, as a line is drawn in pixels: no chance is involved."""
        self._due += self.error_rate
        if self._due >= 1 - 1e-9:
            self._due -= 1
            raise errors.ProviderUnavailableError(
                f"the mock fails {self.error_rate:.0%} of the time", hint="set mock.error_rate to 0"
            )


def estimated_tokens(text: str) -> int:
    """Return an estimate of the tokens of ``text``: four characters each, rounded up."""
    return ceil(len(text) / CHARACTERS_PER_TOKEN)


def _checked(reply: str | Mapping[str, object]) -> str | Mapping[str, object]:
    if isinstance(reply, str):
        return reply
    name = reply.get("error")
    if "error" in reply and (not isinstance(name, str) or name not in errors.__all__):
        raise errors.ConfigError(f"a scripted reply names the error {name!r}, which there is not")
    if "error" not in reply and not isinstance(reply.get("text"), str):
        raise errors.ConfigError("a scripted reply is a text, or a mapping with 'text' or 'error'")
    return dict(reply)


def _error(scripted: Mapping[str, object]) -> errors.LLMError:
    kind = getattr(errors, str(scripted["error"]))
    after = scripted.get("retry_after")
    retry_after = float(after) if isinstance(after, int | float) else None
    built = kind(str(scripted.get("message", "scripted failure of the mock")), retry_after=retry_after)
    if not isinstance(built, errors.LLMError):
        raise TypeError(f"{kind.__name__} is no error of this package")
    return built


def _scripted(scripted: str | Mapping[str, object]) -> tuple[str, str]:
    if isinstance(scripted, str):
        return scripted, "stop"
    return str(scripted["text"]), str(scripted.get("finish_reason", "stop"))


def _cut(text: str, *, stop: Sequence[str], max_tokens: int | None) -> tuple[str, bool]:
    ends = [place for place in (text.find(sequence) for sequence in stop if sequence) if place >= 0]
    text = text[: min(ends)] if ends else text
    most = len(text) if max_tokens is None else max(max_tokens, 0) * CHARACTERS_PER_TOKEN
    return text[:most], len(text) > most

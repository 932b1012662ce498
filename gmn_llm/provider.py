"""``Provider``: a chain of model groups, or one group alone, and all that can be asked of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gmn_llm.about_model import AboutModel
from gmn_llm.answering import Answering
from gmn_llm.arguments import request_of, seconds_of
from gmn_llm.deadline import Deadline
from gmn_llm.generation.events import GMNEvent
from gmn_llm.generation.intake import Document, Intake
from gmn_llm.generation.reviewing import ask_for_review, remarks_of
from gmn_llm.generation.showing import seeing, shown
from gmn_llm.gmn import GMNSpec, validate_gmn
from gmn_llm.probing import probed
from gmn_llm.relay import Relay, Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from gmn_llm.answering import Parts
    from gmn_llm.generation import Task
    from gmn_llm.generation.intake import Asked
    from gmn_llm.messages import Chunk, LLMMessage, LLMResponse
    from gmn_llm.pictures import Image
    from gmn_llm.probing import Verdict

__all__ = ["TIMEOUT", "Provider"]

TIMEOUT = 60.0
"""Seconds for one call where the caller says nothing: the seed of the interface has it."""


class Provider(AboutModel):
    """Generates, checks and refines documents with one chain of model groups.

    Args:
        parts: What it works with.
        fall_over: Whether the groups after the first may be asked when it fails.
    """

    def __init__(self, parts: Parts, *, fall_over: bool = True) -> None:
        super().__init__(parts.chain.groups[0])
        self._parts = parts
        self._fall_over = fall_over
        self._answering = Answering(parts, fall_over=fall_over)
        self._intake = Intake(
            settings=parts.settings, provider=self.name, agent_types=parts.agent_types, limits=parts.limits
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The model groups that answer, first asked first."""
        return self._parts.chain.names

    def __repr__(self) -> str:
        """Return the chain."""
        return f"<Provider {' -> '.join(self._parts.chain.names)}>"

    async def generate(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop_sequences: Sequence[str] = (),
        images: Sequence[Image] = (),
        use_cache: bool = False,
        refresh: bool = False,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call, retries included
        **model_params: object,
    ) -> LLMResponse:
        """Ask the model for a plain answer.

        Args:
            messages: The conversation, oldest first.
            temperature: Sampling temperature, from 0 to 2; the deployment's own where nothing is said.
            max_tokens: The most tokens of the answer.
            stop_sequences: Where the model stops.
            images: Pictures shown with the last message of the user, for models with vision: as ``generate_gmn`` has
                them, but for diagrams that are text.
            use_cache: Whether the cache is read and written; a complete answer is kept, one that was cut short is not.
            refresh: Whether an answer in the cache is made anew.
            timeout: Seconds for the whole call, retries and fallbacks included.
            **model_params: Passed on to the provider.

        Raises:
            InputError: There is no message, an argument is out of range, or a picture can't be used.
            LLMError: The providers failed; one of its subclasses.
        """
        deadline = Deadline(seconds_of(timeout))
        request = request_of(
            messages,
            temperature=temperature,
            max_tokens=max_tokens,
            stop_sequences=stop_sequences,
            timeout=timeout,
            params=model_params,
        )
        request = await seeing(request, images, limits=self._parts.limits)
        return await self._answering.response(deadline.of(request), use_cache=use_cache, refresh=refresh)

    def stream(
        self,
        messages: Sequence[LLMMessage | Mapping[str, str]],
        *,
        temperature: float | None = None,
        max_tokens: int | None = None,
        stop_sequences: Sequence[str] = (),
        timeout: float = TIMEOUT,  # the deadline of the whole call, fallbacks included
        restart: bool = True,
        **model_params: object,
    ) -> Stream[Chunk]:
        """Yield a plain answer piece by piece, as the model writes it.

        A provider that fails before its first text is followed by the next without a trace. One that fails after it
        is followed by a chunk of type ``reset`` (what came so far is void) and the next from the beginning.

        Args:
            messages: The conversation, oldest first.
            temperature: Sampling temperature, from 0 to 2; the deployment's own where nothing is said.
            max_tokens: The most tokens of the answer.
            stop_sequences: Where the model stops.
            timeout: Seconds for the whole call, fallbacks and the reader's own pauses included.
            restart: Whether it may start over; without, a break after the first text is an error whose
                ``delivered`` is the text so far.
            **model_params: Passed on to the provider.

        Raises:
            InputError: There is no message, or an argument is out of range.
            LLMError: The providers failed; one of its subclasses.
        """
        request = request_of(
            messages,
            temperature=temperature,
            max_tokens=max_tokens,
            stop_sequences=stop_sequences,
            timeout=timeout,
            params=model_params,
            restart=restart,
        )
        return Stream(partial(self._answering.pour, request))

    async def generate_gmn(
        self,
        prompt: str,
        *,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        examples: Sequence[Document] = (),
        images: Sequence[Image] = (),
        use_cache: bool = True,
        refresh: bool = False,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call, repairs included
        temperature: float | None = None,
        max_tokens: int | None = None,
        model_params: Mapping[str, object] | None = None,
    ) -> GMNSpec:
        """Return a valid document for a description in words.

        Args:
            prompt: What the agent is, in any words.
            agent_type: One of the known kinds of agent.
            constraints: What the document has to meet (``max_states``, ``actions``, ...).
            examples: Documents, in any notation, that show what is wanted. All are checked; the three that have most to
                do with the prompt are shown, within ``gmn.max_example_tokens``.
            images: Pictures of the agent (PNG, JPEG, WebP, GIF, SVG), for models with vision, and diagrams as text
                (Mermaid's flowcharts and state diagrams, Graphviz), for any: paths, http(s) or ``data:`` addresses,
                bytes. A diagram that stands in the prompt, alone or in a fence, is read as well.
            use_cache: Whether the cache is read and written.
            refresh: Whether a document in the cache is made anew.
            timeout: Seconds for the whole call: retries, fallbacks and repairs included.
            temperature: Sampling temperature, from 0 to 2.
            max_tokens: The most tokens of one answer.
            model_params: Further parameters, passed on to the provider as they are.

        Raises:
            InputError: The prompt is empty or too long, the agent type unknown, a constraint, example or image invalid;
                or there is a picture and nobody who may be asked has vision.
            GMNValidationError: Models answered, and none wrote a valid document that meets the constraints.
            LLMError: The providers failed; one of its subclasses.
        """
        task, left = await self._task(
            prompt,
            agent_type=agent_type,
            constraints=constraints,
            examples=examples,
            images=images,
            timeout=timeout,
            temperature=temperature,
            max_tokens=max_tokens,
            model_params=model_params,
        )
        return await self._answering.document(task, use_cache=use_cache, refresh=refresh, timeout=left)

    def stream_gmn(
        self, prompt: str, *, use_cache: bool = True, refresh: bool = False, **more: Unpack[Asked]
    ) -> Stream[GMNEvent]:
        """Yield what happens while a document is made, the document last.

        The events are ``delta`` (text as a model writes it), ``partial`` (the document so far, valid), ``repair``,
        ``reset`` (all so far is void) and ``done`` (with the document), as ``GMNEvent`` tells them. A document that the
        cache has, or that another call is making, is ``done`` at once.

        Args:
            prompt: What the agent is, in any words.
            use_cache: Whether the cache is read and written.
            refresh: Whether a document in the cache is made anew.
            **more: As ``generate_gmn`` takes them.

        Raises:
            LLMError: As ``generate_gmn``; one of its subclasses.
        """

        async def make(relay: Relay[GMNEvent]) -> None:
            task, left = await self._task(prompt, **more)
            spec = await self._answering.document(
                task, use_cache=use_cache, refresh=refresh, timeout=left, tell=relay.tell
            )
            relay.tell(GMNEvent(type="done", document=spec))

        return Stream(make)

    async def _task(self, prompt: str, **asked: Unpack[Asked]) -> tuple[Task, float]:
        """Return what is to be made, and the seconds left for it."""
        deadline = Deadline(seconds_of(asked.get("timeout", TIMEOUT)))
        task = self._intake.generation(
            prompt,
            agent_type=asked.get("agent_type", "general"),
            constraints=asked.get("constraints"),
            examples=asked.get("examples", ()),
            temperature=asked.get("temperature"),
            max_tokens=asked.get("max_tokens"),
            model_params=asked.get("model_params"),
        )
        task = await self._shown(task, asked.get("images", ()), deadline)
        return task, deadline.left

    async def _shown(self, task: Task, images: Sequence[Image], deadline: Deadline) -> Task:
        parts = self._parts
        return await shown(task, images, chain=parts.chain, settings=parts.settings, seconds=deadline.left)

    async def refine_gmn(
        self,
        gmn_spec: Document,
        feedback: str,
        *,
        agent_type: str = "general",
        constraints: Mapping[str, object] | None = None,
        images: Sequence[Image] = (),
        use_cache: bool = True,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the whole call, repairs included
        model_params: Mapping[str, object] | None = None,
    ) -> GMNSpec:
        """Return the document changed as ``feedback`` asks.

        Args:
            gmn_spec: The document, in any notation; it has to be valid.
            feedback: What is to change, in words.
            agent_type: One of the known kinds of agent.
            constraints: What the new document has to meet.
            images: Pictures and diagrams that go with the feedback, as ``generate_gmn`` takes them.
            use_cache: Whether the cache is read and written.
            timeout: Seconds for the whole call.
            model_params: Further parameters, passed on to the provider as they are.

        Raises:
            InputError: The feedback is empty or too long, or a constraint or image invalid.
            GMNValidationError: The document handed in, or the one written, is not valid.
            LLMError: The providers failed; one of its subclasses.
        """
        deadline = Deadline(seconds_of(timeout))
        task = self._intake.refinement(
            gmn_spec, feedback, agent_type=agent_type, constraints=constraints, model_params=model_params
        )
        task = await self._shown(task, images, deadline)
        return await self._answering.document(task, use_cache=use_cache, refresh=False, timeout=deadline.left)

    async def validate_gmn(
        self,
        gmn_spec: Document,
        *,
        constraints: Mapping[str, object] | None = None,
        review: bool = False,
        timeout: float = TIMEOUT,  # noqa: ASYNC109  # the deadline of the review
    ) -> tuple[bool, list[str]]:
        """Return whether the document is valid, and what is wrong with it in words. No model is asked.

        Args:
            gmn_spec: The document, in any notation.
            constraints: What it has to meet.
            review: Whether a model is asked, once the document is valid, what in it does not mean what it seems to
                say. Its remarks are added; those it takes for serious make the answer no, its doubts do not.
            timeout: Seconds for the review, retries and fallbacks included.

        Raises:
            InputError: A constraint is invalid.
            GMNValidationError: A model was asked, and what it wrote is no review.
            LLMError: A model was to be asked, and none answered; one of its subclasses.
        """
        verdict = validate_gmn(gmn_spec, constraints, limits=self._parts.limits)
        if not (review and verdict.ok):
            return verdict.ok, [str(finding) for finding in verdict.errors]
        spec = gmn_spec if isinstance(gmn_spec, GMNSpec) else GMNSpec.parse(gmn_spec, limits=self._parts.limits)
        request = ask_for_review(spec.document, timeout=seconds_of(timeout))
        remarks = remarks_of(await self._answering.response(request, use_cache=False, refresh=False))
        return not any(remark.serious for remark in remarks), [str(remark) for remark in remarks]

    async def probe(self) -> dict[str, Verdict]:
        """Ask each group of the chain whether it answers, all at once, at most 5 seconds.

        A list of models is asked for, which counts as no request, and one token where there is no list. A group that
        fails is told of and raises nothing.
        """
        found = await probed(self._parts.chain.groups, self._parts.gateway)
        return {name: came.verdict for name, came in found.items()}

    async def close(self) -> None:
        """Let go of connections, which a later call opens again; the factory's ``aclose`` does so for all providers."""
        await self._parts.close()

"""From a task in words to one with drawings: pictures that were handed in, and diagrams, those in the words too."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.config import spare_groups
from gmn_llm.errors import InputError
from gmn_llm.pictures import NOTHING, diagrams_in, look, may_draw

if TYPE_CHECKING:
    from gmn_llm.config import Chain, Settings
    from gmn_llm.generation.task import Task
    from gmn_llm.gmn.limits import Limits
    from gmn_llm.messages import CompletionRequest
    from gmn_llm.pictures import Diagram, Image

__all__ = ["first_sighted", "seeing", "shown"]


async def shown(task: Task, images: Sequence[Image], *, chain: Chain, settings: Settings, seconds: float) -> Task:
    """Return the task with what there is to see of it.

    Args:
        task: What is to be made; its description may be, or have in a fence, a diagram.
        images: Pictures and diagrams, as callers have them.
        chain: Who may be asked.
        settings: The configuration.
        seconds: The most that reading and fetching may take.

    Raises:
        InputError: One of ``images`` can't be used, or it is a picture and only the mock may be asked; whether a real
            provider has vision is for the gateway to find out.
    """
    drawn: Sequence[Diagram] = ()
    if may_draw(task.description):  # a thread costs more than all else that is done for a call without a drawing
        drawn = await asyncio.to_thread(diagrams_in, task.description, limits=task.limits)
    nothing = isinstance(images, tuple | list) and not images
    seen = NOTHING if nothing else await look(images, limits=task.limits, seconds=seconds)
    if seen.pictures and chain.mock_only:
        from gmn_llm.routing.vision import Sight, no_vision  # LiteLLM takes its time

        raise no_vision(chain.groups, await Sight().sighted(spare_groups(settings)))
    diagrams = [diagram.as_data() for diagram in (*drawn, *seen.diagrams)]
    if not diagrams and not seen.pictures:
        return task
    return replace(task, pictures=seen.pictures, diagrams=diagrams)


async def seeing(request: CompletionRequest, images: Sequence[Image], *, limits: Limits) -> CompletionRequest:
    """Return a question with the pictures that go with it; whether somebody can look at them the gateway finds out.

    Args:
        request: The question, with the seconds that reading and fetching may take.
        images: Pictures, as callers have them.
        limits: What is too large.

    Raises:
        InputError: One of them can't be used, or is a diagram as text, which the messages can say themselves.
    """
    if not isinstance(images, Sequence) or len(images) > 0:
        seen = await look(images, limits=limits, seconds=request.timeout)
        if seen.diagrams:
            raise InputError(
                "a diagram as text is no picture for a plain answer", hint="put its text into a message, or draw it"
            )
        return replace(request, pictures=seen.pictures)
    return request


async def first_sighted(chain: Chain) -> str:
    """Return the name of the first group that can look at pictures, which is the first asked where there are some."""
    from gmn_llm.routing.vision import Sight  # LiteLLM takes its time

    sighted = await Sight().sighted(chain.groups)
    return (sighted or chain.groups)[0].name

"""From a task in words to one with drawings: pictures that were handed in, and diagrams, those in the words too."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from gmn_llm.config import spare_groups
from gmn_llm.pictures import NOTHING, diagrams_in, look, may_draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.config import Chain, Settings
    from gmn_llm.generation.task import Task
    from gmn_llm.pictures import Diagram, Image

__all__ = ["shown"]


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

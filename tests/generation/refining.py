"""What the tests of refinement share: documents, and a model that answers as it is told."""

from __future__ import annotations

import json
from typing import Any

from gmn_llm.generation.making import making
from gmn_llm.generation.task import Task
from gmn_llm.gmn import GMNSpec
from gmn_llm.messages import CompletionRequest, LLMResponse
from gmn_llm.mock import design

GRID: dict[str, Any] = GMNSpec.parse(
    design(
        "A 5x5 grid with a wall at (1,1) and a battery of three levels; reach the bottom-right corner",
        agent_type="explorer",
    )
).document
ROOMS: dict[str, Any] = GMNSpec.parse(design("In one of four rooms; it hears a bell in the last one")).document
ARRAYS: dict[str, Any] = GMNSpec.parse(design("A 3x3 grid; reach the centre")).expand().document
DOCUMENTS = {"grid": GRID, "rooms": ROOMS, "arrays": ARRAYS}


def texts(document: Any) -> dict[str, str]:
    """Each node's text, as it stands in the document's JSON, by its id."""
    text = GMNSpec.parse(document).to_json()
    lines = [line.strip().removesuffix("],").removesuffix(",") for line in text.splitlines() if '"id": ' in line]
    return {json.loads(line)["id"]: line for line in lines}


def node(document: Any, name: str) -> Any:
    """The node called ``name``."""
    return next(each for each in document["nodes"] if each["id"] == name)


def answered(task: Task, *answers: object) -> tuple[GMNSpec, list[CompletionRequest]]:
    """What comes of a task when a model gives these answers, and the questions it was asked."""
    steps = making(task)
    asked = [next(steps)]
    for answer in answers:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        try:
            asked.append(steps.send(LLMResponse(content=text, provider="scripted")))
        except StopIteration as done:
            return done.value.spec, asked
    raise AssertionError(f"one more question: {asked[-1].messages[-1].content[:500]}")


def refined(document: Any, feedback: str, *answers: object, **more: Any) -> GMNSpec:
    """The document refined with these answers of a model."""
    return answered(Task(description=feedback, document=document, **more), *answers)[0]

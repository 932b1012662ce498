"""Which of the designer's jobs a conversation asks for, and the answer as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from gmn_llm.messages import LLMRole
from gmn_llm.mock.designer import design
from gmn_llm.mock.drawn import drawn
from gmn_llm.mock.refiner import refinement
from gmn_llm.mock.repairer import repair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gmn_llm.messages import LLMMessage

__all__ = ["answer"]

_TASKS: Final = frozenset({"generate", "refine", "repair", "review"})


def answer(messages: Sequence[LLMMessage]) -> str:
    """Return the designer's answer to a conversation: a document as JSON for a task, prose for a chat."""
    asked = [message.content for message in messages if message.role is LLMRole.USER]
    last = asked[-1] if asked else ""
    task = _task(last)
    if task is None:
        return _prose(last)
    earlier = next((found for found in map(_task, reversed(asked)) if found and found["task"] == "generate"), None)
    return _json(_done(task, earlier))


def _done(task: Mapping[str, object], earlier: Mapping[str, object] | None) -> dict[str, object]:
    document = task.get("document", task.get("part"))
    if task["task"] == "review":
        return {"remarks": []}  # what can be told without understanding words, the checks have told
    if task["task"] == "refine" and isinstance(document, Mapping):
        return refinement(document, _text(task.get("feedback")), constraints=_mapping(task.get("constraints")))
    if task["task"] == "repair" and earlier is None and isinstance(document, Mapping):
        return repair(
            document,
            description=_text(task.get("description")),
            agent_type=_text(task.get("agent_type")) or "general",
            constraints=_mapping(task.get("constraints")),
        )
    source = earlier if task["task"] == "repair" and earlier is not None else task
    as_drawn = drawn(source.get("diagrams"))
    if as_drawn is not None:
        return as_drawn
    return design(
        _text(source.get("description", source.get("feedback"))),
        agent_type=_text(source.get("agent_type")) or "general",
        constraints=_mapping(source.get("constraints")),
    )


def _task(content: str) -> dict[str, object] | None:
    if not content.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.get("task") in _TASKS else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _json(document: Mapping[str, object]) -> str:
    """Return compact JSON that any encoder takes: a lone surrogate stays an escape."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


def _prose(question: str) -> str:
    """Say who answers, and what model it would write for these words."""
    document = design(question)
    nodes = document["nodes"]
    sizes = []
    for node in nodes if isinstance(nodes, list) else ():
        for kind, count in (
            ("state", "num_states"),
            ("observation", "num_observations"),
            ("action", "num_actions"),
        ):
            if node["type"] == kind:
                sizes.append(f"{kind} {node['id']} ({node['properties'][count]})")
    return (
        "This is the offline designer of gmn_llm, not a language model: it can't hold a conversation. "
        f"For these words it would write the model {document['name']}: {', '.join(sizes)}. "
        f"{document['description']} Configure a provider for an answer in full."
    )

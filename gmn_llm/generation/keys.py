"""The keys under which the cache keeps things: a digest of all that decides an answer, and of nothing else."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from gmn_llm._version import __version__
from gmn_llm.generation.deciding import decisive, normal
from gmn_llm.generation.task import Task
from gmn_llm.gmn.limits import DEFAULT_LIMITS
from gmn_llm.gmn.schema import load as load_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.config import Group
    from gmn_llm.messages import CompletionRequest

__all__ = ["Keys", "key_of_answer", "key_of_task", "said"]

log = logging.getLogger("gmn_llm")

SCHEMAS = ("gmn", "draft")


@dataclass(frozen=True)
class Keys:
    """The keys of what is asked of one model group.

    Attributes:
        group: Who is asked first.
        replies: What the mock was told to say, where it is the one that is asked.
        defaults: Parameters that the router adds to every call that does not say them.
    """

    group: Group
    replies: Sequence[object] = ()
    defaults: Mapping[str, object] | None = None

    @cached_property
    def _asked(self) -> list[object]:
        """What decides of the group; it is the same for all calls."""
        return _group(self.group, self.replies, self.defaults)

    def of_task(self, task: Task) -> str | None:
        """Return the key of a task, or None where a parameter is nothing JSON can say.

        Every field of the task counts but the number of its repairs, which bring forth no other valid document than a
        lucky first answer might be. Limits count where they are not the usual ones.

        Args:
            task: What is to be made; bytes in it (an image, say) count by their digest.
        """
        told = {name: getattr(task, name) for name in _decisive_fields()}
        told |= {"temperature": normal(task.temperature), "params": decisive(task.params)}
        if task.limits != DEFAULT_LIMITS:
            told["limits"] = task.limits
        return _key({"layout": _layout(task.kind, task.is_shown), "task": told, "group": self._asked})

    def of_answer(self, request: CompletionRequest) -> str | None:
        """Return the key of a plain answer, as ``of_task`` does of a document."""
        return _key(
            {
                "messages": [[message.role, message.content] for message in request.messages],
                **({"pictures": request.pictures} if request.pictures else {}),
                "temperature": normal(request.temperature),
                "max_tokens": request.max_tokens,
                "stop": request.stop,
                "schema": request.schema,
                "params": decisive(request.params),
                "group": self._asked,
            }
        )


def key_of_task(
    task: Task, group: Group, *, replies: Sequence[object] = (), defaults: Mapping[str, object] | None = None
) -> str | None:
    """Return the key of one task at a model group; see ``Keys``."""
    return Keys(group, replies, defaults).of_task(task)


def key_of_answer(
    request: CompletionRequest,
    group: Group,
    *,
    replies: Sequence[object] = (),
    defaults: Mapping[str, object] | None = None,
) -> str | None:
    """Return the key of one plain answer of a model group; see ``Keys``."""
    return Keys(group, replies, defaults).of_answer(request)


def _key(parts: Mapping[str, object]) -> str | None:
    from gmn_llm.cache import cache_key

    try:
        # In the form of JSON, in which names of dictionaries are text and can be sorted.
        return cache_key(parts, default=said)
    except (TypeError, ValueError, RecursionError):
        log.info("a call has a parameter that is no JSON, so it is neither looked up nor kept")
        return None


def said(value: object) -> object:
    """Return what stands in a key and in an entry for ``value``, which is nothing JSON knows.

    Raises:
        TypeError: Nothing does.
    """
    if isinstance(value, bytes | bytearray):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if is_dataclass(value):
        return {item.name: getattr(value, item.name) for item in fields(value)}
    raise TypeError(f"{type(value).__name__} is no JSON")


@cache
def _decisive_fields() -> tuple[str, ...]:
    return tuple(item.name for item in fields(Task) if item.name not in {"max_repairs", "limits", "params"})


@cache
def _layout(kind: str, shown: bool) -> str:  # noqa: FBT001  # the cache's key
    """Return a digest of what a model is told besides the task's own words: templates, form and schemas."""
    from gmn_llm.cache import cache_key

    document = {"name": "document"} if kind == "refine" else None
    task = Task(description="description", document=document, diagrams=({},) if shown else ())
    asked = (task.ask(), task.ask_to_repair({"name": "written"}, []))
    return cache_key({
        "templates": list(task.templates),
        "schemas": [str(load_schema(name)["$id"]) for name in SCHEMAS],
        "messages": [[message.role, message.content] for request in asked for message in request.messages],
        "held_to": [None if request.schema is None else dict(request.schema) for request in asked],
    })  # fmt: skip


def _group(group: Group, replies: Sequence[object], defaults: Mapping[str, object] | None) -> list[object]:
    told: list[object] = [group.name]
    if group.provider == "mock":
        # The designer is a part of this package, and its next version may design otherwise.
        told += [__version__, *map(repr, replies)]
    for deployment in group.deployments:
        told.append([deployment.model, deployment.structured_output, _configured(deployment.params)])
    if group.provider != "mock" and (added := _configured(defaults or {})):
        told.append({"defaults": added})
    return told


def _configured(params: Mapping[str, object]) -> object:
    """Return parameters of a configuration; what a file may hold and JSON may not (a date) counts as it is shown."""
    return json.loads(json.dumps(decisive(params), default=repr)) if params else {}

"""A file of prompts with what is expected of the documents; the package brings one, and users write their own.

The file is one JSON object: ``name``, ``version`` (a whole number) and ``prompts``, a list of objects with

- ``id``: a name of its own, ``kind``: what it is about, for the scores by kind;
- ``prompt``: the words, and where there are any ``agent_type`` and ``constraints``, as ``generate_gmn`` takes them;
- ``expect``: a list of objects with ``check``, the name of a check, and its parameters, as the classes of
  ``gmn_llm.evaluation`` have them: ``{"check": "grid", "rows": 5, "cols": 5}``.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gmn_llm.errors import InputError
from gmn_llm.evaluation.checks import AnyExpectation  # pydantic reads it
from gmn_llm.gmn.constraints import checked_constraints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Prompt", "Suite", "load_suite"]

OWN = Path(__file__).resolve().parent.parent / "data" / "prompts.json"
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Prompt(BaseModel):
    """One prompt.

    Attributes:
        id: Its name.
        kind: What it is about.
        prompt: The words.
        agent_type: The kind of agent.
        constraints: What the document has to meet, besides.
        expect: What the words ask for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Name
    kind: Name
    prompt: Annotated[str, Field(min_length=1)]
    agent_type: Name = "general"
    constraints: dict[str, Any] = Field(default_factory=dict)
    expect: Annotated[list[AnyExpectation], Field(min_length=1)]

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if not self.prompt.strip():
            raise ValueError("the prompt has no words")
        checked_constraints(self.constraints)
        return self


class Suite(BaseModel):
    """Prompts of which each has a name of its own.

    Attributes:
        name: What they are called.
        version: Counted up with every change, for scores of different versions can't be compared.
        prompts: The prompts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    version: Annotated[int, Field(ge=1)]
    prompts: Annotated[list[Prompt], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        twice = [name for name, count in Counter(prompt.id for prompt in self.prompts).items() if count > 1]
        if twice:
            raise ValueError(f"several prompts have the id {', '.join(twice[:5])}")
        return self

    def only(self, kinds: Sequence[str]) -> Suite:
        """Return the prompts of these kinds; all of them where none is named.

        Raises:
            InputError: There is none of a kind.
        """
        there = {prompt.kind for prompt in self.prompts}
        unknown = [kind for kind in kinds if kind not in there]
        if unknown:
            raise InputError(f"there is no prompt of kind {unknown[0]!r}", hint=f"there are {', '.join(sorted(there))}")
        chosen = [prompt for prompt in self.prompts if not kinds or prompt.kind in kinds]
        return self.model_copy(update={"prompts": chosen})


def load_suite(file: Path | None = None) -> Suite:
    """Return the prompts of ``file``, by default the package's own.

    Raises:
        OSError: The file can't be read.
        InputError: It is no such file; the message says where and why.
    """
    place = OWN if file is None else file
    try:
        value = json.loads(place.read_bytes().decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place.name} can't be read as JSON: {error}") from error
    try:
        return Suite.model_validate(value)
    except ValidationError as error:
        raise InputError(_told(place.name, error, value), hint="gmn_llm/data/prompts.json shows the form") from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return result


def _told(file: str, error: ValidationError, value: object) -> str:
    """Return where the first mistake is, and what it is."""
    first = error.errors(include_url=False)[0]
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    where, named = "", value
    for key in first["loc"]:
        # Between the list of expectations and their parameters pydantic names the check, which is no key of the file.
        if isinstance(named, dict) and key not in named and named.get("check") == key:
            continue
        where += f"[{key}]" if isinstance(key, int) else f".{key}"
        named = _part(named, key)
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{file}{where and f', {where.removeprefix(chr(46))}'}{_id(value, first['loc'])}: {message}{more}"


def _part(value: object, key: int | str) -> object:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _id(value: object, where: Sequence[int | str]) -> str:
    """Return the id of the prompt with the mistake, where it has one."""
    if len(where) < 2 or where[0] != "prompts":
        return ""
    prompt = _part(_part(value, "prompts"), where[1])
    named: Mapping[str, object] = prompt if isinstance(prompt, dict) else {}
    return f" ({named['id']})" if isinstance(named.get("id"), str) else ""

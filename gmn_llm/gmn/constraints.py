"""What a caller may demand of a document, and whether it is met."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, SupportsIndex

from gmn_llm.errors import InputError
from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.schema import NODE_TYPES
from gmn_llm.gmn.words import digits, listed, named

if TYPE_CHECKING:
    from gmn_llm.gmn.parts import Axis, Structure

__all__ = ["KNOWN", "check_constraints", "checked_constraints"]

SUMS = {
    "max_states": ("state", "at most"), "min_states": ("state", "at least"), "num_states": ("state", "exactly"),
    "max_observations": ("observation", "at most"), "num_observations": ("observation", "exactly"),
    "max_actions": ("action", "at most"), "min_actions": ("action", "at least"), "num_actions": ("action", "exactly"),
}  # fmt: skip
NUMBERS = (*SUMS, "max_states_per_factor", "max_nodes")
NAMES = ("actions", "require")
KNOWN = (*NUMBERS, *NAMES, "require_preferences")

# Pairs of which the first can't be more than the second; ``actions`` counts by its labels.
CONTRARY = (
    ("min_states", "max_states"), ("num_states", "max_states"), ("min_states", "num_states"),
    ("min_actions", "max_actions"), ("num_actions", "max_actions"), ("min_actions", "num_actions"),
    ("num_observations", "max_observations"), ("actions", "max_actions"), ("actions", "num_actions"),
)  # fmt: skip


def checked_constraints(constraints: Mapping[str, object] | None) -> dict[str, object]:
    """Return ``constraints`` with every value of its type, names sorted.

    Raises:
        InputError: A name is not a string, or a known constraint has a value that means nothing.
    """
    if not isinstance(constraints, Mapping | None):
        raise InputError(f"constraints are a mapping of names to values, not {quote(constraints)}")
    result: dict[str, object] = {}
    for name, value in (constraints or {}).items():
        if not isinstance(name, str) or not name:
            raise InputError(f"a constraint's name is a word, not {quote(name)}")
        result[name] = _value(name, value)
    return dict(sorted(result.items()))


def refuse_contradictions(constraints: Mapping[str, object]) -> None:
    """Refuse demands that no document can meet together, before a model is asked for one.

    Args:
        constraints: As ``checked_constraints`` returns them.

    Raises:
        InputError: Two of them contradict each other; the message names both.
    """
    if len(constraints) < 2:
        return
    actions = constraints.get("actions", ())
    known = {**constraints, "actions": len(actions) if isinstance(actions, Sequence) else 0}
    for low, high in CONTRARY:
        least, most = known.get(low), known.get(high)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            said = f"{least} labels in {low}" if low == "actions" else f"{low} = {least}"
            raise InputError(f"no document meets {said} and {high} = {most} together", hint="change one of them")


def _value(name: str, value: object) -> object:
    if name in NUMBERS:
        return _number(name, value)
    if name in NAMES:
        return _names(name, value)
    if name not in KNOWN:
        _check_plain(name, value)
    if name == "require_preferences" and not isinstance(value, bool):
        raise InputError(f"constraint '{name}' is {quote(value)}", hint="true or false")
    return value


def _check_plain(name: str, value: object) -> None:
    """An unknown constraint goes to the model as it is, so it has to be something JSON can say."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"constraint {quote(name)} is no JSON value: {quote(value)}", hint="a number, text or list"
        ) from error


def _number(name: str, value: object) -> int:
    number = -1
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    elif isinstance(value, SupportsIndex) and not isinstance(value, bool):
        number = operator.index(value)
    if number < 0:
        raise InputError(f"constraint '{name}' is {quote(value)}", hint="a whole number from 0")
    return number


def _names(name: str, value: object) -> list[str]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Sequence) or not all(isinstance(word, str) and word for word in words):
        raise InputError(f"constraint '{name}' is {quote(value)}", hint="a list of names")
    unknown = [word for word in words if name == "require" and word not in NODE_TYPES]
    if unknown:
        hint = "node types are " + ", ".join(NODE_TYPES)
        raise InputError(f"constraint 'require' names {named(unknown[0])}", hint=hint)
    return list(words)


def check_constraints(
    structure: Structure, document: Mapping[str, object], constraints: Mapping[str, object]
) -> Iterator[Finding]:
    """Yield a ``constraint`` finding for each one that ``document`` breaks.

    Args:
        structure: What ``resolve`` made of the document.
        document: The canonical document.
        constraints: As ``checked_constraints`` returns them.
    """
    for name, value in constraints.items():
        if name not in KNOWN:
            message = f"the constraint {named(name)} is known to the model alone"
            yield Finding("unchecked-constraint", "", message, "those that are checked: " + ", ".join(KNOWN))
        elif isinstance(value, list):
            yield from _required(structure, document, name, value)
        elif isinstance(value, bool):
            if value and not (structure.preferences or structure.state_preferences):
                yield _broken(name, value, "the document has no preference", hint="add a preference node")
        elif isinstance(value, int):
            yield from _counted(structure, document, name, value)


def _counted(structure: Structure, document: Mapping[str, object], name: str, value: int) -> Iterator[Finding]:
    if name in SUMS:
        yield from _sum(structure, name, value)
    elif name == "max_nodes":
        nodes = document["nodes"]
        count = len(nodes) if isinstance(nodes, list) else 0
        if count > value:
            yield _broken(name, value, f"the document has {count} nodes", "/nodes")
    else:
        for axis in structure.factors:
            if axis.size > value:
                message = f"state {named(axis.id)} has {digits(axis.size)} states"
                yield _broken(name, value, message, axis.path)


def _sum(structure: Structure, name: str, value: int) -> Iterator[Finding]:
    part, relation = SUMS[name]
    parts = {"state": structure.factors, "observation": structure.modalities, "action": structure.controls}
    axes: tuple[Axis, ...] = parts[part]
    total = sum(axis.size for axis in axes)
    met = {"at most": total <= value, "at least": total >= value, "exactly": total == value}[relation]
    if not met:
        said = f"the document has {digits(total)} {part}s ({listed(f'{axis.id} {digits(axis.size)}' for axis in axes)})"
        yield _broken(name, value, said, hint=f"{relation} {digits(value)} {part}s in all")


def _required(
    structure: Structure, document: Mapping[str, object], name: str, value: Sequence[str]
) -> Iterator[Finding]:
    if name == "actions":
        labels = {label for control in structure.controls for label in control.labels}
        for missing in (word for word in value if word not in labels):
            message, hint = f"no action has the label {named(missing)}", "add it to the labels of an action"
            yield _broken(name, missing, message, hint=hint)
        return
    nodes = document["nodes"]
    types = {node["type"] for node in nodes} if isinstance(nodes, list) else set()
    for missing in (word for word in value if word not in types):
        message = f"there is no node of type {missing}"
        yield _broken(name, missing, message, "/nodes", f"add a node of type {missing}")


def _broken(name: str, value: object, said: str, path: str = "", hint: str = "") -> Finding:
    demand = digits(value) if isinstance(value, int) and not isinstance(value, bool) else quote(value)
    return Finding("constraint", path, f"{said}, against {name} = {demand}", hint or f"keep to {name} = {demand}")

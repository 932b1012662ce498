"""What a caller may demand of a document, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gmn_llm.errors import InputError
from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.schema import NODE_TYPES

if TYPE_CHECKING:
    from gmn_llm.gmn.structure import Axis, Structure

__all__ = ["KNOWN", "check_constraints", "checked_constraints"]

SUMS = {
    "max_states": ("factors", "at most"), "min_states": ("factors", "at least"), "num_states": ("factors", "exactly"),
    "max_observations": ("modalities", "at most"), "num_observations": ("modalities", "exactly"),
    "max_actions": ("controls", "at most"), "min_actions": ("controls", "at least"), "num_actions": ("controls", "exactly"),
}  # fmt: skip
NAMES = {"factors": "states", "modalities": "observations", "controls": "actions"}
NUMBERS = (*SUMS, "max_states_per_factor", "max_nodes")
KNOWN = (*NUMBERS, "actions", "require", "require_preferences")


def checked_constraints(constraints: Mapping[str, object] | None) -> dict[str, object]:
    """Return ``constraints`` with every value of its type, names sorted.

    Raises:
        InputError: A name is not a string, or a known constraint has a value that means nothing.
    """
    result: dict[str, object] = {}
    for name, value in (constraints or {}).items():
        if not isinstance(name, str) or not name:
            raise InputError(f"a constraint's name is a word, not {quote(name)}")
        result[name] = _value(name, value)
    return dict(sorted(result.items()))


def _value(name: str, value: object) -> object:
    if name in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InputError(f"constraint {name!r} is {quote(value)}", hint="a whole number from 0")
    elif name == "require_preferences":
        if not isinstance(value, bool):
            raise InputError(f"constraint {name!r} is {quote(value)}", hint="true or false")
    elif name in ("actions", "require"):
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, Sequence) or not all(isinstance(word, str) and word for word in words):
            raise InputError(f"constraint {name!r} is {quote(value)}", hint="a list of names")
        unknown = [word for word in words if name == "require" and word not in NODE_TYPES]
        if unknown:
            raise InputError(f"constraint 'require' names {quote(unknown[0])}", hint="node types are " + ", ".join(NODE_TYPES))
        return list(words)
    return value


def check_constraints(structure: Structure, document: Mapping[str, object], constraints: Mapping[str, object]) -> Iterator[Finding]:
    """Yield a ``constraint`` finding for each one that ``document`` breaks.

    Args:
        structure: What ``resolve`` made of the document.
        document: The canonical document.
        constraints: As ``checked_constraints`` returns them.
    """
    for name, value in constraints.items():
        if name in SUMS and isinstance(value, int):
            yield from _sum(structure, name, value)
        elif name == "max_states_per_factor" and isinstance(value, int):
            for axis in structure.factors:
                if axis.size > value:
                    yield _broken(name, value, f"state {axis.id!r} has {axis.size} states", axis.path)
        elif name not in KNOWN:
            yield Finding("unchecked-constraint", "", f"the constraint {quote(name)} is known to the model alone", "known constraints are " + ", ".join(KNOWN))
        else:
            yield from _nodes(structure, document, name, value)


def _sum(structure: Structure, name: str, value: int) -> Iterator[Finding]:
    part, relation = SUMS[name]
    axes: Iterable[Axis] = getattr(structure, part)
    total = sum(axis.size for axis in axes)
    met = {"at most": total <= value, "at least": total >= value, "exactly": total == value}[relation]
    if not met:
        parts = " + ".join(f"{axis.id} {axis.size}" for axis in axes)
        yield _broken(name, value, f"the document has {total} {NAMES[part]} ({parts})", hint=f"{relation} {value} {NAMES[part]} in all")


def _nodes(structure: Structure, document: Mapping[str, object], name: str, value: object) -> Iterator[Finding]:
    nodes = document["nodes"]
    types = [node["type"] for node in nodes] if isinstance(nodes, Sequence) else []
    if name == "max_nodes" and isinstance(value, int) and len(types) > value:
        yield _broken(name, value, f"the document has {len(types)} nodes")
    elif name == "require" and isinstance(value, list):
        for missing in [word for word in value if word not in types]:
            yield _broken(name, missing, f"there is no node of type {missing}", hint=f"add a {missing} node")
    elif name == "actions" and isinstance(value, list):
        labels = {label for control in structure.controls for label in control.labels}
        for missing in [word for word in value if word not in labels]:
            yield _broken(name, missing, f"no action has the label {quote(missing)}", hint="add it to the labels of an action")
    elif name == "require_preferences" and value is True and not (structure.preferences or structure.state_preferences):
        yield _broken(name, value, "the document has no preference", hint="add a preference node")


def _broken(name: str, value: object, said: str, path: str = "", hint: str = "") -> Finding:
    return Finding("constraint", path, f"{said}, against {name} = {quote(value)}", hint or f"keep to {name} = {quote(value)}")

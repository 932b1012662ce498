"""A document from a drawing of it, as ``GMNSpec.to_mermaid`` makes them: captions say type, size and labels.

Numbers are not in a drawing, so arrays are what their kind makes of them, and what nobody can know is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.writer import edge, node

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["listed", "redrawn"]

COUNTS: Final = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}
TYPES: Final = frozenset({*COUNTS, "likelihood", "transition", "preference", "belief", "policy", "llm_query"})
CAPTION: Final = re.compile(r"([a-z_]+)(?: \((\d{1,9})\))?(?: ([a-z_]{1,30}))?")
PREFIX: Final = "n_"
"""What stands before the ids in a drawing of ours."""
ID: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
ACCURACY: Final = 0.9
BARE: Final = frozenset({"identity", "uniform", "line", "cycle", "set", "random_walk"})
"""Kinds that do without parameters."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A node as its caption has it.

    Attributes:
        id: Without our prefix.
        type: One of GMN's.
        size: Where it is drawn.
        kind: Of the matrix, where it is drawn.
        labels: All of them, or none.
    """

    id: str
    type: str
    size: int | None
    kind: str
    labels: tuple[str, ...]


@dataclass(slots=True)
class _Model:
    """The parts of a model, and what leads to what."""

    parts: Mapping[str, _Part]
    arrows: Sequence[tuple[str, str, str]]
    assumed: list[str] = field(default_factory=list)

    def parents(self, name: str, kind: str) -> list[_Part]:
        """Return the nodes of a type that arrows lead from to ``name``."""
        sources = [source for source, target, _ in self.arrows if target == name]
        return [self.parts[source] for source in sources if self.parts[source].type == kind]

    def aim(self, name: str) -> _Part | None:
        """Return the first node that an arrow leads to from ``name``."""
        return next((self.parts[target] for source, target, _ in self.arrows if source == name), None)


def redrawn(diagram: Mapping[str, object]) -> dict[str, object] | None:
    """Return the document that a diagram draws, or None where it is no drawing of a model.

    Factors, modalities, actions, sizes, labels and edges come back as they were. ``metadata.assumptions`` says what of
    the arrays had to be assumed.
    """
    model = _model(diagram)
    if model is None:
        return None
    from gmn_llm.gmn import validate_gmn  # the language takes its time

    full = _document(model, with_arrays=True)
    # An array of a kind that does not fit what is drawn around it is worth less than its default.
    return full if validate_gmn(full).ok else _document(model, with_arrays=False)


def _model(diagram: Mapping[str, object]) -> _Model | None:
    parts: dict[str, _Part] = {}
    for box in listed(diagram.get("nodes")):
        part = _part(box)
        if part is None:
            return None
        parts[str(box.get("id"))] = part
    if not {"state", "observation", "action"} <= {part.type for part in parts.values()}:
        return None
    arrows = [
        (str(each.get("source")), str(each.get("target")), str(each.get("line", "solid")))
        for each in listed(diagram.get("edges"))
    ]
    if not all(source in parts and target in parts for source, target, _ in arrows):
        return None
    return _Model(parts, arrows)


def listed(value: object) -> list[Mapping[str, object]]:
    """Return the objects in a list; none where it is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _part(box: Mapping[str, object]) -> _Part | None:
    name = str(box.get("id")).removeprefix(PREFIX)
    lines = [line.strip() for line in str(box.get("label", "")).split("\n")]
    found = CAPTION.fullmatch(lines[1]) if len(lines) > 1 else None
    if found is None or found[1] not in TYPES or not ID.fullmatch(name):
        return None
    size = int(found[2]) if found[2] else None
    if found[1] in COUNTS and size is None:
        return None
    shown = lines[2].removeprefix("of ").split(", ") if len(lines) > 2 and lines[2].startswith("of ") else []
    labels = tuple(shown) if len(shown) == size == len(set(shown)) and "..." not in shown else ()
    return _Part(name, found[1], size, found[3] or "", labels)


def _document(model: _Model, *, with_arrays: bool) -> dict[str, object]:
    model.assumed.clear()
    nodes = [
        node(part.id, part.type, **_properties(model, drawn_id, part, with_arrays=with_arrays))
        for drawn_id, part in model.parts.items()
    ]
    edges = [
        edge(model.parts[source].id, model.parts[target].id, _edge_type(model, source, target, line))
        for source, target, line in model.arrows
    ]
    silent = [part.id for part in model.parts.values() if part.type in ("preference", "belief")]
    if silent:
        model.assumed.append(f"The numbers of {', '.join(silent)} are not drawn: nothing is preferred or known there.")
    return {
        "name": "drawn_model",
        "description": "The model that was drawn.",
        "version": "1.0.0",
        "nodes": nodes,
        "edges": edges,
        "metadata": {"assumptions": list(model.assumed)} if model.assumed else {},
    }


def _edge_type(model: _Model, source: str, target: str, line: str) -> str:
    begins, ends = model.parts[source].type, model.parts[target].type
    if line == "thick":
        return "updates"
    if line == "dotted":
        return "queries" if ends == "llm_query" else "influences"
    return "generates" if (begins, ends) == ("likelihood", "observation") else "depends_on"


def _properties(model: _Model, name: str, part: _Part, *, with_arrays: bool) -> dict[str, object]:
    if part.type in COUNTS:
        return {COUNTS[part.type]: part.size, "labels": part.labels}
    if part.type in ("preference", "belief"):
        about = model.aim(name)
        size = about.size if about is not None and about.size else 1
        return {"vector": [0.0] * size if part.type == "preference" else [1 / size] * size}
    if part.type not in ("likelihood", "transition") or not with_arrays:
        return {}
    matrix = _matrix(model, name, part)
    if matrix is None:
        if part.kind:
            model.assumed.append(f"What {part.id} ({part.kind}) says is not drawn: it has its default.")
        return {}
    return {"matrix": matrix}


def _matrix(model: _Model, name: str, part: _Part) -> dict[str, object] | None:
    """Return the matrix of a kind, as far as the drawing has what it needs."""
    states = model.parents(name, "state")
    if part.kind == "noisy_identity":
        model.assumed.append(f"{part.id} is right {ACCURACY:.0%} of the time.")
        return {"kind": part.kind, "accuracy": ACCURACY}
    if part.kind == "of":
        seen = model.aim(name)
        looked_at = next((each for each in states if seen is not None and each.size == seen.size), None)
        if looked_at is not None:
            model.assumed.append(f"{part.id} shows {looked_at.id} as it is.")
            return {"kind": "of", "of": {"factor": looked_at.id, "kind": "identity"}}
    if len(model.parents(name, "action")) > 1 and part.kind not in ("identity", "uniform"):
        return None
    if part.kind == "grid":
        return _board(model, part, states)
    return {"kind": part.kind} if part.kind in BARE else None


def _board(model: _Model, part: _Part, states: Sequence[_Part]) -> dict[str, object] | None:
    size = states[0].size if states else None
    side = isqrt(size) if size else 0
    if not side or side * side != size:
        return None
    model.assumed.append(f"The grid of {part.id} has {side} rows and {side} columns.")
    return {"kind": "grid", "rows": side, "cols": side}

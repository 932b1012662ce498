"""The part of a draft that is at fault, as it goes to a model and as it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, cast

from gmn_llm.generation.draft_rules import objects, words
from gmn_llm.generation.loosening import loosened
from gmn_llm.generation.pieces import squashed, within
from gmn_llm.gmn.provider_schema import Dialect, compile_schema
from gmn_llm.gmn.schema import load as load_schema

if TYPE_CHECKING:
    from gmn_llm.findings import Finding

__all__ = ["DraftPart"]

LISTS = ("factors", "senses")
MOST_OUTLINE = 1500
TOLD_BY = frozenset({"size", "labels", "change", "actions", "start", "accuracy", "prefer", "rules", "dependson"})
"""Keys, squashed, of which a factor or sense that stands without its list has at least one beside its name."""


@dataclass(frozen=True, slots=True)
class DraftPart:
    """What of a draft is at fault.

    Attributes:
        draft: The draft.
        factors: Which of its factors.
        senses: Which of its senses.
        steps: Whether the number of steps it plans.
    """

    draft: Mapping[str, object]
    factors: tuple[int, ...] = ()
    senses: tuple[int, ...] = ()
    steps: bool = False

    @classmethod
    def at(
        cls, draft: Mapping[str, object], findings: Iterable[Finding], origins: Sequence[str], broken: Iterable[str]
    ) -> DraftPart | None:
        """Return the part that findings speak of, or None where they speak of the whole.

        Args:
            draft: The draft.
            findings: What is wrong with its document.
            origins: For each node of the document the pointer to what it was made from.
            broken: The names of the constraints that it breaks.
        """
        places = {_pointer(finding.path, origins) for finding in findings if finding.code != "constraint"}
        places |= {place for name in broken for place in _concerned(draft, name)}
        if not places or "" in places:
            return None
        chosen = {key: sorted({int(p.split("/")[2]) for p in places if p.startswith(f"/{key}/")}) for key in LISTS}
        return cls(draft, tuple(chosen["factors"]), tuple(chosen["senses"]), "/steps_ahead" in places)

    @property
    def template(self) -> str:
        """The template that goes with it."""
        return "repair"

    @property
    def sent(self) -> dict[str, object]:
        """The part as it goes to the model."""
        part: dict[str, object] = {}
        for key, chosen in (("factors", self.factors), ("senses", self.senses)):
            if chosen:
                given = objects(self.draft.get(key))
                part[key] = [given[k] for k in chosen]
        if self.steps:
            part["steps_ahead"] = self.draft.get("steps_ahead")
        return part

    @property
    def outline(self) -> str:
        """What else there is, on one line: names, sizes, labels and actions."""
        said = [_told(f) for k, f in enumerate(objects(self.draft.get("factors"))) if k not in self.factors]
        said += [
            f"sense {_told(sense)}" for k, sense in enumerate(objects(self.draft.get("senses"))) if k not in self.senses
        ]
        if not self.steps:
            said.append(f"steps_ahead {self.draft.get('steps_ahead', 1)}")
        return "; ".join(said)[:MOST_OUTLINE]

    @property
    def schema(self) -> Mapping[str, object]:
        """The schema that the answer is held to."""
        return _schema(tuple(self.sent))

    def placed(self, findings: Iterable[Finding], origins: Sequence[str]) -> list[Finding]:
        """Return findings with pointers into the part that is sent."""
        return [replace(finding, path=self._place(_pointer(finding.path, origins))) for finding in findings]

    def _place(self, pointer: str) -> str:
        for key, chosen in (("factors", self.factors), ("senses", self.senses)):
            head, _, rest = pointer.removeprefix(f"/{key}/").partition("/")
            if pointer.startswith(f"/{key}/") and int(head) in chosen:
                return f"/{key}/{chosen.index(int(head))}" + (f"/{rest}" if rest else "")
        return pointer if pointer == "/steps_ahead" else ""

    def put_back(self, answer: object) -> Iterator[Mapping[str, object]]:
        """Yield the draft with the answered part in its place; nothing where there is none in ``answer``."""
        for value in list(within(answer, LISTS)) or _lone(answer, steps=self.steps):
            part = self._read(value)
            if part:
                yield {**self.draft, **part}

    def _read(self, value: Mapping[str, object]) -> dict[str, object]:
        shape = compile_schema(_schema((*LISTS, "steps_ahead")), Dialect.PLAIN)
        read = cast("Mapping[str, object]", loosened(shape.shape, shape.fold(self._wrapped(value))))
        part: dict[str, object] = {}
        for key, chosen in (("factors", self.factors), ("senses", self.senses)):
            if objects(read.get(key)):
                part[key] = _replaced(objects(self.draft.get(key)), chosen, objects(read[key]))
        if isinstance(read.get("steps_ahead"), int) and self.steps:
            part["steps_ahead"] = read["steps_ahead"]
        return part

    def _wrapped(self, value: Mapping[str, object]) -> Mapping[str, object]:
        """Return an answer in its lists, which a model leaves out where there is only one thing in them."""
        keys = {squashed(key) for key in value}
        if keys & {"factors", "senses", "stepsahead"}:
            return value
        if self.senses and "dependson" in keys:
            return {"senses": [value]}
        return {"factors": [value]} if self.factors else {"senses": [value]}


def _lone(answer: object, *, steps: bool) -> list[Mapping[str, object]]:
    """Return the factors and senses that stand without their list, or the number of steps."""
    parts = [part for part in (answer if isinstance(answer, list) else [answer]) if isinstance(part, Mapping)]
    keys = [{squashed(key) for key in part} for part in parts]
    return [
        part
        for part, has in zip(parts, keys, strict=True)
        if ("name" in has and has & TOLD_BY) or (steps and "stepsahead" in has)
    ]


def _replaced(
    old: Sequence[Mapping[str, object]], chosen: Sequence[int], new: Sequence[Mapping[str, object]]
) -> list[Mapping[str, object]]:
    """Return ``old`` with ``new`` in place: by name, then in the order sent; what is neither comes last."""
    result = list(old)
    places = {squashed(part.get("name")): k for k, part in reversed(list(enumerate(old)))}
    rest: list[Mapping[str, object]] = []
    filled: set[int] = set()
    for part in new:
        place = places.get(squashed(part.get("name")))
        if place is None or place in filled:
            rest.append(part)
        else:
            filled.add(place)
            result[place] = _over(old[place], part)
    free = [k for k in chosen if k not in filled]
    for part in rest:
        if free:
            place = free.pop(0)
            result[place] = _over(old[place], part)
        else:
            result.append(part)
    return result


def _over(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, object]:
    """Return the new part, and of the old what it does not speak of."""
    change, before = new.get("change"), old.get("change")
    result = {**old, **new}
    if isinstance(change, Mapping) and isinstance(before, Mapping) and change.get("kind") == before.get("kind"):
        result["change"] = {**before, **change}
    return result


def _pointer(path: str, origins: Sequence[str]) -> str:
    """Return a pointer into a document as one into the draft, or "" for the whole."""
    _, *keys = path.split("/")
    if len(keys) < 2 or keys[0] != "nodes" or not keys[1].isdecimal() or int(keys[1]) >= len(origins):
        return ""
    origin = origins[int(keys[1])]
    inside = keys[4:] if keys[2:4] == ["properties", "matrix"] else []
    return "/".join((origin, *inside)) if origin else ""


def _concerned(draft: Mapping[str, object], constraint: str) -> list[str]:
    """Return what of a draft a constraint is about."""
    factors = objects(draft.get("factors"))
    every = [f"/factors/{k}" for k in range(len(factors))]
    if constraint in ("max_states", "min_states", "num_states", "max_states_per_factor", "require_preferences"):
        return every
    if "actions" in constraint:
        return [place for place, factor in zip(every, factors, strict=True) if words(factor.get("actions"))] or every
    return [""]


def _told(part: Mapping[str, object]) -> str:
    labels, actions = words(part.get("labels")), words(part.get("actions"))
    said = [str(part.get("name"))]
    if "size" in part:
        said.append(f"size {part['size']}")
    said += [f"labels {' '.join(labels)}"] if labels else []
    said += [f"actions {' '.join(actions)}"] if actions else []
    return ", ".join(said)


@cache
def _schema(keys: tuple[str, ...]) -> dict[str, object]:
    """Return the draft's schema with these keys alone."""
    whole = load_schema("draft")
    properties = cast("Mapping[str, object]", whole["properties"])
    return {
        "$schema": whole["$schema"],
        "title": "Part of a draft",
        "description": "The mended part of an agent model.",
        "type": "object",
        "properties": {key: properties[key] for key in keys},
        "required": list(keys),
        "additionalProperties": False,
    }

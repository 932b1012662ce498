"""What is known of a value while its schema is read, and whether a condition holds under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

__all__ = ["ALL_TYPES", "Facts", "Question", "truth", "types_of"]

Schema = Mapping[str, object]
ALL_TYPES = frozenset({"object", "array", "string", "number", "boolean", "null"})
"""Every integer is a number."""
CONDITIONAL = frozenset({"type", "properties", "required"})
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Question:
    """What would have to be known to decide a condition.

    Attributes:
        about: ``types`` of the value, or the name of a property.
        types: The types asked for; empty for a question about a property.
        constant: Whether the property's value is asked for, and not only whether it is there.
    """

    about: str
    types: frozenset[str] = frozenset()
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a value.

    Attributes:
        types: The types it may have.
        present: Properties that are there.
        absent: Properties that are not.
        known: Properties with the one value that each has.
    """

    types: frozenset[str] = ALL_TYPES
    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    known: Mapping[str, object] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether any value can be so."""
        return bool(self.types) and not self.present & self.absent

    def of_types(self, types: frozenset[str]) -> Facts:
        """Return what is known when the value is also of one of ``types``; an integer is a number."""
        if types == ALL_TYPES:
            return self
        both = self.types & types
        if ("number" in self.types and "integer" in types) or ("integer" in self.types and "number" in types):
            both |= {"integer"}
        both -= {"integer"} if "number" in both else set()
        return self if both == self.types else replace(self, types=both)

    def with_present(self, names: Iterable[str]) -> Facts:
        """Return what is known when these properties are there."""
        new = set(names) - self.present
        return replace(self, present=self.present | new) if new else self

    def with_absent(self, names: Iterable[str]) -> Facts:
        """Return what is known when these properties are not there."""
        new = set(names) - self.absent
        return replace(self, absent=self.absent | new) if new else self

    def with_value(self, name: str, value: object) -> Facts:
        """Return what is known when this property is there and has this value."""
        if self.known.get(name, value) != value:
            return replace(self, types=frozenset())
        return replace(self.with_present([name]), known={**self.known, name: value})


def types_of(schema: Schema) -> frozenset[str]:
    """Return the types that a schema names, all where it names none."""
    said = schema.get("type")
    names = [said] if isinstance(said, str) else said if isinstance(said, list) else ALL_TYPES
    return frozenset(str(name) for name in names)


def truth(condition: object, facts: Facts) -> bool | Question | None:
    """Return whether a value with these facts meets ``condition``.

    Returns:
        The answer, the question on which it hangs, or None for a condition of a kind that is not looked into: only
        types, keys that are there and constants of properties are.
    """
    if isinstance(condition, bool):
        return condition
    if not isinstance(condition, Mapping) or not CONDITIONAL.issuperset(condition):
        return None
    question: Question | None = None
    unknown = False
    for answer in _answers(condition, facts):
        if answer is False:
            return False
        unknown |= answer is None
        if isinstance(answer, Question):
            question = question or answer
    return None if unknown else question or True


def _answers(condition: Schema, facts: Facts) -> Iterator[bool | Question | None]:
    if "type" in condition:
        yield _typed(types_of(condition), facts)
    required = condition.get("required")
    for name in required if isinstance(required, list) else ():
        yield _there(str(name), facts)
    properties = condition.get("properties")
    for name, wanted in properties.items() if isinstance(properties, Mapping) else ():
        yield _valued(str(name), wanted, facts)


def _typed(types: frozenset[str], facts: Facts) -> bool | Question:
    both = facts.of_types(types).types
    if not both:
        return False
    return both == facts.types or Question("types", types)


def _there(name: str, facts: Facts) -> bool | Question:
    if facts.types == {"object"}:
        return True if name in facts.present else False if name in facts.absent else Question(name)
    return Question("types", frozenset({"object"})) if "object" in facts.types else True


def _valued(name: str, wanted: object, facts: Facts) -> bool | Question | None:
    if name in facts.absent or "object" not in facts.types:
        return True
    if not isinstance(wanted, Mapping) or not {"const", "enum"}.issuperset(wanted):
        return None
    values = wanted.get("enum", [wanted.get("const")])
    value = facts.known.get(name, _MISSING)
    if value is _MISSING:
        return Question(name, constant=True)
    return isinstance(values, list) and value in values

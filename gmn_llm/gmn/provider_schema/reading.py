"""From a JSON Schema to its shape: references followed, conditions turned into the cases they stand for.

What a shape can't hold stays with the schema's own validator: ``not`` (but for a key that may not be there),
``propertyNames``, ``dependentSchemas``, counts of keys, unique items, and conditions on anything but types, constants
and the presence of keys. What a schema marks as ``deprecated`` is read by the validator and offered to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gmn_llm.gmn.provider_schema.facts import ALL_TYPES, Facts, Question, truth, types_of
from gmn_llm.gmn.provider_schema.keywords import (
    asks_for_keys,
    bounds_of,
    exclusions,
    forbidden_key,
    implied_types,
    is_deprecated,
    items_of,
    mapping,
    properties_of,
    scalars_of,
    values_of,
    words_of,
)
from gmn_llm.gmn.provider_schema.shapes import (
    NOTHING,
    Anything,
    FreeKeys,
    Member,
    Record,
    Shape,
    choice,
    listing,
)

__all__ = ["DEPTH", "shape_of"]

Schema = Mapping[str, object]
DEPTH = 5
"""How often a schema may stand within itself; A and B have at most so many axes where a model writes them out."""
GROUPS = ("anyOf", "oneOf")
CONDITION = ("if", "then", "else")


def shape_of(schema: Schema) -> Shape:
    """Return what ``schema`` says.

    Raises:
        ValueError: A reference leads nowhere.
    """
    return _Reader(schema).shape([schema], ())


@dataclass(frozen=True, slots=True)
class _Case:
    """What is said of one value, and what is known of it.

    Attributes:
        parts: Schemas that all hold, without references and ``allOf``.
        facts: What is known.
        words: What it is, in words.
        trail: The references that lead to it.
    """

    parts: tuple[Schema, ...]
    facts: Facts = field(default_factory=Facts)
    words: str = ""
    trail: tuple[str, ...] = ()

    def but(self, part: Schema, *keys: str) -> _Case:
        """Return the case in which one part has these keywords no more."""
        bare = {key: value for key, value in part.items() if key not in keys}
        return replace(self, parts=tuple(bare if each is part else each for each in self.parts))

    def knowing(self, facts: Facts) -> _Case:
        """Return the case in which this is known."""
        return replace(self, facts=facts)


class _Reader:
    def __init__(self, root: Schema) -> None:
        self.root = root

    def shape(self, schemas: Sequence[object], trail: tuple[str, ...]) -> Shape:
        """Return the shape of a value that meets all of ``schemas``; of the later ones the words win."""
        case = _Case((), trail=trail)
        for schema in schemas:
            more = self._with(case, schema)
            if more is None:
                return NOTHING
            case = more
        return self._cases(case)

    def _with(self, case: _Case, schema: object) -> _Case | None:
        """Return the case in which one schema more holds, or None where it lets nothing through."""
        parts, trail = self._flat(schema, case.trail)
        if schema is False or any(trail.count(ref) > DEPTH for ref in trail):
            return None
        words = next(words_of(parts), case.words)
        return replace(case, parts=(*case.parts, *parts), words=words, trail=trail)

    def _flat(self, schema: object, trail: tuple[str, ...]) -> tuple[list[Schema], tuple[str, ...]]:
        """Return the parts of a schema that all hold, without references and ``allOf``, and the references."""
        if not isinstance(schema, Mapping):
            return [], trail
        found: list[Schema] = [{key: value for key, value in schema.items() if key not in ("$ref", "allOf")}]
        ref = schema.get("$ref")
        if isinstance(ref, str) and trail.count(ref) <= DEPTH:
            parts, trail = self._flat(self._resolved(ref), (*trail, ref))
            found += parts
        for part in items_of(schema.get("allOf")):
            parts, trail = self._flat(part, trail)
            found += parts
        return found, trail

    def _resolved(self, ref: str) -> object:
        found: object = self.root
        for part in ref.removeprefix("#").strip("/").split("/") if ref != "#" else ():
            name = part.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is None or not ref.startswith("#"):
            raise ValueError(f"the schema refers to {ref[:80]!r}, which it does not have")
        return found

    def _cases(self, case: _Case) -> Shape:
        """Return the shape of a value, one option for each case of the conditions on it."""
        case = case.knowing(_learned(case.parts, case.facts))
        settled = self._settled(case) if case.facts.possible else None
        if settled is None:
            return NOTHING
        if settled is not case:
            return self._cases(settled)
        for part in case.parts:
            if "if" in part:
                split = self._split(case, truth(part["if"], case.facts))
                return self._cases(case.but(part, *CONDITION)) if split is None else split
            for group in GROUPS:
                if group in part:
                    return self._chosen(case, part, group)
            absent = forbidden_key(part)
            if absent is not None:
                return self._cases(case.but(part, "not").knowing(case.facts.with_absent([absent])))
        return self._built(case)

    def _settled(self, case: _Case) -> _Case | None:
        """Return the case without the conditions that are decided, or None where one lets nothing through.

        A condition of a kind that is not looked into says nothing here.
        """
        for part in [part for part in case.parts if "if" in part]:
            answer = truth(part["if"], case.facts)
            if isinstance(answer, Question):
                continue
            follows = True if answer is None else part.get("then" if answer else "else", True)
            more = self._with(case.but(part, *CONDITION), follows)
            if more is None:
                return None
            case = more
        return case

    def _chosen(self, case: _Case, part: Schema, group: str) -> Shape:
        """Return the shape of a value that meets one of several schemas."""
        options = items_of(part[group])
        bare = case.but(part, group)
        if all(asks_for_keys(option) for option in options):
            answers = [truth(option, case.facts) for option in options]
            if True in answers:
                return self._cases(bare)
            split = self._split(case, next((answer for answer in answers if isinstance(answer, Question)), None))
            if split is not None:
                return split
        cases = [self._with(replace(bare, words=""), option) for option in options]
        return choice((self._cases(each) for each in cases if each is not None), case.words)

    def _split(self, case: _Case, question: object) -> Shape | None:
        """Return the shape with an option for each answer to a question; None where there is none, or too many."""
        answers = self._answers(case, question) if isinstance(question, Question) else None
        if answers is None:
            return None
        return choice((self._cases(case.knowing(facts)) for facts in answers), case.words)

    def _answers(self, case: _Case, question: Question) -> list[Facts] | None:
        facts, name = case.facts, question.about
        if question.types:
            others = facts.types - question.types - ({"integer"} if "number" in question.types else set())
            return [facts.of_types(question.types), facts.of_types(others)]
        gone = [] if name in facts.present else [facts.with_absent([name])]
        if not question.constant:
            return [facts.with_present([name]), *gone]
        said = [self._flat(properties_of(part).get(name), ())[0] for part in case.parts]
        values = values_of(part for parts in said for part in parts)
        return None if values is None else [*(facts.with_value(name, value) for value in values), *gone]

    def _built(self, case: _Case) -> Shape:
        """Return the shape of what has no conditions any more."""
        parts, facts, trail = case.parts, case.facts, case.trail
        values = values_of(parts)
        types = facts.types if facts.types != ALL_TYPES else implied_types(parts, values)
        if types is None:
            return Anything(case.words)
        told = " ".join(filter(None, [case.words, *exclusions(parts)]))
        options: list[Shape] = []
        for name in (name for name in TYPES if name in types):
            if name == "object":
                options.append(self._object(parts, facts, trail))
            elif name == "array":
                items = self.shape([part["items"] for part in parts if "items" in part], trail)
                options.append(listing(items, bounds_of(parts, "array"), ""))
            else:
                options += scalars_of(parts, name, values)
        return choice(options, told)

    def _object(self, parts: Sequence[Schema], facts: Facts, trail: tuple[str, ...]) -> Shape:
        names = dict.fromkeys(name for part in parts for name in properties_of(part))
        names |= dict.fromkeys(name for name in facts.present if name not in names)
        extra = self._extra(parts, trail)
        if not names:
            return Record(()) if extra is None else FreeKeys(extra)
        members = [
            Member(name, self._member(name, parts, facts, trail), name in facts.present)
            for name in sorted(names, key=lambda name: name not in facts.known)
            if name not in facts.absent and not is_deprecated(name, parts)
        ]
        if any(member.required and member.shape == NOTHING for member in members):
            return NOTHING
        return Record(tuple(member for member in members if member.shape != NOTHING), extra)

    def _member(self, name: str, parts: Sequence[Schema], facts: Facts, trail: tuple[str, ...]) -> Shape:
        said = [properties_of(part)[name] for part in parts if name in properties_of(part)]
        if name in facts.known:
            said.append({"const": facts.known[name]})
        return self.shape(said, trail)

    def _extra(self, parts: Sequence[Schema], trail: tuple[str, ...]) -> Shape | None:
        """Return the shape of keys without a name, or None where there may be none."""
        said = [part.get("additionalProperties", True) for part in parts]
        patterns = [schema for part in parts for schema in mapping(part.get("patternProperties")).values()]
        more = [] if any(schema is False for schema in said) else [self.shape(said, trail)]
        if patterns and all(schema is True for schema in said):
            more = []
        more += [self.shape([schema], trail) for schema in patterns]
        return choice(more) if more else None


TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


def _learned(parts: Iterable[Schema], facts: Facts) -> Facts:
    """Return ``facts`` with what the parts say outright."""
    for part in parts:
        facts = facts.of_types(types_of(part))
        names = properties_of(part)
        facts = facts.with_present(str(name) for name in items_of(part.get("required")))
        facts = facts.with_absent(name for name, schema in names.items() if schema is False)
        for name in facts.present & set(names):
            values = values_of([mapping(names[name])])
            if values is not None and len(values) == 1:
                facts = facts.with_value(name, values[0])
    for part in parts:
        if part.get("additionalProperties") is False and "patternProperties" not in part:
            known = {name for other in parts for name in properties_of(other)} | facts.present
            facts = facts.with_absent(known - set(properties_of(part)))
            facts = facts.with_absent(_asked(parts) - set(properties_of(part)))
    return facts


def _asked(parts: Iterable[Schema]) -> set[str]:
    """Return the keys whose presence a condition hangs on."""
    return {
        str(name)
        for part in parts
        for condition in [mapping(part.get("if")), *map(mapping, items_of(part.get("anyOf")))]
        for name in [*items_of(condition.get("required")), *properties_of(condition)]
    }

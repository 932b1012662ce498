"""Every limit of the notation: what is just within it is read, one more is told, and each is a setting."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from gmn_llm import ConfigError, GMNSpec, validate_gmn
from gmn_llm.gmn import Limits
from gmn_llm.gmn.limits import DEFAULT_LIMITS, MOST_NESTING
from tests.fuzz.hostile import LAMP, implied, lamp, many, plans


def nested(levels: int) -> str:
    """A document of so many levels, counting its own two."""
    return LAMP[:-1] + ', "metadata": {"x": ' + "[" * (levels - 2) + "]" * (levels - 2) + "}}"


def of_bytes(size: int) -> str:
    """A document of so many bytes of UTF-8, half of them in letters of two."""
    wide = "ä" * ((size - len(LAMP)) // 4)
    text = LAMP.replace('"lamp"', f'"lamp{wide}"')
    return text + " " * (size - len(text.encode()))


def of_states(size: int) -> str:
    """A document with a factor of so many states that nothing needs an array for."""
    document = json.loads(lamp("s", num_states=size))
    for node, matrix in (("A", {"kind": "uniform"}), ("B", {"kind": "uniform"})):
        next(one for one in document["nodes"] if one["id"] == node)["properties"]["matrix"] = matrix
    return json.dumps(document)


# The text with so much of it, and what is allowed by default, with all other limits out of the way.
LIMITS: dict[str, tuple[Any, int]] = {
    "string_bytes": (lambda size: lamp("s", description="x" * size), 64 * 1024),
    "nesting": (nested, 64),
    "nodes": (lambda count: many(count, 10), 500),
    "edges": (lambda count: many(10, count), 5_000),
    "states": (of_states, 10_000),
    "numbers": (implied, 40_000_000),
    "policies": (lambda count: plans(count, 1), 20_000),
}
OTHERS = Limits(states=10**6, numbers=10**9)


def codes(text: str, limits: Limits) -> set[str]:
    """The codes of the errors of a text."""
    return {finding.code for finding in validate_gmn(text, limits=limits).errors}


@pytest.mark.parametrize("name", LIMITS)
def test_one_more_than_the_limit_is_too_many(name: str) -> None:
    """By default the limit is that of the notation; at it a document is valid, one past it is ``size-limit``."""
    make, most = LIMITS[name]
    assert getattr(DEFAULT_LIMITS, name) == most
    room = {field.name: getattr(OTHERS, field.name) for field in fields(Limits)} | {name: most}
    if name == "numbers":
        room["states"] = 10**6
    assert codes(make(most), Limits(**room)) == set()
    assert codes(make(most + 1), Limits(**room)) == {"size-limit"}


@pytest.mark.parametrize(
    ("name", "less"),
    [("string_bytes", 100), ("nesting", 8), ("nodes", 7), ("edges", 12), ("states", 3), ("policies", 5)],
)
def test_a_limit_is_a_setting(name: str, less: int) -> None:
    """The same holds where the configuration sets another one."""
    make, _ = LIMITS[name]
    limits = Limits.of({name: less})
    assert codes(make(less), limits) == set()
    assert codes(make(less + 1), limits) == {"size-limit"}


def test_numbers_and_bytes_are_settings() -> None:
    """So it does for the numbers of all arrays and for the document itself."""
    text = lamp()
    assert codes(text, Limits.of({"numbers": 8})) == set()
    assert codes(text, Limits.of({"numbers": 7})) == {"size-limit"}
    assert codes(of_bytes(2000), Limits.of({"document_bytes": 2000})) == set()
    assert codes(of_bytes(2001), Limits.of({"document_bytes": 2000})) == {"size-limit"}


def test_a_document_may_have_64_mib() -> None:
    """As text, as octets and as a value; one byte more is told, and nothing is read of it."""
    most = 64 * 2**20
    assert DEFAULT_LIMITS.document_bytes == most
    assert DEFAULT_LIMITS.answer_bytes == 2**20
    assert codes(LAMP + " " * (most - len(LAMP)), DEFAULT_LIMITS) == set()
    assert codes(LAMP + " " * (most - len(LAMP) + 1), DEFAULT_LIMITS) == {"size-limit"}


@pytest.mark.parametrize("notation", ["to_json", "to_text"])
def test_levels_are_a_setting_in_every_notation(notation: str) -> None:
    """As many levels as are set can be read, in JSON and in braces; what Python can't follow can't be set."""
    limits = Limits.of({"nesting": MOST_NESTING})
    spec = GMNSpec.parse(nested(MOST_NESTING), limits=limits)
    assert GMNSpec.parse(getattr(spec, notation)(), limits=limits) == spec
    assert codes(getattr(spec, notation)(), DEFAULT_LIMITS) == {"size-limit"}
    with pytest.raises(ConfigError, match="nesting"):
        Limits.of({"nesting": MOST_NESTING + 1})
    with pytest.raises(ConfigError, match="nesting"):
        Limits(nesting=10_000)


def test_statements_are_counted_as_they_are_read() -> None:
    """A text of many statements is read no further than a document may have parts, whichever notation it is in."""
    for text, kind in (
        ("model x\n" + "node state s { size: 2 }\n" * 20, "nodes"),
        ("model x\n" + "edge a -> b: influences\n" * 20, "edges"),
        ("[nodes]\n" + "s: state {num_states: 2}\n" * 20, "nodes"),
        ("[edges]\n" + "a -> b: influences\n" * 20, "edges"),
    ):
        assert codes(text, Limits.of({kind: 19})) == {"size-limit"}
    text = "model x\n" + "node state s { size: 2 }\n" * 10_000
    (found,) = validate_gmn(text).errors
    assert "5600 statements" in found.message
    assert (found.line, found.column) == (5601, 1)


def test_after_a_mistake_a_text_is_read_to_an_end() -> None:
    """Long after a mistake nothing is read any more, and that is told with the place where it ends."""
    found = validate_gmn("model x\nnode state s { x: } " + "() " * 60_000).errors
    assert [finding.code for finding in found] == ["text-syntax"] * len(found)
    assert "no further" in found[-1].message
    assert (found[-1].column or 0) > 50_000


def wide(outcomes: int) -> dict[str, Any]:
    """A lamp that is seen in many ways."""
    return {
        "name": "wide",
        "nodes": [
            {"id": "s", "type": "state", "properties": {"num_states": 2}},
            {"id": "o", "type": "observation", "properties": {"num_observations": outcomes}},
            {"id": "a", "type": "action", "properties": {"num_actions": 1}},
            {"id": "L", "type": "likelihood", "properties": {}},
            {"id": "T", "type": "transition", "properties": {}},
        ],
        "edges": [
            {"source": "s", "target": "L", "type": "depends_on"},
            {"source": "L", "target": "o", "type": "generates"},
            {"source": "s", "target": "T", "type": "depends_on"},
            {"source": "a", "target": "T", "type": "depends_on"},
        ],
    }


def test_outcomes_are_limited_by_the_numbers_they_make() -> None:
    """The limit of states is a factor's alone; outcomes may be as many as there may be numbers."""
    assert validate_gmn(wide(20_000)).ok
    assert [finding.code for finding in validate_gmn(wide(30_000_000)).errors] == ["size-limit"]


def test_a_document_keeps_the_limits_it_was_read_with() -> None:
    """What was let pass when it was read is let pass by all that is made of it."""
    document = wide(4)
    document["nodes"][0]["properties"]["num_states"] = 10_500
    spec = GMNSpec.parse(document, limits=Limits(states=20_000, numbers=200_000_000))

    assert spec.findings() == GMNSpec.parse(wide(4)).findings()
    assert validate_gmn(spec).ok
    assert spec.told(said=["x"]).limits == spec.limits
    assert not validate_gmn(spec, limits=Limits()).ok


def test_the_count_of_policies_is_told_as_far_as_it_is_known() -> None:
    """Of a number of policies nobody counts to the end it is said that there are more."""
    document = wide(2)
    document["nodes"][2]["properties"]["num_actions"] = 2
    document["nodes"].append({"id": "p", "type": "policy", "properties": {"policy_len": 10**9}})
    [found] = validate_gmn(document).errors

    assert found.message.startswith(f"more than {2**64} policies (2 choices, 1000000000 steps)")


def test_a_number_that_is_not_finite_is_told_with_its_node() -> None:
    """The message names the node, whether the number was written as infinite or is too large."""
    text = json.dumps(wide(2)).replace('"num_states": 2', '"num_states": 1e400')
    [found] = validate_gmn(text).errors

    assert found.code == "not-finite"
    assert found.message == "node s: inf is not a finite number: it is too large, or written as infinite"

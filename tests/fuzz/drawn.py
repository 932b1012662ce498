"""What hypothesis draws: documents from the schema, near misses of them, and texts that look like the notations."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
from hypothesis import strategies as st

from gmn_llm.gmn import schema
from tests.fuzz.seeds import WORDS, documents, texts
from tests.gmn.builders import Graph

SCHEMA: Any = schema.load()
IDS = st.sampled_from(["s", "o", "a", "A", "B", "C", "D", "p", "q"])
LABELS = st.sampled_from(["up", "down", "left", "right", "stay", "on", "off", "0", "1", "é", " "])
NAMES = st.one_of(IDS, LABELS, st.text(min_size=1, max_size=6))
SMALL = st.integers(0, 6)
Json = Any


# Documents from the schema


def _resolved(part: Json) -> Json:
    """Return a part of the schema with its reference, if it has one, in place."""
    if "$ref" not in part:
        return part
    target = SCHEMA["$defs"][part["$ref"].rpartition("/")[2]]
    return {**_resolved(target), **{key: value for key, value in part.items() if key != "$ref"}}


def _meets(condition: Json, value: Json) -> bool:
    """Whether an object meets a condition of the schema: keys that are there, or a key with one certain value."""
    unknown = set(condition) - {"properties", "required"}
    assert not unknown, f"the schema has conditions with {unknown}, which are not drawn yet"
    wanted = {key: part["const"] for key, part in condition.get("properties", {}).items()}
    return set(condition["required"]) <= set(value) and all(value.get(key) == const for key, const in wanted.items())


@st.composite
def from_schema(draw: st.DrawFn, part: Json = SCHEMA) -> Json:
    """Draw a value that mostly meets a part of the schema: what ``not`` forbids is drawn as well.

    The schema is read as it is, so that what is added to it is drawn without a change here.
    """
    part = _resolved(part)
    if "const" in part:
        return part["const"]
    if "enum" in part:
        return draw(st.sampled_from(part["enum"]))
    if "anyOf" in part and "type" not in part and "properties" not in part:
        return draw(from_schema(draw(st.sampled_from(part["anyOf"]))))
    kinds = part.get("type")
    if set(part.get("if", ())) == {"type"}:
        yes = draw(st.booleans())
        branch = part["then" if yes else "else"]
        kind = part["if"]["type"] if yes else _resolved(branch).get("type", "number" if kinds is None else "array")
        return draw(from_schema({**_resolved(branch), "type": kind}))
    kind = draw(st.sampled_from(kinds)) if isinstance(kinds, list) else kinds
    if kind == "object":
        return draw(_object(part))
    if kind == "array":
        least, most = part.get("minItems", 0), part.get("maxItems", 4)
        return draw(st.lists(from_schema(part.get("items", {})), min_size=least, max_size=most))
    return draw(_scalar(kind, part))


def _scalar(kind: str | None, part: Json) -> st.SearchStrategy[Json]:
    if kind == "string":
        return IDS if "pattern" in part else NAMES
    if kind == "boolean":
        return st.booleans()
    if kind in ("integer", "number"):
        least = part.get("minimum", part.get("exclusiveMinimum", -6))
        whole = st.integers(least + ("exclusiveMinimum" in part), part.get("maximum", least + 6))
        whole = whole | whole.map(float)
        if kind == "integer":
            return whole
        floats = st.floats(least, part.get("maximum", 6), exclude_min="exclusiveMinimum" in part)
        return whole | floats | st.sampled_from([0.5, 1, 0.25]).filter(lambda n: n > least)
    return st.none() | st.booleans() | SMALL | NAMES


@st.composite
def _object(draw: st.DrawFn, part: Json) -> Json:
    known: dict[str, Json] = dict(part.get("properties", {}))
    required = list(part.get("required", ()))
    if "anyOf" in part:
        required += draw(st.sampled_from(part["anyOf"])).get("required", ())
    names = [*required, *draw(st.lists(st.sampled_from(sorted(known)), max_size=4, unique=True))] if known else required
    # What decides about the rest comes first.
    names = sorted(dict.fromkeys(names), key=lambda name: not {"enum", "const"} & set(known.get(name, ())))
    value = {name: draw(from_schema(known.get(name, {}))) for name in names}
    for condition in [part, *part.get("allOf", ())]:
        if "if" in condition:
            branch = _resolved(condition.get("then" if _meets(condition["if"], value) else "else", {}))
            more = [
                name for name in branch.get("properties", ()) if name in value or name in branch.get("required", ())
            ]
            if branch.get("additionalProperties") is False or "const" in branch.get("properties", {}).get("kind", ()):
                return draw(_object(branch))
            value |= {name: draw(from_schema(branch["properties"][name])) for name in more}
            value |= {
                name: draw(from_schema(known.get(name, {}))) for name in branch.get("required", ()) if name not in value
            }
    rest = part.get("additionalProperties", {} if not known else False)
    if rest is not False:
        value |= draw(st.dictionaries(NAMES, from_schema(rest), max_size=3))
    return value


# Near misses

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [
            "",
            " ",
            "x",
            "s",
            "1",
            "true",
            "id\n",
            "state",
            "STATE",
            0,
            1,
            -1,
            2.0,
            25.0,
            2.5,
            -0.0,
            1e300,
            10**20,
            2**53 + 1,
            [],
            [[]],
            {},
            [1, [2]],
            {"kind": "identity"},
            {"kind": 5},
            {"of": {}},
            [None],
            {"x": None},
            [True, 1.0],
            ["a", "a"],
        ]
    ),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
).map(copy.deepcopy)  # since more may be changed in it later
KEYS = st.sampled_from(sorted({
    "id", "name", "type", "from", "to", "source", "target", "size", "properties", "metadata", "x", "", "num_state",
    *(key for part in SCHEMA["$defs"].values() for key in part.get("properties", ())),
}))  # fmt: skip


def _places(value: Json) -> list[tuple[Json, Json]]:
    """Return every container in ``value`` with each of its keys or indices."""
    found: list[tuple[Json, Json]] = []
    parts = [value]
    while parts:
        part = parts.pop()
        inner = list(part.items()) if isinstance(part, dict) else list(enumerate(part))
        found += [(part, key) for key, _ in inner]
        parts += [item for _, item in inner if isinstance(item, dict | list)]
    return found


@st.composite
def near_misses(draw: st.DrawFn, of: st.SearchStrategy[Json] | None = None) -> Json:
    """Draw a document with up to three changes: a value replaced, taken out, moved, doubled, or a key added."""
    document = copy.deepcopy(draw(of if of is not None else st.sampled_from(documents()) | from_schema()))
    for _ in range(draw(st.integers(0, 3))):
        places = _places(document) if isinstance(document, dict | list) else []
        if not places:
            break
        part, key = places[draw(st.integers(0, len(places) - 1))]
        what = draw(st.sampled_from(["replace", "replace", "remove", "add", "rename", "double", "swap"]))
        if what == "replace":
            part[key] = draw(ODD)
        elif what == "remove":
            del part[key]
        elif what == "add" and isinstance(part, dict):
            part[draw(KEYS)] = draw(ODD)
        elif what == "rename" and isinstance(part, dict):
            part[draw(KEYS)] = part.pop(key)
        elif what == "double" and isinstance(part, list):
            part.insert(key, copy.deepcopy(part[key]))
        else:
            other, there = places[draw(st.integers(0, len(places) - 1))]
            part[key] = (
                copy.deepcopy(other[there]) if there in (other if isinstance(other, dict) else range(len(other))) else 0
            )
    return document


# Texts

BLANKS = st.sampled_from([" ", "  ", "\n", "\t", "\r\n", " # a comment\n", ""])
QUOTED = st.sampled_from(['"a b"', "'it'", r'"\u00e9\n"', '""', '"#"', '"node x y { }"', r'"\x"', '"open', "'open"])
NUMBERS = st.sampled_from(
    ["0", "1", "2", "0.5", "-1", "1e3", ".5", "5.", "007", "1e400", "NaN", "true", "null", "1_0", "--1"]
)
BARE = st.one_of(
    IDS, LABELS, NUMBERS, st.sampled_from(["state", "grid", "node", "edge", "model", "x-y", "a.b", "é", "->"])
)


def _joined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map("".join)


def _several(item: st.SearchStrategy[str], between: str, most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(item, max_size=most).map(between.join)


VALUES = st.recursive(
    BARE | QUOTED,
    lambda inner: st.one_of(
        _joined("[", BLANKS, _several(inner, ", "), BLANKS, "]"),
        _joined("{", _several(_joined(BARE, ": ", inner), ", "), "}"),
        _joined(BARE, "(", _several(_joined(BARE, "=", inner), ", "), ")"),
        _joined("[", _several(inner, " ")),
        _joined(inner, ","),
    ),
    max_leaves=8,
)
FIELD_NAMES = st.sampled_from([
    "size", "from", "to", "matrix", "labels", "vector", "values", "state", "start", "observation", "preferred", "type",
    "metadata", "description", "factor", "num_states", "policy_len", "name", "nodes", '"size"', "id", "'to'",
])  # fmt: skip
TYPES = st.sampled_from([*schema.NODE_TYPES, "emission", "STATE", "banana", '"state"'])
FIELDS = st.one_of(_joined(FIELD_NAMES, ": ", VALUES), _joined(FIELD_NAMES, ":"), VALUES, QUOTED)
BODIES = _joined("{", BLANKS, _several(FIELDS, "  "), BLANKS, st.sampled_from(["}", "}", "}", "", "}}", ")"]))
EDGE = _joined(BARE, st.sampled_from([" -> ", "->", " "]), BARE, st.sampled_from([": ", ":", " "]), BARE)
STATEMENTS = st.one_of(
    _joined("node ", TYPES, " ", BARE, " ", BODIES),
    _joined("node ", TYPES, " ", BARE),
    _joined(BARE, ": ", TYPES, " ", BODIES),
    _joined("edge ", EDGE, st.sampled_from(["", " {x: 1}"])),
    EDGE,
    _joined("model ", BARE, " ", QUOTED),
    st.sampled_from(["[nodes]", "[edges]", "[model]", "[ NODES ]", "name: x", "```", "{", "}", "node", "model"]),
    VALUES,
)
# Sentences of the grammar with the mistakes that people and models make.
sentences = st.lists(_joined(STATEMENTS, st.sampled_from(["\n", "\n", "\n", " ", "\r\n"])), max_size=10).map("".join)
rubble = st.lists(st.sampled_from([*WORDS, *"[]{}(),:;\"'#=-> \n\t\r\\`\x00\ufeff\ud800é019.eE+"]), max_size=60).map(
    "".join
)


@st.composite
def damaged_texts(draw: st.DrawFn) -> str:
    """Draw a text of the tests with pieces cut out, put in, doubled, or written a hundred times over."""
    text = draw(st.sampled_from(texts()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 8, 40])))
        what = draw(st.sampled_from(["cut", "put", "put", "double", "many", "value"]))
        if what == "cut":
            piece = ""
        elif what == "put":
            piece = draw(st.sampled_from(WORDS) | st.text(max_size=3))
        elif what == "value":
            piece = draw(VALUES)
        else:
            piece = text[start:end] * (2 if what == "double" else 100)
        text = text[:start] + piece + text[end:]
    return text


# Documents that mean something, or nearly


@st.composite
def models(draw: st.DrawFn) -> Json:
    """Draw a document whose nodes and edges fit one another, with arrays and properties drawn from the schema."""
    graph = Graph(draw(st.sampled_from(["x", "a b", "é"])))
    sizes: dict[str, dict[str, int]] = {}
    for node_type, letter in (("state", "s"), ("observation", "o"), ("action", "a")):
        sizes[node_type] = {f"{letter}{k}": draw(st.integers(1, 4)) for k in range(draw(st.integers(1, 2)))}
        for name, size in sizes[node_type].items():
            labels = draw(st.permutations(["up", "down", "left", "right", "stay", "on", "off"]))[:size]
            graph.axes(node_type, **{name: labels if draw(st.booleans()) else size})
            if draw(st.booleans()):
                graph.document["nodes"][-1]["properties"] |= draw(from_schema(SCHEMA["$defs"]["llm_query"]))
    states, actions = (st.permutations(sorted(sizes[key])) for key in ("state", "action"))
    for name, size in sizes["observation"].items():
        parents = draw(states)[: draw(st.integers(1, 2))]
        shape = (size, *(sizes["state"][parent] for parent in parents))
        graph.likelihood(f"A_{name}", name, parents, draw(_matrix("likelihood_matrix", shape)))
        if draw(st.booleans()):
            graph.subject(f"C_{name}", "preference", name, **draw(_about("preference", size)))
    for name, size in sizes["state"].items():
        if draw(st.integers(0, 3)):
            others, moved_by = [[*draw(one)][: draw(SMALL)] for one in (states, actions)]
            others = [one for one in others if one != name]
            ends = [sizes["action"][one] for one in moved_by] or [1]
            shape = (size, *(sizes["state"][one] for one in [name, *others]), *ends)
            graph.transition(
                f"B_{name}", [name, *others, *moved_by], draw(_matrix("transition_matrix", shape)), factor=name
            )
        for node_type in draw(st.sampled_from([(), ("belief",), ("preference",), ("belief", "preference")])):
            graph.subject(f"{node_type}_{name}", node_type, name, **draw(_about(node_type, size)))
    if draw(st.booleans()):
        graph.node("plan", "policy", **draw(from_schema(SCHEMA["$defs"]["policy"])))
    return graph.document


def _matrix(name: str, shape: tuple[int, ...]) -> st.SearchStrategy[Json]:
    even = np.full(shape, 1 / shape[0]).tolist()
    rounded = np.round(np.full(shape, 1 / shape[0]), 2).tolist()
    first = np.zeros(shape)
    first[0] = 1
    return st.one_of(from_schema(SCHEMA["$defs"][name]), st.sampled_from([even, rounded, first.tolist()]))


def _about(node_type: str, size: int) -> st.SearchStrategy[Json]:
    said = st.sampled_from(
        [{}, {"vector": [1 / size] * size}, {"vector": [1.0] + [0] * (size - 1)}, {"values": {"0": 1}}]
    )
    return said | from_schema(SCHEMA["$defs"][node_type])


any_document = st.one_of(models(), near_misses(models()), near_misses(), near_misses(from_schema()))
any_text = st.one_of(sentences, rubble, damaged_texts(), st.text(max_size=80))
any_json_text = st.one_of(
    any_document.map(json.dumps),
    any_document.map(lambda value: json.dumps(value, indent=1, ensure_ascii=False)),
    damaged_texts(),
)

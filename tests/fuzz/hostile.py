"""Documents made to hurt a reader, each with what it has to be told; ``python -m tests.fuzz.hostile`` measures them.

Every one of them is read in the fraction of a second that its size costs, and in memory in proportion to it; the
tests hold the findings, the program prints time and memory, each document in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 2**20
ROOM = '{"name": "x", "metadata": {"x": %s}, "nodes": []}'
HEADER = "model x\n"
NODES = """\
node state s { size: 2 }
node observation o { size: 2 }
node action a { size: 1 }
node emission A { from: s  to: o  matrix: identity() }
node transition B { from: [s, a]  to: s  matrix: identity() }
"""
LAMP = json.dumps({
    "name": "lamp",
    "nodes": [
        {"id": "s", "type": "state", "properties": {"num_states": 2}},
        {"id": "o", "type": "observation", "properties": {"num_observations": 2}},
        {"id": "a", "type": "action", "properties": {"num_actions": 1}},
        {"id": "A", "type": "likelihood", "properties": {"matrix": {"kind": "identity"}}},
        {"id": "B", "type": "transition", "properties": {"matrix": {"kind": "identity"}}},
    ],
    "edges": [
        {"source": "s", "target": "A", "type": "depends_on"},
        {"source": "A", "target": "o", "type": "generates"},
        {"source": "s", "target": "B", "type": "depends_on"},
        {"source": "a", "target": "B", "type": "depends_on"},
    ],
}, indent=1)  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """A document that hurts.

    Attributes:
        made: Makes its text or octets; not kept, since some are large.
        codes: The codes of its findings, each once; empty where there is nothing to tell.
        path: The pointer that one of the findings has, or None where it does not matter.
        said: What stands in the message of one of the findings.
    """

    made: Callable[[], str | bytes]
    codes: frozenset[str]
    path: str | None = None
    said: str = ""

    def octets(self) -> bytes:
        """Return the document as it would stand in a file."""
        made = self.made()
        return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")


def lamp(node: str = "", **properties: object) -> str:
    """Return the document of a lamp as JSON, with other properties of a node."""
    document: dict[str, Any] = json.loads(LAMP)
    for given in document["nodes"]:
        if given["id"] == node:
            given["properties"].update(properties)
    return json.dumps(document)


def many(nodes: int, edges: int) -> str:
    """Return the lamp with queries and influences up to so many nodes and edges."""
    document: dict[str, Any] = json.loads(LAMP)
    document["nodes"] += [{"id": f"q{k}", "type": "llm_query"} for k in range(nodes - 5)]
    document["edges"] += [{"source": "s", "target": "o", "type": "influences"}] * (edges - 4)
    return json.dumps(document)


def implied(numbers: int) -> str:
    """Return a document of a few hundred characters whose arrays would hold so many numbers, by matrices with names."""
    sizes = {"s": 5000, "t": 3872, "u": 1}
    rest = numbers - 5000**2 - 3872**2 - 1
    nodes: list[dict[str, Any]] = [
        {"id": name, "type": "state", "properties": {"num_states": size}} for name, size in sizes.items()
    ]
    nodes += [
        {"id": "o", "type": "observation", "properties": {"num_observations": rest}},
        {"id": "a", "type": "action", "properties": {"num_actions": 1}},
        {"id": "A", "type": "likelihood", "properties": {"matrix": {"kind": "uniform"}}},
    ]
    edges = [{"source": "u", "target": "A", "type": "depends_on"}, {"source": "A", "target": "o", "type": "generates"}]
    edges.append({"source": "a", "target": "B_u", "type": "depends_on"})
    for name in sizes:
        nodes.append({"id": f"B_{name}", "type": "transition", "properties": {"matrix": {"kind": "uniform"}}})
        edges.append({"source": name, "target": f"B_{name}", "type": "depends_on"})
    return json.dumps({"name": "x", "nodes": nodes, "edges": edges})


def plans(choices: int, steps: int) -> str:
    """Return the lamp with an action of so many choices and a policy of so many steps."""
    document: dict[str, Any] = json.loads(lamp("a", num_actions=choices))
    document["nodes"].append({"id": "plan", "type": "policy", "properties": {"policy_len": steps}})
    return json.dumps(document)


def hostile(
    codes: str, made: Callable[[], str | bytes] | str | bytes, *, path: str | None = None, said: str = ""
) -> Hostile:
    """Return a document with the codes, parted by blanks, that it has to be told."""
    make = made if callable(made) else lambda: made
    return Hostile(make, frozenset(codes.split()), path, said)


def prefixed(octets: bytes) -> bytes:
    """Return the lamp with ``octets`` as the description of the first node."""
    return LAMP.replace('"num_states": 2', '"num_states": 2, "description": "?"').encode().replace(b"?", octets)


DOCUMENTS = {
    # nested without end
    "1 MiB of [": hostile("size-limit", lambda: "[" * MIB, said="64 levels"),
    "1 MiB of {": hostile("size-limit", lambda: '{"a":' * (MIB // 5), said="64 levels"),
    "1 MiB of brackets in a document": hostile("size-limit", lambda: ROOM % ("[" * (MIB // 2) + "]" * (MIB // 2))),
    "1 MiB of [ in braces": hostile("size-limit", lambda: f"{HEADER}node state s {{ x: {'[' * MIB}", said="64 levels"),
    "1 MiB of { in braces": hostile("size-limit", lambda: f"{HEADER}node state s {'{a: ' * (MIB // 4)}"),
    "1 MiB of calls in braces": hostile("size-limit", lambda: f"{HEADER}node state s {{ x: {'f(a=' * (MIB // 4)}"),
    "1 MiB of ] in braces": hostile("text-syntax added-default", lambda: f"node state s {{ x: {']' * MIB} }}"),
    "1 MiB of () in braces": hostile("text-syntax", lambda: f"{HEADER}node state s {{ x: {'()' * (MIB // 2)} }}"),
    "1 MiB of { where none belongs": hostile("text-syntax size-limit", lambda: f"{HEADER}{'{' * MIB}"),
    "1 MiB of [ in sections": hostile("size-limit added-default", lambda: f"[nodes]\ns: state {{ x: {'[' * MIB}", said="64 levels"),
    "65 levels in braces": hostile(
        "size-limit", f"{HEADER}{NODES}node llm_query q {{ x: {'[' * 64}{']' * 64} }}", said="64 levels"
    ),
    "a million nodes in braces": hostile("size-limit", lambda: HEADER + "node state s {size: 2}\n" * 100_000),
    # large without depth
    "10^9 states": hostile("size-limit", lambda: lamp("s", num_states=10**9), path="/nodes/0", said="1000000000"),
    "10^9 states in braces": hostile(
        "size-limit", HEADER + NODES.replace("state s { size: 2", "state s { size: 1000000000"), said="1000000000"
    ),
    "a million labels": hostile(
        "size-limit", lambda: lamp("s", num_states=10**6, labels=[f"l{k}" for k in range(10**6)]), path="/nodes/0"
    ),
    "a million labels for two": hostile("label-count", lambda: lamp("s", labels=[f"l{k}" for k in range(10**6)])),
    "a million labels in braces": hostile(
        "label-count",
        lambda: HEADER + NODES.replace("size: 2", f"size: 2 labels: [{', '.join(f'l{k}' for k in range(10**6))}]", 1),
    ),
    "600 nodes": hostile("size-limit", lambda: many(600, 10), path="/nodes", said="600 nodes"),
    "6000 edges": hostile("size-limit", lambda: many(10, 6000), path="/edges", said="6000 edges"),
    "600 nodes in braces": hostile(
        "size-limit",
        lambda: HEADER + NODES + "".join(f"node llm_query q{k} {{ }}\n" for k in range(595)),
        path="/nodes",
    ),
    "6000 edges in braces": hostile(
        "size-limit", lambda: HEADER + NODES + "edge s -> o: influences\n" * 5996, said="5600 statements"
    ),
    "40 million implied numbers": hostile("", lambda: implied(40_000_000)),
    "40 million and one implied numbers": hostile("size-limit", lambda: implied(40_000_001), said="40000001"),
    "21^5 policies": hostile("size-limit", lambda: plans(21, 5), said="4084101 policies"),
    "a string of 64 KiB": hostile("", lambda: lamp("s", description="x" * 65_536)),
    "a string of 64 KiB and 1": hostile("size-limit", lambda: lamp("s", description="x" * 65_537), said="65537 bytes"),
    "a string of 64 KiB in braces": hostile(
        "size-limit", lambda: HEADER + NODES.replace("size: 2", f'size: 2 description: "{"x" * 65_537}"', 1)
    ),
    "64 MiB and 1": hostile("size-limit", lambda: LAMP + " " * (64 * MIB - len(LAMP) + 1), said="67108864 bytes"),
    # numbers that are none
    "NaN": hostile("not-finite", ROOM % "[NaN]", path="/metadata/x/0"),
    "Infinity": hostile("not-finite", ROOM % "[1, -Infinity]", path="/metadata/x/1"),
    "NaN in braces": hostile("not-finite", HEADER + "node state s { size: NaN }", path="/nodes/0/properties/num_states"),
    "1e400": hostile("not-finite", ROOM % "1e400", path="/metadata/x"),
    "1e400 in braces": hostile("not-finite", HEADER + "node belief b { vector: [1e400, 0] }", path="/nodes/0/properties/vector/0"),
    "1e999999999": hostile("not-finite", ROOM % "1e999999999", path="/metadata/x"),
    "-1E+999999999": hostile("not-finite", ROOM % "-1E+999999999", path="/metadata/x"),
    "1e-999999999": hostile("missing-node", ROOM % "1e-999999999"),
    "1e999999999 in sections": hostile("not-finite added-default", "[nodes]\ns: state {num_states: 1e999999999}"),
    "100,000 digits": hostile("not-finite", lambda: ROOM % ("9" * 100_000), path="/metadata/x"),
    "100,000 digits after the point": hostile("missing-node", lambda: ROOM % ("0." + "9" * 100_000)),
    "100,000 digits in braces": hostile(
        "not-finite", lambda: HEADER + f"node state s {{ size: {'9' * 100_000} }}", path="/nodes/0/properties/num_states"
    ),
    # the same again and again
    "1 MiB of one key": hostile(
        "duplicate-key", lambda: "{" + ",".join(['"a":1'] * (MIB // 6)) + "}", path="/a", said="174661 more keys"
    ),
    "NaN and a key that stands twice": hostile(
        "duplicate-key not-finite",
        '{"name": "x", "name": "y", "nodes": [{"id": "s", "type": "state", "properties": {"num_states": NaN}}]}',
        path="/nodes/0/properties/num_states",
    ),
    "NaN behind a key that stands twice": hostile(
        "duplicate-key not-finite", '{"nodes": [{"id": NaN}], "nodes": {}, "nodes": [], "name": "x"}', path="/nodes/0/id"
    ),
    "1 MiB of one field in braces": hostile(
        "duplicate-key", lambda: f"{HEADER}node state s {{ {'size: 2 ' * (MIB // 8)}}}", said="100 fields"
    ),
    "9,000 unknown properties": hostile(
        "unknown-property", lambda: lamp("s", **{f"k{k}": 1 for k in range(9_000)}), said="8000 more properties"
    ),
    "9,000 properties that are nearly known": hostile(
        "schema unknown-property", lambda: lamp("s", **{f"num_state{k}": 1 for k in range(9_000)}), said="7900 more"
    ),
    "60,000 properties": hostile(
        "size-limit", lambda: lamp("s", **{f"k{k}": 1 for k in range(60_000)}), path="/nodes/0/properties", said="60001"
    ),
    "60,000 fields in braces": hostile(
        "size-limit", lambda: f"{HEADER}node state s {{ {' '.join(f'k{k}: 1' for k in range(60_000))} }}", said="10000"
    ),
    "60,000 fields in sections": hostile(
        "size-limit added-default", lambda: f"[nodes]\ns: state {{{', '.join(f'k{k}: 1' for k in range(60_000))}}}"
    ),
    "1 MiB of empty lists": hostile("shape", lambda: lamp("A", matrix=[[]] * (MIB // 3)), path="/nodes/3/properties/matrix"),
    "16 MiB of blanks": hostile("json-syntax", lambda: " " * (16 * MIB), said="empty"),
    "a list": hostile("json-syntax", "[1, 2]", said="expected '{'"),
    "transitions to 100,000 states in braces": hostile(
        "size-limit",
        lambda: f"{HEADER}{NODES}node transition T {{ to: [{', '.join(f's{k}' for k in range(100_000))}] }}",
        said="100000 transitions",
    ),
    "edges between transitions to 2,000 states in braces": hostile(
        "size-limit",
        lambda: f"{HEADER}{NODES}node transition T {{ to: [{', '.join(f's{k}' for k in range(2_000))}] }}\nedge T -> T: influences",
        path="/edges",
    ),
    # letters that are none
    "a key that stands twice": hostile("duplicate-key", '{"name": "x", "nodes": [], "name": "y"}', path="/name"),
    "a field that stands twice": hostile("duplicate-key", HEADER + "node state s { size: 2 size: 3 }"),
    "an argument that stands twice": hostile("duplicate-key", HEADER + "node emission A { matrix: f(a=1, a=2) }"),
    "a lone surrogate, escaped": hostile("json-syntax", ROOM % r'"\ud800"', path="/metadata/x", said="surrogate"),
    "a lone surrogate in a key": hostile("json-syntax", ROOM % r'{"\udc00": 1}', said="surrogate"),
    "a lone surrogate in braces": hostile("text-syntax", HEADER + r'node state s { x: "\ud800" }', said="surrogate"),
    "a lone surrogate, as octets": hostile("json-syntax", ROOM.encode() % b'"\xed\xa0\x80"', said="UTF-8"),
    "octets that are no UTF-8": hostile("json-syntax", prefixed(b"\xff"), said="UTF-8"),
    "an overlong slash": hostile("json-syntax", prefixed(b"\xc0\xaf"), said="UTF-8"),
    "half a letter": hostile("json-syntax", prefixed(b"\xc3"), said="UTF-8"),
    "UTF-16": hostile("json-syntax", LAMP.encode("utf-16"), said="UTF-8"),
    "UTF-16 without a mark": hostile("json-syntax", LAMP.encode("utf-16-le")),
    "UTF-32": hostile("json-syntax", LAMP.encode("utf-32"), said="UTF-8"),
    "a byte-order mark": hostile("", "\ufeff" + LAMP),
    "a byte-order mark in braces": hostile("", "\ufeff" + HEADER + NODES),
    "two byte-order marks": hostile("json-syntax", "\ufeff\ufeff" + LAMP),
    "CRLF": hostile("", LAMP.replace("\n", "\r\n")),
    "CRLF in braces": hostile("", (HEADER + NODES).replace("\n", "\r\n")),
    "CR in braces": hostile("", (HEADER + NODES).replace("\n", "\r")),
    "tabs": hostile("", LAMP.replace(" ", "\t")),
    "tabs in braces": hostile("", (HEADER + NODES).replace(" ", "\t")),
    "a tab in a string": hostile("json-syntax", LAMP.replace('"lamp"', '"la\tmp"')),
    "a NUL": hostile("json-syntax", LAMP.replace('"nodes"', '\x00"nodes"'), said="\\x00"),
    "a NUL in a string": hostile("json-syntax", LAMP.replace('"lamp"', '"la\x00mp"')),
    "an escaped NUL": hostile("", LAMP.replace('"lamp"', r'"la\u0000mp"')),
    "a NUL in braces": hostile("text-syntax", HEADER + NODES.replace("size", "\x00size", 1)),
    "a NUL in a quoted text": hostile("text-syntax", HEADER + NODES.replace("size: 2", 'description: "\x00" size: 2', 1)),
    "1 MiB of NUL": hostile("text-syntax", "\x00" * MIB),
    "1 MiB of NUL in braces": hostile("text-syntax", HEADER + "\x00" * MIB),
    "nothing": hostile("json-syntax", b""),
    "a byte-order mark alone": hostile("json-syntax", b"\xef\xbb\xbf"),
    # signs that send a reader back
    "1 MiB of quotation marks": hostile("json-syntax", lambda: "{" + '"\\"' * (MIB // 3)),
    "1 MiB of quotation marks in braces": hostile("text-syntax", lambda: f"{HEADER}node state s {{ x: {chr(34) * MIB} }}"),
    "1 MiB of apostrophes in braces": hostile("text-syntax", lambda: f"{HEADER}node state s {{ x: {chr(39) * MIB} }}"),
    "1 MiB of half quotes in braces": hostile("text-syntax", lambda: HEADER + 'node state s { x: "\n' * (MIB // 20)),
    "1 MiB of backslashes in braces": hostile("text-syntax", lambda: f'{HEADER}node state s {{ x: "{chr(92) * MIB}'),
    "1 MiB of blanks in braces": hostile("missing-node", lambda: HEADER + " " * MIB),
    "1 MiB of node": hostile("text-syntax", lambda: HEADER + "node " * (MIB // 5)),
    "1 MiB of node lines": hostile("text-syntax", lambda: HEADER + "node\n" * (MIB // 5)),
    "1 MiB of arrows": hostile("text-syntax", lambda: HEADER + "edge " + "->" * (MIB // 2)),
    "1 MiB of commas": hostile("text-syntax", lambda: f"{HEADER}node state s {{ x: [{',' * MIB}] }}"),
    "1 MiB of colons": hostile("text-syntax", lambda: f"{HEADER}node state s {{ x{':' * MIB} }}"),
    "1 MiB of one word": hostile("text-syntax added-default", lambda: "node " + "x" * MIB),
    "1 MiB of minus signs": hostile("size-limit", lambda: f"{HEADER}node state s {{ size: 2 x: {'-' * MIB} }}"),
    "1 MiB of comment": hostile("missing-node", lambda: HEADER + "#" * MIB),
    "1 MiB before a section": hostile("text-syntax added-default", lambda: "x " * (MIB // 2) + "\n[nodes]\n"),
    "1 MiB of [nodes]": hostile("size-limit added-default", lambda: "[nodes]\n" * (MIB // 8)),
    "a list of 1 MiB in sections": hostile(
        "added-default missing-node unknown-property", lambda: f"[nodes]\nq: llm_query {{x: [{'1, ' * (MIB // 3)}1]}}"
    ),
    "a list of 1 MiB without its end": hostile(
        "text-syntax", lambda: f"{HEADER}node state s {{ x: [{'1, ' * (MIB // 3)}"
    ),
    "a list of lists of 1 MiB without its end": hostile(
        "text-syntax", lambda: f"{HEADER}node state s {{ x: [{'[1], ' * (MIB // 5)}"
    ),
}  # fmt: skip

PROGRAM = """\
import resource, sys, time
from tests.fuzz.hostile import DOCUMENTS
from gmn_llm import validate_gmn
import gmn_llm.gmn.array_checks, gmn_llm.gmn.notation.brace, gmn_llm.gmn.notation.section
validate_gmn(DOCUMENTS["CRLF"].octets()), validate_gmn(DOCUMENTS["CRLF in braces"].octets())
validate_gmn(b"[nodes]\\n"), validate_gmn(b"{}")
source = DOCUMENTS[sys.argv[1]].octets()
before, at = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
found = validate_gmn(source).findings
took, after = time.perf_counter() - at, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
codes = ", ".join(sorted({finding.code for finding in found})) or "none"
print(f"{len(source):>10} {1000 * took:>9.1f} ms {(after - before) / 1024:>8.1f} MiB  {sys.argv[1]}: {codes}")
"""


def main() -> None:
    """Print octets, time, memory beyond what was held before, and the findings of each document."""
    for name in DOCUMENTS:
        subprocess.run([sys.executable, "-c", PROGRAM, name], check=False)


if __name__ == "__main__":
    main()

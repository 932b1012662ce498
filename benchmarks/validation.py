"""How long the core takes: reading and checking documents, and expanding them. Prints; asserts nothing.

Run it with ``python benchmarks/validation.py``. Each time is the best of several runs, in milliseconds; memory is the
peak that Python and NumPy asked for.
"""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import TYPE_CHECKING

from gmn_llm.gmn import GMNSpec, validate_gmn
from gmn_llm.gmn.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable

MOVES = ["up", "down", "left", "right", "stay"]


def best(call: Callable[[], object], *, runs: int) -> float:
    """Return the shortest time of ``runs`` calls, in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def peak(call: Callable[[], object]) -> float:
    """Return the most memory that a call holds at a time, in MiB."""
    tracemalloc.start()
    call()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def factors(count: int) -> dict[str, object]:
    """Return a document of ``count`` factors on lines, six nodes and five edges each."""
    nodes: list[dict[str, object]] = []
    edges: list[dict[str, object]] = []
    for f in range(count):
        size = 5 + f
        matrices = {f"A{f}": {"kind": "noisy_identity", "accuracy": 0.9}, f"B{f}": {"kind": "line"}}
        nodes += [
            {"id": f"s{f}", "type": "state", "properties": {"num_states": size}},
            {"id": f"o{f}", "type": "observation", "properties": {"num_observations": size}},
            {"id": f"a{f}", "type": "action", "properties": {"num_actions": 3, "labels": ["left", "right", "stay"]}},
            {"id": f"A{f}", "type": "likelihood", "properties": {"matrix": matrices[f"A{f}"]}},
            {"id": f"B{f}", "type": "transition", "properties": {"matrix": matrices[f"B{f}"]}},
            {"id": f"D{f}", "type": "belief", "properties": {"state": 0}},
        ]
        ends = [(f"s{f}", f"A{f}"), (f"s{f}", f"B{f}"), (f"a{f}", f"B{f}"), (f"D{f}", f"s{f}")]
        edges += [{"source": source, "target": target, "type": "depends_on"} for source, target in ends]
        edges.append({"source": f"A{f}", "target": f"o{f}", "type": "generates"})
    return {"name": f"{count} factors", "nodes": nodes, "edges": edges}


def grid(side: int) -> dict[str, object]:
    """Return a document of a walk on a board of ``side`` x ``side`` with five moves."""
    nodes = [
        {"id": "s", "type": "state", "properties": {"num_states": side * side}},
        {"id": "o", "type": "observation", "properties": {"num_observations": side * side}},
        {"id": "a", "type": "action", "properties": {"num_actions": 5, "labels": MOVES}},
        {"id": "A", "type": "likelihood", "properties": {"matrix": {"kind": "identity"}}},
        {"id": "B", "type": "transition", "properties": {"matrix": {"kind": "grid", "rows": side, "cols": side}}},
    ]
    ends = [("s", "A", "depends_on"), ("A", "o", "generates"), ("s", "B", "depends_on"), ("a", "B", "depends_on")]
    edges = [{"source": source, "target": target, "type": kind} for source, target, kind in ends]
    return {"name": f"{side} x {side}", "nodes": nodes, "edges": edges}


def main() -> None:
    """Print the table."""
    for document in (factors(1), factors(5), grid(5)):
        text = json.dumps(document)
        nodes = len(json.loads(text)["nodes"])
        spec = GMNSpec.parse(text)
        print(f"{document['name']}: {nodes} nodes, {len(text)} characters")
        for what, call in (
            ("text: read and meet the schema", lambda text=text: read(text)),
            ("text: read and check all", lambda text=text: validate_gmn(text)),
            ("mapping: read and check all", lambda document=document: validate_gmn(document)),
            ("text to GMNSpec", lambda text=text: GMNSpec.parse(text)),
            ("GMNSpec to findings", spec.findings),
            ("GMNSpec to its expansion", spec.expand),
            ("GMNSpec to arrays", spec.to_pymdp),
        ):
            print(f"  {what:34} {best(call, runs=100):10.3f} ms")
    for side in (10, 50):
        spec = GMNSpec.parse(grid(side))
        print(f"{side} x {side} with five moves: {5 * side**4} numbers in B")
        for what, call in (("arrays", spec.to_pymdp), ("expansion", spec.expand)):
            print(f"  {what:34} {best(call, runs=3):10.3f} ms {peak(call):10.1f} MiB")


if __name__ == "__main__":
    main()

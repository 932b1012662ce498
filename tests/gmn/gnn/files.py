"""GNN files for tests, and a second, independent reading of what GNN's strict checks ask of one."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

LAMP = """\
## GNNSection
ActInfPOMDP

## GNNVersionAndFlags
GNN v1

## ModelName
A lamp with two states

## StateSpaceBlock
A[2,2,type=float]    # what is seen of the lamp
B[2,2,2,type=float]
C[2,type=float]
D[2,type=float]
s[2,1,type=float]
o[2,1,type=int]
π[2,type=float]
u[1,type=int]
t[1,type=int]

## Connections
D>s
s-A
A-o
s-B
C>G
G>π
π>u

## InitialParameterization
A={
  (0.9, 0.2),   # lit
  (0.1, 0.8)
}
# the switch: stay, toggle
B={
  ( (1.0, 0.0), (0.25, 1.0) ),
  ( (0.0, 1.0), (0.75, 0.0) )
}
C={(1.5, 0.0)}
D={(0.5, 0.5)}

## Time
Time=t
Dynamic
Discrete
ModelTimeHorizon=Unbounded

## ActInfOntologyAnnotation
A=LikelihoodMatrix
s=HiddenState

## ModelParameters
num_hidden_states: 2

## Footer
The end of the lamp.
"""
REQUIRED = ["GNNSection", "GNNVersionAndFlags", "ModelName", "StateSpaceBlock", "Connections"]
ORDER = [
    *REQUIRED[:3], "ModelAnnotation", *REQUIRED[3:], "InitialParameterization", "Time", "ActInfOntologyAnnotation",
    "ModelParameters", "Footer", "Signature",
]  # fmt: skip
NAME = r"[A-Za-z_π'][A-Za-z0-9_π']*"
DECLARATION = re.compile(rf"({NAME})\[([0-9]+(?:,[0-9]+)*),type=(float|int|bool)\](?:\s+#.*)?")
CONNECTION = re.compile(rf"({NAME})[>-]({NAME})")


def sections(text: str) -> dict[str, str]:
    """The sections of a file, as a reader with ``splitlines`` finds them."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.strip().startswith("## "):
            current = found.setdefault(line.strip()[3:].strip(), [])
        else:
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def code(section: str) -> list[str]:
    """The lines of a section that are no comments."""
    return [line.strip() for line in section.splitlines() if line.strip() and not line.strip().startswith("#")]


def strictly_read(text: str) -> dict[str, np.ndarray]:
    """The arrays of a file, by GNN's strict rules; an assertion fails where it breaks one.

    The sections stand in their order; each declaration has a type; each connection is between two declared variables,
    with nothing behind it; each array is nested tuples within braces that Python takes for an array of the sizes
    declared (a vector may be a single row).
    """
    found = sections(text)
    assert [name for name in ORDER if name in found] == list(found)
    assert set(REQUIRED) <= set(found)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", found["GNNSection"])
    assert re.fullmatch(r"GNN v1(\.1)?", found["GNNVersionAndFlags"])
    assert found["ModelName"]
    sizes: dict[str, tuple[int, ...]] = {}
    for line in code(found["StateSpaceBlock"]):
        match = DECLARATION.fullmatch(line)
        assert match, line
        assert match[1] not in sizes, line
        sizes[match[1]] = tuple(map(int, match[2].split(",")))
    for line in code(found["Connections"]):
        match = CONNECTION.fullmatch(line)
        assert match, line
        assert {match[1], match[2]} <= sizes.keys(), line
    arrays = {}
    for part in re.split(rf"^(?={NAME}=)", "\n".join(code(found["InitialParameterization"])), flags=re.MULTILINE)[1:]:
        name, _, value = part.partition("=")
        array = np.array(ast.literal_eval(value.strip().replace("{", "[").replace("}", "]")), dtype=float)
        if len(sizes[name]) == 1 and array.shape == (1, *sizes[name]):
            array = array[0]
        assert array.shape == sizes[name], name
        arrays[name] = array
    return arrays


def said(document: dict[str, Any], *types: str) -> dict[str, tuple[str, object, object]]:
    """Type, labels and description of the nodes of some types, by id."""
    return {
        node["id"]: (node["type"], node["properties"].get("labels"), node["properties"].get("description"))
        for node in document["nodes"]
        if node["type"] in types
    }

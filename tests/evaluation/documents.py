"""Documents by hand, each of which means one thing that an expectation may be about."""

from __future__ import annotations

from typing import Any

from gmn_llm.evaluation.view import View
from gmn_llm.gmn import GMNSpec

__all__ = ["BOARD", "BOARD_OF_TWO", "MARKET", "MOVES", "ROOMS", "document", "view"]

SIZES = {"state": "num_states", "observation": "num_observations", "action": "num_actions"}
ABOUT = {"preference", "belief"}


def document(name: str, **parts: tuple[Any, ...]) -> dict[str, Any]:
    """Return a document; a part is its type and size (or labels), or its type, what it is tied to and properties."""
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, str]] = []
    for part, (kind, said, *rest) in parts.items():
        if kind in SIZES:
            labels = {"labels": said} if isinstance(said, list) else {}
            size = len(said) if isinstance(said, list) else said
            nodes.append({"id": part, "type": kind, "properties": {SIZES[kind]: size, **labels}})
            continue
        nodes.append({"id": part, "type": kind, "properties": rest[0] if rest else {}})
        *parents, target = said
        edges += [{"source": parent, "target": part, "type": "depends_on"} for parent in parents]
        if kind in ABOUT:
            edges.append({"source": part, "target": target, "type": "depends_on"})
        elif target:
            made = "generates" if kind == "likelihood" else "updates"
            edges.append({"source": part, "target": target, "type": made})
    return {"name": name, "nodes": nodes, "edges": edges}


def view(given: dict[str, Any]) -> View:
    """Return the view of a document."""
    return View.of(GMNSpec.parse(given).valid())


MOVES = {"move_up": [-1, 0], "go_down": [1, 0], "turnLeft": [0, -1], "right": [0, 1], "stay": [0, 0]}
BOARD = document(
    "board",
    position=("state", 12),
    seen=("observation", 12),
    move=("action", list(MOVES)),
    sight=("likelihood", ("position", "seen"), {"matrix": {"kind": "noisy_identity", "accuracy": 0.8}}),
    steps=(
        "transition",
        ("position", "move", "position"),
        {"matrix": {"kind": "grid", "rows": 3, "cols": 4, "slip": 0.1, "walls": [[1, 1]], "moves": MOVES}},
    ),
    wish=("preference", ("seen",), {"vector": [0, 0, 0, 0, 0, 0, 0, -3, 0, 0, 0, 2]}),
    start=("belief", ("position",), {"state": 4}),
    policy=("policy", ("",), {"policy_len": 3}),
)
ROOMS = document(
    "rooms",
    room=("state", ["kitchen", "bed_room", "hall"]),
    food=("observation", ["none", "there"]),
    go=("action", ["to_kitchen", "to_bed", "to_hall"]),
    nose=("likelihood", ("room", "food"), {"matrix": {"kind": "rules", "rules": [{"when": {"room": "hall"}, "then": {"there": 0.9}}]}}),
    walk=("transition", ("room", "go", "room"), {"matrix": {"kind": "set"}}),
    wish=("preference", ("food",), {"values": {"there": 2.0}}),
)  # fmt: skip
MARKET = document(
    "market",
    regime=("state", ["bear", "bull"]),
    holding=("state", ["flat", "long"]),
    trend=("observation", ["down", "up"]),
    order=("action", ["sell", "buy"]),
    idle=("action", 2),
    news=("likelihood", ("regime", "trend"), {"matrix": [[0.9, 0.3], [0.1, 0.7]]}),
    turns=("transition", ("regime", "regime"), {"matrix": [[[0.8], [0.1]], [[0.2], [0.9]]]}),
    trades=("transition", ("holding", "order", "holding"), {"matrix": {"kind": "set", "reliability": 0.7}}),
    now=("belief", ("regime",), {"state": "bull"}),
)
BOARD_OF_TWO = document(
    "two",
    row=("state", 3),
    col=("state", 4),
    row_seen=("observation", 3),
    col_seen=("observation", 4),
    vertical=("action", ["up", "down", "stay"]),
    level=("action", ["left", "right", "stay"]),
    a1=("likelihood", ("row", "row_seen"), {"matrix": {"kind": "identity"}}),
    a2=("likelihood", ("col", "col_seen"), {"matrix": {"kind": "identity"}}),
    b1=("transition", ("row", "vertical", "row"), {"matrix": {"kind": "line", "moves": {"up": -1, "down": 1}}}),
    b2=("transition", ("col", "level", "col"), {"matrix": {"kind": "cycle"}}),
    c1=("preference", ("row_seen",), {"preferred_observation": 2}),
    c2=("preference", ("col_seen",), {"preferred_observation": 3}),
    d1=("belief", ("row",), {"state": 0}),
    d2=("belief", ("col",), {"state": 0}),
)

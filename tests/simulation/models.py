"""Small models whose runs can be told beforehand."""

from __future__ import annotations

from gmn_llm.gmn import GMNSpec
from tests.gmn.builders import Graph

PLACES = ["centre", "left", "right", "cue"]


def walk(*, policy_len: int = 4, **policy: object) -> GMNSpec:
    """A line of five cells that is seen as it is, from its left end to the goal at its right end."""
    graph = Graph().axes("state", cell=5).axes("observation", seen=5).axes("action", go=["left", "right", "stay"])
    graph.likelihood("A", "seen", ["cell"], {"kind": "identity"})
    graph.transition("B", ["cell", "go"], {"kind": "line"})
    graph.subject("C", "preference", "seen", vector=[0, 1, 2, 3, 4])
    graph.subject("D", "belief", "cell", state=0)
    return graph.node("plan", "policy", policy_len=policy_len, **policy).spec


def maze() -> GMNSpec:
    """A T-maze: the reward lies left or right for good, which only the cue tells; an arm is not left again."""
    graph = Graph().axes("state", place=PLACES, reward=["left", "right"])
    graph.axes("observation", where=PLACES, told=["nothing", "left", "right"], got=["nothing", "cheese", "shock"])
    graph.axes("action", go=PLACES)
    graph.likelihood("A1", "where", ["place"], {"kind": "identity"})
    rules = [{"when": {"place": "cue", "reward": side}, "then": {side: 1}} for side in ("left", "right")]
    graph.likelihood("A2", "told", ["place", "reward"], {"kind": "rules", "rules": rules, "otherwise": "nothing"})
    rules = [
        {"when": {"place": arm, "reward": side}, "then": {"cheese" if arm == side else "shock": 1}}
        for arm in ("left", "right")
        for side in ("left", "right")
    ]
    graph.likelihood("A3", "got", ["place", "reward"], {"kind": "rules", "rules": rules, "otherwise": "nothing"})
    rules = [{"when": {"place": arm}, "then": {arm: 1}} for arm in ("left", "right")]
    rules += [{"when": {"go": place}, "then": {place: 1}} for place in PLACES]
    graph.transition("B1", ["place", "go"], {"kind": "rules", "rules": rules})
    graph.transition("B2", ["reward"], {"kind": "identity"})
    graph.subject("C", "preference", "got", values={"nothing": 0, "cheese": 3, "shock": -6})
    graph.subject("D1", "belief", "place", state="centre")
    graph.subject("D2", "belief", "reward", vector=[0.5, 0.5])
    return graph.node("plan", "policy", policy_len=2).spec


def shared() -> GMNSpec:
    """Two actions: both drive ``x``, one of them drives ``y`` as well; ``z`` follows ``y``, and nothing drives it."""
    graph = Graph().axes("state", x=4, y=3, z=3).axes("observation", saw_x=4, saw_y=3).axes("action", idle=2, a=2, b=3)
    graph.likelihood("A1", "saw_x", ["x"], {"kind": "identity"})
    graph.likelihood("A2", "saw_y", ["y"], {"kind": "identity"})
    rules = [
        {"when": {"x": x, "a": a, "b": b}, "then": {str((x + 2 * a + b) % 4): 1}}
        for x in range(4)
        for a in range(2)
        for b in range(3)
    ]
    graph.transition("B1", ["x", "b", "a"], {"kind": "rules", "rules": rules}, factor="x")
    graph.transition("B2", ["y", "a"], {"kind": "cycle", "moves": {"1": 1}}, factor="y")
    rules = [{"when": {"y": y}, "then": {str(y): 1}} for y in range(3)]
    graph.transition("B3", ["y", "z"], {"kind": "rules", "rules": rules}, factor="z")
    graph.subject("C1", "preference", "saw_x", preferred_observation=3)
    graph.subject("C2", "preference", "saw_y", vector=[0, 1, 2])
    for factor in ("x", "y", "z"):
        graph.subject(f"D_{factor}", "belief", factor, state=0)
    return graph.spec

"""From a plan to the canonical document: nodes, edges and named matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.dynamics import transition_matrix
from gmn_llm.mock.geometry import cells_of, distances
from gmn_llm.mock.perception import likelihood_matrix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.mock.plan import Factor, Plan, Sense, Wish

__all__ = ["MOST_POLICIES", "edge", "horizon_of", "node", "preference", "write"]

MOST_POLICIES: Final = 20_000
_FARTHEST: Final = 64
_SWIFT: Final = 150
_GRADED: Final = 400


def write(plan: Plan, metadata: Mapping[str, object]) -> dict[str, object]:
    """Return the document of ``plan``; its matrices are named, never written out."""
    nodes: list[dict[str, object]] = []
    edges: list[dict[str, object]] = []
    nodes.extend(node(factor.id, "state", num_states=factor.size, labels=factor.labels) for factor in plan.factors)
    for sense in plan.senses:
        size, labels = plan.outcomes(sense)
        nodes.append(node(sense.id, "observation", num_observations=size, labels=labels))
    control = plan.control
    nodes.append(node(control.id, "action", num_actions=len(control.labels), labels=control.labels))
    for sense in plan.senses:
        _write_sense(plan, sense, nodes, edges)
    for factor in plan.factors:
        _write_factor(plan, factor, nodes, edges)
    for wish in plan.wishes:
        name = f"{wish.sense}_preference"
        nodes.append(node(name, "preference", **preference(plan, wish)))
        edges.append(edge(name, wish.sense, "depends_on"))
    if plan.with_beliefs:
        _write_beliefs(plan, nodes, edges)
    if plan.with_policy:
        nodes.append(node("policy", "policy", **_policy(plan)))
        edges.append(edge("policy", control.id, "influences"))
    if plan.with_query:
        _write_query(plan, nodes, edges)
    return {
        "name": plan.name,
        "description": plan.description,
        "version": "1.0.0",
        "nodes": nodes,
        "edges": edges,
        "metadata": dict(metadata),
    }


def node(name: str, kind: str, **properties: object) -> dict[str, object]:
    """Return a node; labels that are empty are left out."""
    kept = {key: list(value) if isinstance(value, tuple) else value for key, value in properties.items() if value != ()}
    return {"id": name, "type": kind, "properties": kept}


def edge(source: str, target: str, kind: str) -> dict[str, object]:
    """Return an edge."""
    return {"source": source, "target": target, "type": kind}


def horizon_of(plan: Plan) -> int:
    """Return the steps planned ahead: as asked, else as far as few policies and small arrays allow."""
    actions = max(len(plan.control.labels), 1)
    most = MOST_POLICIES if plan.horizon_asked else _SWIFT
    wanted = min(plan.horizon or 2, _FARTHEST)
    while wanted > 1 and actions**wanted > most:
        wanted -= 1
    if not plan.horizon_asked and max(factor.size for factor in plan.factors) > 200:
        return 1
    return wanted


def preference(plan: Plan, wish: Wish) -> dict[str, object]:
    """Return the properties of a preference node."""
    sense = next(sense for sense in plan.senses if sense.id == wish.sense)
    size, labels = plan.outcomes(sense)
    if wish.values:
        return {"values": {label: value for label, value in wish.values.items() if label in labels}}
    factor = plan.factor(sense.about[0])
    best = [cell for spot in wish.best for cell in cells_of(factor, spot)]
    if sense.kind == "zones":
        return {"preferred_observation": best[0] * size // factor.size if best else 0}
    if len(best) == 1 and not wish.worst and (size > _GRADED or factor.kind == "set"):
        return {"preferred_observation": labels[best[0]] if labels else best[0]}
    return {"vector": _landscape(factor, wish, best)}


def _landscape(factor: Factor, wish: Wish, best: list[int]) -> list[float]:
    """Return log-preferences that fall evenly with the steps from the nearest of ``best``, pits cut out."""
    if best:
        steps = distances(factor, best)
        most = max(1, *steps)
        values = [round(wish.weight * (1 - step / most), 6) for step in steps]
    elif wish.homely:
        home = cells_of(factor, factor.start) if factor.start is not None else (0,)
        steps = distances(factor, home)
        most = max(1, *steps)
        values = [round(-0.5 * step / most, 6) + 0.0 for step in steps]
    else:
        values = [0.0] * factor.size
    for spot in wish.worst:
        for cell in cells_of(factor, spot):
            if cell not in best:
                values[cell] = wish.fear
    return values


def _write_sense(plan: Plan, sense: Sense, nodes: list[dict[str, object]], edges: list[dict[str, object]]) -> None:
    name = f"{sense.id}_likelihood"
    nodes.append(node(name, "likelihood", matrix=likelihood_matrix(plan, sense)))
    edges.extend(edge(about, name, "depends_on") for about in sense.about)
    edges.append(edge(name, sense.id, "generates"))


def _write_factor(plan: Plan, factor: Factor, nodes: list[dict[str, object]], edges: list[dict[str, object]]) -> None:
    name = f"{factor.id}_transition"
    more = {"factor": factor.id} if factor.parents else {}
    nodes.append(node(name, "transition", matrix=transition_matrix(plan, factor), **more))
    edges.extend(edge(parent, name, "depends_on") for parent in (factor.id, *factor.parents))
    if factor.driven:
        edges.append(edge(plan.control.id, name, "depends_on"))


def _write_beliefs(plan: Plan, nodes: list[dict[str, object]], edges: list[dict[str, object]]) -> None:
    for factor in plan.factors:
        name = f"{factor.id}_start"
        nodes.append(node(name, "belief", **_belief(factor)))
        edges.append(edge(name, factor.id, "depends_on"))


def _belief(factor: Factor) -> dict[str, object]:
    if factor.lost:
        return {"vector": [1.0 / factor.size] * factor.size}
    cells = cells_of(factor, factor.start) if factor.start is not None else (0,)
    if len(cells) > 1:
        inside = frozenset(cells)
        return {"vector": [1.0 / len(inside) if cell in inside else 0.0 for cell in range(factor.size)]}
    cell = cells[0] if cells else 0
    return {"state": factor.labels[cell] if factor.labels else cell}


def _policy(plan: Plan) -> dict[str, object]:
    properties: dict[str, object] = {"policy_len": horizon_of(plan), "use_states_info_gain": plan.curious}
    if plan.gamma is not None:
        properties["gamma"] = plan.gamma
    return properties


def _write_query(plan: Plan, nodes: list[dict[str, object]], edges: list[dict[str, object]]) -> None:
    seen = plan.senses[0].id
    nodes.append(
        node(
            "advice",
            "llm_query",
            trigger_condition="on_uncertainty",
            prompt_template=f"Given {{{seen}}}, which action is best?",
            response_parser="text",
        )
    )
    edges.append(edge(seen, "advice", "queries"))

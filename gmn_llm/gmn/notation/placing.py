"""Which edges a document's text can leave to the fields of its nodes, so that their order stays the same.

Reading adds the edges node by node, in the order of the fields. A node may say its edges by fields where they
stand together in the document, in the order of the nodes; the others are written as statements in between.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from gmn_llm.gmn.notation.fields import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Placed", "placed"]

NAMED = ("source", "target", "type")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the edges of a document go.

    Attributes:
        fields: For each node its edge fields in order, each with the names it lists.
        before: For each node the edges written as statements before it; the last entry is for the end.
    """

    fields: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    before: tuple[tuple[int, ...], ...]


def placed(nodes: Sequence[Mapping[str, object]], edges: Sequence[Mapping[str, object]]) -> Placed:
    """Share the edges out between fields and statements, as many as can be to the fields."""
    owners = _owners(nodes, edges)
    blocks = {node: owners[node] for node in sorted(owners) if _is_block(owners[node])}
    chosen = _rising([(node, block[0].edge) for node, block in blocks.items()])
    fields: list[tuple[tuple[str, tuple[str, ...]], ...]] = []
    before: list[tuple[int, ...]] = []
    done = 0
    for node in range(len(nodes)):
        if node not in chosen:
            fields.append(())
            before.append(())
            continue
        block = blocks[node]
        before.append(tuple(range(done, block[0].edge)))
        fields.append(_as_fields(block))
        done = block[-1].edge + 1
    before.append(tuple(range(done, len(edges))))
    return Placed(tuple(fields), tuple(before))


@dataclass(frozen=True, slots=True)
class _Said:
    """An edge, by its index, that a field of a node can say."""

    edge: int
    field: str
    name: str


def _owners(nodes: Sequence[Mapping[str, object]], edges: Sequence[Mapping[str, object]]) -> dict[int, list[_Said]]:
    indices: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        indices.setdefault(str(node["id"]), []).append(index)
    kinds = {name: kind_of(str(nodes[found[0]]["type"])) for name, found in indices.items()}
    owners: dict[int, list[_Said]] = {}
    for number, edge in enumerate(edges):
        said = None if any(edge.get(key) for key in edge if key not in NAMED) else _said(edge, number, kinds)
        if said is not None and len(indices[said[0]]) == 1:
            owners.setdefault(indices[said[0]][0], []).append(said[1])
    return owners


def _said(edge: Mapping[str, object], number: int, kinds: Mapping[str, str]) -> tuple[str, _Said] | None:
    """Return the node that has a field for the edge, and what the field says."""
    source, target = str(edge["source"]), str(edge["target"])
    if edge["type"] == "depends_on":
        if kinds.get(target) in ("likelihood", "transition"):
            return target, _Said(number, "from", source)
        if kinds.get(source) in ("preference", "belief"):
            return source, _Said(number, "state" if kinds.get(target) == "state" else "observation", target)
    if edge["type"] == "generates" and kinds.get(source) == "likelihood":
        return source, _Said(number, "to", target)
    return None


def _is_block(said: list[_Said]) -> bool:
    """Tell whether the edges stand together and each field is needed once."""
    together = said[-1].edge - said[0].edge == len(said) - 1
    changes = sum(one.field != other.field for one, other in pairwise(said))
    return together and changes + 1 == len({one.field for one in said})


def _as_fields(said: list[_Said]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    names: dict[str, list[str]] = {}
    for one in said:
        names.setdefault(one.field, []).append(one.name)
    return tuple((field, tuple(listed)) for field, listed in names.items())


def _rising(starts: list[tuple[int, int]]) -> set[int]:
    """Return the nodes of a longest choice whose first edges rise with the nodes (patience sorting)."""
    tails: list[int] = []
    last: list[int] = []  # index into `starts` of each tail
    before: list[int | None] = []
    for index, (_, start) in enumerate(starts):
        pile = bisect_left(tails, start)
        before.append(last[pile - 1] if pile else None)
        tails[pile:], last[pile:] = [start, *tails[pile + 1 :]], [index, *last[pile + 1 :]]
    chosen: set[int] = set()
    index_or_none = last[-1] if last else None
    while index_or_none is not None:
        chosen.add(starts[index_or_none][0])
        index_or_none = before[index_or_none]
    return chosen

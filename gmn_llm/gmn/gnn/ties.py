"""Factors, modalities and actions of a GNN file, and which of them each array is about, depends on and is driven by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice, permutations
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.gnn.names import identifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gmn_llm.gmn.gnn.statements import Place
    from gmn_llm.gmn.gnn.variables import Variable, Variables

__all__ = ["TYPES", "Axis", "Ids", "Ties"]

MOST_ORDERS = 5_040
TYPES = {"s": "state", "o": "observation", "u": "action"}
EXAMPLES = {"s": "s[3,1,type=float]", "o": "o[3,1,type=int]"}


@dataclass(frozen=True, slots=True)
class Axis:
    """A factor, modality or action: its ending in the file, its node's id, and its size."""

    suffix: str
    id: str
    size: int


class Ids:
    """The ids of the nodes: those that notes give, or else the names of the variables."""

    def __init__(self, notes: Mapping[str, Mapping[str, object]]) -> None:
        self._notes = notes
        self._taken = {str(note["id"]) for note in notes.values() if "id" in note}

    def of(self, name: str) -> str:
        """Return the id for a variable; one that no note gives is used once."""
        given = self._notes.get(name, {}).get("id")
        if isinstance(given, str):
            return given
        wanted = identifier(name)
        free, count = wanted, 2
        while free in self._taken:
            free, count = f"{wanted}_{count}", count + 1
        self._taken.add(free)
        return free


class Ties:
    """What belongs to what in one file.

    Attributes:
        factors: By the ending of their names, in the order of the file; so ``modalities`` and ``actions``.
        findings: What can't be told, or does not agree.
    """

    def __init__(self, variables: Variables, ids: Ids) -> None:
        self.variables = variables
        self.findings: list[Finding] = []
        self._ids = ids
        self.factors = self._axes("s", "BD")
        self.modalities = self._axes("o", "AC")
        self._beyond = {b.name: self._beyond_states(b) for b in variables.of("B")}
        self._made: dict[str, Axis] = {}
        self.actions = self._actions()

    def _tell(self, code: str, message: str, hint: str, place: Place) -> None:
        self.findings.append(Finding(code, "", message, hint, *place))

    # The axes

    def _axes(self, letter: str, others: str) -> dict[str, Axis]:
        """Return the axes of a letter; where none is declared, those that the letters ``others`` imply."""
        own = self.variables.by_letter[letter]
        axes = {
            suffix: Axis(suffix, self._ids.of(variable.name), self._size(variable))
            for suffix, variable in own.items()
            if self._is_axis(variable, own, others)
        }
        for other in "" if axes else others:
            for suffix, variable in self.variables.by_letter[other].items():
                if suffix not in axes:
                    name = f"{letter}_{suffix}" if suffix else letter
                    axes[suffix] = Axis(suffix, self._ids.of(name), variable.dims[0])
        if not axes:
            declared = self.variables.statements.declarations
            message = f"there is no {TYPES[letter]}: neither `{letter}` nor an array that has one is declared"
            hint = f"declare it in StateSpaceBlock: `{EXAMPLES[letter]}`"
            self._tell("missing-node", message, hint, declared[0].place if declared else (1, 1))
        return axes

    def _size(self, variable: Variable) -> int:
        if sum(dim > 1 for dim in variable.dims) > 1:
            message = f"{quote(variable.name)} has the sizes {variable.dims} where one is expected"
            self._tell("shape", message, "a number of values, and 1", variable.declared.place)
        return max(variable.dims)

    def _is_axis(self, variable: Variable, own: Mapping[str, Variable], others: str) -> bool:
        """Beside a plain ``s``, an ``s_tau1`` without arrays of its own is the same factor at another time."""
        suffix = variable.role.suffix
        if not suffix or "" not in own or any(suffix in self.variables.by_letter[other] for other in others):
            return True
        message = f"{quote(variable.name)} has no arrays of its own beside {quote(own[''].name)} and is left out"
        self._tell("unknown-property", message, "it is taken for the same at another time", variable.declared.place)
        return False

    def _actions(self) -> dict[str, Axis]:
        """Return the actions, with the size that is declared or, where it is 1, that of an array they drive.

        GNN's own files declare ``u`` as a mere index, and one ``u`` for several arrays that differ in their number of
        choices; each array but the first then has an action of its own.
        """
        sizes = {action.role.suffix: self._size(action) for action in self.variables.of("u")}
        actions: dict[str, Axis] = {}
        for b in self.variables.of("B"):
            beyond = self._beyond[b.name]
            if beyond is None or len(beyond) != 1 or beyond == (1,):
                continue
            drivers = self._drivers(b)
            vague = [suffix for suffix in drivers if sizes[suffix] == 1]
            if vague and not any(sizes[suffix] == beyond[0] for suffix in drivers):
                sizes[vague[0]] = beyond[0]
            elif not drivers or (len(sizes) == 1 and sizes[drivers[0]] != beyond[0] and self._is_index(drivers[0])):
                name = f"u_{b.role.suffix}" if b.role.suffix else "u"
                self._made[b.name] = Axis(b.role.suffix, self._ids.of(name), beyond[0])
        for action in self.variables.of("u"):
            suffix = action.role.suffix
            actions[suffix] = Axis(suffix, self._ids.of(action.name), sizes[suffix])
        actions |= {f"{name} drives": axis for name, axis in self._made.items()}
        return actions or self._only_choice()

    def _is_index(self, suffix: str) -> bool:
        return self.variables.by_letter["u"][suffix].dims == (1,)

    def _only_choice(self) -> dict[str, Axis]:
        """Return an action that leaves no choice, for a document has one; it drives the first array."""
        arrays = self.variables.of("B")
        message = "there is no action: one with a single choice stands in"
        hint = "declare `u`, and an axis for it in B"
        self._tell("added-default", message, hint, arrays[0].declared.place if arrays else (1, 1))
        action = Axis("", self._ids.of("u"), 1)
        if arrays:
            self._made[arrays[0].name] = action
        return {"": action}

    def _beyond_states(self, b: Variable) -> tuple[int, ...] | None:
        """Return the sizes of B that belong to no state, or None where those of its states are not among them."""
        left = Counter(b.dims)
        left.subtract(axis.size for axis in (*self._own_factor(b), *self.parents(b)))
        if any(count < 0 for count in left.values()):
            return None
        return tuple(left.elements())

    def _own_factor(self, b: Variable) -> tuple[Axis, ...]:
        factor = self.factor(b)
        return () if factor is None else (factor,)

    def _drivers(self, b: Variable) -> list[str]:
        """Return the endings of the actions of a B: those connected with it, of its name, or the only one."""
        declared = self.variables.by_letter["u"]
        tied = [*self.variables.tied(b.name, "u"), *self.variables.tied(b.name, "u", outward=True)]
        if tied:
            return list(dict.fromkeys(tied))
        if b.role.suffix in declared:
            return [b.role.suffix]
        return list(declared) if len(declared) == 1 and self._beyond[b.name] not in ((), (1,), None) else []

    # What an array is about

    def factor(self, variable: Variable) -> Axis | None:
        """Return the factor of a B or D, or None where that can't be told."""
        return self._own(variable, "s", self.factors)

    def modality(self, variable: Variable) -> Axis | None:
        """Return the modality of an A or C, or None where that can't be told."""
        return self._own(variable, "o", self.modalities)

    def _own(self, variable: Variable, letter: str, axes: Mapping[str, Axis]) -> Axis | None:
        """Return what has the same ending, or is connected with the array, or is the only one."""
        if variable.role.suffix in axes:
            return axes[variable.role.suffix]
        tied = {
            suffix
            for outward in (True, False)
            for suffix in self.variables.tied(variable.name, letter, outward=outward)
            if suffix in axes
        }
        if len(tied) == 1:
            return axes[tied.pop()]
        alone = len(axes) == 1 and len(self.variables.of(variable.role.letter)) == 1
        return next(iter(axes.values())) if alone else None

    def parents(self, variable: Variable) -> list[Axis]:
        """Return the factors an A or B depends on: in the order of its sizes, or else of its connections.

        B has its own factor among them, first where no connection says so. An A without any depends on all, if it has
        as many axes.
        """
        tied = [self.factors[suffix] for suffix in self.variables.tied(variable.name, "s") if suffix in self.factors]
        if variable.role.letter == "B":
            factor = self.factor(variable)
            if factor is None:
                return tied
            return _as_declared(tied if factor in tied else [factor, *tied], variable.dims, factor.size)
        if not tied and (len(self.factors) == 1 or len(variable.dims) == 1 + len(self.factors)):
            tied = list(self.factors.values())
        modality = self.modality(variable)
        return tied if modality is None else _as_declared(tied, variable.dims, modality.size)

    def controls(self, b: Variable) -> list[Axis]:
        """Return the actions that a B has an axis for, in the order of its connections."""
        if b.name in self._made:
            return [self._made[b.name]]
        beyond, tied = self._beyond[b.name], [self.actions[suffix] for suffix in self._drivers(b)]
        if not beyond or (beyond == (1,) and not any(axis.size == 1 for axis in tied)):
            return []
        return tied if len(tied) <= len(beyond) else [axis for axis in tied if axis.size in beyond]


def _as_declared(parents: list[Axis], dims: Sequence[int], first: int) -> list[Axis]:
    """Return ``parents`` in the order of the sizes declared, where that of the connections does not fit them."""
    count = len(parents)
    if dims[:1] == (first,):
        sizes = tuple(dims[1 : 1 + count])
        for order in islice(permutations(parents), MOST_ORDERS):
            if tuple(axis.size for axis in order) == sizes:
                return list(order)
    return parents

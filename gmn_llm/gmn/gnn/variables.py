"""The variables of a GNN file by what they are: sizes of the axes, numbers of the arrays, and who is tied to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.gnn.names import GAUSSIAN, Role, is_inert, is_of_several, role_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gmn_llm.gmn.gnn.statements import Assignment, Declaration, Place, Statements

__all__ = ["Variable", "Variables"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable that has a role.

    Attributes:
        name: Its name in the file.
        role: What it is.
        dims: Its size along each axis.
        declared: Where and how.
        given: Its numbers, or None.
    """

    name: str
    role: Role
    dims: tuple[int, ...]
    declared: Declaration
    given: Assignment | None

    @property
    def place(self) -> Place:
        """Where its numbers are, or else where it is declared."""
        return self.given.place if self.given is not None else self.declared.place

    @property
    def size(self) -> int:
        """The number of its values, if it is a vector."""
        return math.prod(self.dims)


class Variables:
    """The variables of one file.

    Args:
        statements: What the file says.
        parameters: Whole numbers by name, which sizes may refer to.
        terms: The ontology's term of each variable.
    """

    def __init__(self, statements: Statements, parameters: Mapping[str, int], terms: Mapping[str, str]) -> None:
        self.findings: list[Finding] = []
        self.statements = statements
        self.parameters = parameters
        self.declarations: dict[str, Declaration] = {}
        self.given: dict[str, Assignment] = {}
        self.by_letter: dict[str, dict[str, Variable]] = {letter: {} for letter in "ABCDEsou"}
        self.left_out: list[str] = []
        self._collect()
        self._sort(terms)
        self._check_names()

    def _tell(self, code: str, message: str, hint: str, place: Place) -> None:
        self.findings.append(Finding(code, "", message, hint, *place))

    def _collect(self) -> None:
        for declared in self.statements.declarations:
            if declared.name in self.declarations:
                message = f"the variable {quote(declared.name)} is declared twice"
                self._tell("duplicate-id", message, "keep one of them", declared.place)
            self.declarations.setdefault(declared.name, declared)
        for given in self.statements.assignments:
            if given.name in self.given:
                message = f"the numbers of {quote(given.name)} are given twice"
                self._tell("duplicate-key", message, "keep one of them", given.place)
            self.given.setdefault(given.name, given)

    def _sort(self, terms: Mapping[str, str]) -> None:
        """Give each variable its role; what has none is left out."""
        several = False
        for name, declared in self.declarations.items():
            role = role_of(name, terms)
            if is_of_several(name):
                if not several:
                    message = f"{quote(name)} belongs to one of several levels or agents"
                    self._tell("unsupported", message, "a document is one agent with one level", declared.place)
                several = True
            elif role is None:
                self._leave_out(declared)
            elif not declared.dims:
                message = f"{quote(name)} is declared without a size"
                self._tell("shape", message, "write it as `A[3,2,type=float]`", declared.place)
            elif (dims := self._dims(declared)) is not None:
                self.by_letter[role.letter][role.suffix] = Variable(name, role, dims, declared, self.given.get(name))
        for name, given in self.given.items():
            role = role_of(name, terms)
            if name in self.declarations or several:
                continue
            if is_of_several(name):
                several = True
                message = f"{quote(name)} belongs to one of several levels or agents"
                self._tell("unsupported", message, "a document is one agent with one level", given.place)
            elif role is not None and role.letter in "ABCDE":
                message = f"{quote(name)} has numbers and is not declared"
                self._tell(
                    "shape", message, f"declare its size in StateSpaceBlock: `{name}[...,type=float]`", given.place
                )

    def _leave_out(self, declared: Declaration) -> None:
        if not is_inert(declared.name) and declared.name not in GAUSSIAN:
            self.left_out.append(declared.name)
            message = f"the variable {quote(declared.name)} means nothing in a document and is left out"
            self._tell(
                "unknown-property", message, "known are s, o, u, A, B, C, D, E, each with an ending", declared.place
            )

    def _dims(self, declared: Declaration) -> tuple[int, ...] | None:
        """Return the sizes as numbers; names are looked up among the parameters."""
        sizes = []
        for dim in declared.dims:
            size = self.parameters.get(dim) if isinstance(dim, str) else dim
            if size is None and isinstance(dim, str) and dim in self.declarations and dim != declared.name:
                first = self.declarations[dim].dims[:1]
                size = first[0] if first and isinstance(first[0], int) else None
            if size is None or size < 1:
                is_name = isinstance(dim, str)
                message = f"{quote(declared.name)} has the size {quote(dim)}"
                hint = "write a number, or give it in ModelParameters" if is_name else "a whole number from 1"
                self._tell("bad-reference" if is_name else "shape", message, hint, declared.place)
                return None
            sizes.append(size)
        return tuple(sizes)

    def _check_names(self) -> None:
        for connection in self.statements.connections:
            for name in (*connection.sources, *connection.targets):
                if name not in self.declarations and not is_inert(name):
                    message = f"a connection names {quote(name)}, which is not declared, and is left out"
                    self._tell("unknown-property", message, "declare it in StateSpaceBlock", connection.place)

    def of(self, letter: str) -> Sequence[Variable]:
        """Return the variables of a letter, in the order of their declarations."""
        return tuple(self.by_letter[letter].values())

    def tied(self, name: str, among: str, *, outward: bool = False) -> Iterator[str]:
        """Yield the suffixes of the variables of the letter ``among`` that have a connection with ``name``.

        They come in the order of the connections. A directed one counts where it runs into ``name``, or with
        ``outward`` where it runs from it; an undirected one counts in both.
        """
        names = {variable.name: suffix for suffix, variable in self.by_letter[among].items()}
        seen: set[str] = set()
        for connection in self.statements.connections:
            ways = [(connection.sources, connection.targets)]
            if not connection.directed:
                ways.append((connection.targets, connection.sources))
            for sources, targets in ways:
                here, there = (sources, targets) if outward else (targets, sources)
                if name in here:
                    for other in there:
                        if other in names and other not in seen:
                            seen.add(other)
                            yield names[other]

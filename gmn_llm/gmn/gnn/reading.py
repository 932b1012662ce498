"""A GNN file as a document, or the findings that say why not.

What a document has no place for is kept in ``metadata["gnn"]``: the texts of the other sections, and parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gmn_llm.errors import InputError
from gmn_llm.findings import Finding, Severity, quote
from gmn_llm.gmn import reading as documents
from gmn_llm.gmn.gnn.axes import DOCUMENTED, ORDERS
from gmn_llm.gmn.gnn.build import build
from gmn_llm.gmn.gnn.facts import PLAN, read_facts
from gmn_llm.gmn.gnn.names import GAUSSIAN, is_of_several
from gmn_llm.gmn.gnn.notes import MODEL
from gmn_llm.gmn.gnn.sections import KNOWN, part
from gmn_llm.gmn.gnn.statements import read_statements
from gmn_llm.gmn.gnn.variables import Variables
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.gmn.gnn.axes import Axes
    from gmn_llm.gmn.gnn.facts import Facts
    from gmn_llm.gmn.gnn.sections import File
    from gmn_llm.gmn.gnn.statements import Place, Statements

__all__ = ["read"]

DETECT = "detect"
# Said by the nodes and edges themselves.
SPOKEN = frozenset({
    "ModelName", "ModelAnnotation", "StateSpaceBlock", "Connections", "InitialParameterization", "ModelParameters",
})  # fmt: skip
# What ``write`` says again of what the nodes say.
WRITTEN = frozenset({
    "GNNSection", "GNNVersionAndFlags", "Time", "ActInfOntologyAnnotation", "Footer", "Signature", "num_",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Places:
    """Line and column by JSON pointer."""

    known: Mapping[str, Place]

    def __call__(self, pointer: str) -> Place | None:
        while pointer and pointer not in self.known:
            pointer = pointer.rpartition("/")[0]
        return self.known.get(pointer)


def read(source: str | bytes, *, axes: Axes = DETECT, limits: Limits = DEFAULT_LIMITS) -> documents.Reading:
    """Read a GNN file with one model.

    Args:
        source: The file, as text or UTF-8 bytes.
        axes: How A and B are ordered. ``detect`` takes the one order that makes them distributions, and refuses an
            array for which several do that differ; ``documented`` takes the order of GNN's pages for all of them; a
            mapping gives an order by a variable's name or letter: ``outcome-state`` or ``state-outcome`` for A;
            ``next-previous-action``, ``previous-next-action``, ``action-next-previous`` or ``action-previous-next``
            for B. A file that ``write`` made says itself that it is as documented.
        limits: What is too large.

    Returns:
        The document, or the findings of the stage that failed. Never raises for what the file holds.

    Raises:
        InputError: There is no such order of axes.
    """
    _check_axes(axes)
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            return _failed(Finding("text-syntax", "", "the file is not UTF-8 text", "save it as UTF-8"))
    if len(source.encode("utf-8", "replace")) > limits.document_bytes:
        message = f"the file is larger than {limits.document_bytes} bytes"
        return _failed(Finding("size-limit", "", message, "divide the model"))
    file = part(source.removeprefix("\ufeff"))
    statements, facts = read_statements(file.sections), read_facts(file)
    found = [*file.findings, *statements.findings, *facts.findings, *_families(statements, facts)]
    if _has_error(found):
        return _failed(*found)
    return _assembled(file, statements, facts, found, axes=axes, limits=limits)


def _check_axes(axes: Axes) -> None:
    known = {DOCUMENTED, *(order for orders in ORDERS.values() for order in orders)}
    given = [axes] if isinstance(axes, str) else list(axes.values())
    allowed = {DETECT, DOCUMENTED} if isinstance(axes, str) else known
    for order in given:
        if order not in allowed:
            hint = f"one of {', '.join(sorted(allowed))}"
            raise InputError(f"there is no order of axes {quote(order)}", hint=hint)
    for name, order in axes.items() if isinstance(axes, Mapping) else ():
        if order != DOCUMENTED and order not in ORDERS.get(name[:1], {}):
            hint = "orders of A begin with outcome or state, orders of B have next, previous and action"
            raise InputError(f"{quote(name)} can't be ordered {order}", hint=hint)


def _failed(*findings: Finding) -> documents.Reading:
    ordered = sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))
    return documents.Reading(None, tuple(ordered))


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _families(statements: Statements, facts: Facts) -> Iterable[Finding]:
    """Numbers of other kinds of models: left out beside discrete arrays, refused without them."""
    discrete = any(given.name[0] in "AB" and not is_of_several(given.name) for given in statements.assignments)
    assigned = {given.name for given in statements.assignments}
    declared = [each for each in statements.declarations if each.name in GAUSSIAN and each.name not in assigned]
    told = [(each.name, each.place) for each in statements.assignments]
    told += [(each.name, each.place) for each in declared]
    for name, place in told:
        if name in GAUSSIAN or name.startswith("dirichlet_"):
            kind = "a linear-Gaussian model" if name in GAUSSIAN else "learning"
            said = f"{quote(name)} belongs to {kind}, which a document can't say"
            if discrete:
                yield Finding("unknown-property", "", f"{said}; it is left out", "A and B are read", *place)
            else:
                yield Finding("unsupported", "", said, "write A and B", *place)
    agents = facts.parameters.get("nr_agents")
    if isinstance(agents, int) and agents > 1:
        place = facts.places["nr_agents"]
        yield Finding("unsupported", "", f"the file has {agents} agents", "a document is one agent", *place)


def _assembled(
    file: File, statements: Statements, facts: Facts, found: list[Finding], *, axes: Axes, limits: Limits
) -> documents.Reading:
    """Go on with a file that could be read: its variables, the nodes, and the checks of any document."""
    notes: dict[str, Mapping[str, object]] = {}
    for note in file.notes:
        notes[note.name] = {**notes.get(note.name, {}), **note.values}
    about = notes.pop(MODEL, {})
    if axes == DETECT and about.get("axes") == DOCUMENTED:
        axes = DOCUMENTED
    variables = Variables(statements, facts.sizes, facts.terms)
    found += [*variables.findings, *_astray(file, variables)]
    if _has_error(found):
        return _failed(*found)
    built = build(variables, notes, facts.plan, axes)
    found += built.findings
    if _has_error(found):
        return _failed(*found)
    sections = file.sections
    document: dict[str, object] = {"name": about.get("name", " ".join(sections["ModelName"].text.split()))}
    annotation = sections["ModelAnnotation"].text if "ModelAnnotation" in sections else ""
    if "description" in about or annotation:
        document["description"] = about.get("description", annotation)
    if "version" in about:
        document["version"] = about["version"]
    document |= {"nodes": built.nodes, "edges": built.edges}
    kept = _kept(file, facts, SPOKEN if not about else SPOKEN | WRITTEN)
    if kept:
        document["metadata"] = {"gnn": kept}
    found += _told(file)
    places = _Places({"": (1, 1), "/name": sections["ModelName"].place, **built.places})
    reading = documents.read(document, limits=limits)
    ordered = sorted((*found, *reading.findings), key=lambda finding: (finding.line or 0, finding.column or 0))
    result = replace(reading, place=places)
    return replace(result, findings=result.located(ordered))


def _astray(file: File, variables: Variables) -> Iterable[Finding]:
    """Notes about variables that there are none of."""
    for note in file.notes:
        if note.name != MODEL and note.name not in variables.declarations:
            message = f"a note is about {quote(note.name)}, which is not declared, and is left out"
            yield Finding("unknown-property", "", message, "give it the name of a variable", *note.place)


def _kept(file: File, facts: Facts, said: frozenset[str]) -> dict[str, object]:
    """Return what the document itself has no place for; ``said`` are sections, and beginnings of parameters."""
    kept: dict[str, object] = {
        name: section.text for name, section in file.sections.items() if name not in said and section.text
    }
    parameters = {
        key: value for key, value in facts.parameters.items() if key not in PLAN and not key.startswith(tuple(said))
    }
    if parameters:
        kept["ModelParameters"] = parameters
    if MODEL not in {note.name for note in file.notes}:
        # Nobody knows what a file of another's hand says in its comments; ours say what the nodes say.
        kept |= {f"comments of {name}": texts for name, section in file.sections.items() if (texts := section.comments)}
    before = "\n".join(file.before).strip()
    return {**kept, "before": before} if before else kept


def _told(file: File) -> Iterable[Finding]:
    """Say which of it may have been meant to change the model."""
    for name, section in file.sections.items():
        if (name == "Equations" and section.text) or name not in KNOWN:
            message = f"the section {quote(name)} means nothing in a document; it is kept in its metadata"
            yield Finding("unknown-property", "/metadata", message, "write what it says as arrays", *section.place)

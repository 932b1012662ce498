"""``GMNSpec``: a document as an object, with everything that can be made of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator

from gmn_llm.errors import GMNValidationError
from gmn_llm.findings import Finding, Severity
from gmn_llm.gmn import schema
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.reading import Reading, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from gmn_llm.gmn.structure import Structure
    from gmn_llm.provenance import Provenance

__all__ = ["Edge", "GMNSpec", "Node"]

ID = r"^[A-Za-z_][A-Za-z0-9_]*$"
CHECKED = {"checked": True}
NodeType = Literal["state", "observation", "action", "likelihood", "transition", "preference", "belief", "policy", "llm_query"]
EdgeType = Literal["depends_on", "generates", "influences", "updates", "queries"]


class Node(BaseModel):
    """A node: a factor, a modality, an action, or an array about them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=ID)
    type: NodeType
    properties: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)


class Edge(BaseModel):
    """An edge: what belongs to what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(pattern=ID)
    target: str = Field(pattern=ID)
    type: EdgeType
    properties: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, Any] = Field(default_factory=dict)


class GMNSpec(BaseModel):
    """A Generative Model Notation document that meets the schema.

    ``parse`` reads any notation strictly; whether the document means something is told by ``findings``. Two
    documents are equal when their content is, whoever wrote them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    description: str | None = None
    version: str | None = None
    nodes: list[Node]
    edges: list[Edge] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)

    _read: tuple[Finding, ...] = PrivateAttr(default=())
    _said: tuple[str, ...] = PrivateAttr(default=())
    _provenance: Provenance | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _meets_schema(cls, data: object, info: ValidationInfo) -> object:
        """Ask the schema, which is the one truth about what a document looks like."""
        if info.context is not CHECKED:
            plain = data
            if isinstance(data, dict):
                plain = json.loads(json.dumps(data, default=_dumped))
            found = schema.schema_findings(plain)
            if found:
                raise ValueError("; ".join(str(finding) for finding in found[:5]))
        return data

    @classmethod
    def parse(
        cls,
        source: str | bytes | Mapping[str, object],
        *,
        filename: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Self:
        """Read a document strictly: JSON, brace or section notation, or a mapping.

        Args:
            source: The document.
            filename: Where a text comes from: its ending decides the notation, its stem stands in for a name.
            limits: What is too large.

        Raises:
            GMNValidationError: It can't be read or does not meet the schema; ``findings`` has all that is wrong.
        """
        reading = read(source, filename=filename, limits=limits)
        if reading.document is None:
            raise GMNValidationError(_in_short(reading.findings), findings=reading.findings, draft=source)
        return cls.of_reading(reading)

    @classmethod
    def of_reading(cls, reading: Reading) -> Self:
        """Return the document of a reading without errors, which keeps its warnings."""
        spec = cls.model_validate(reading.document, context=CHECKED)
        spec._read = reading.findings
        return spec

    @classmethod
    def from_arrays(
        cls,
        A: Sequence[ArrayLike] | ArrayLike,  # noqa: N803  # the field's names
        B: Sequence[ArrayLike] | ArrayLike,  # noqa: N803
        C: Sequence[ArrayLike] | ArrayLike | None = None,  # noqa: N803
        D: Sequence[ArrayLike] | ArrayLike | None = None,  # noqa: N803
        *,
        name: str = "model",
        **more: object,
    ) -> Self:
        """Make a document of pymdp's arrays; see ``gmn_llm.gmn.from_arrays.document`` for the arguments.

        Raises:
            InputError: The shapes do not fit one another.
            GMNValidationError: The numbers are no model.
        """
        from gmn_llm.gmn.from_arrays import document

        return cls.parse(document(A, B, C, D, name=name, **more)).valid()

    @property
    def document(self) -> dict[str, object]:
        """The document as plain dictionaries and lists, with the keys that were given and no others."""
        given = self.model_dump(exclude_unset=True)
        given.setdefault("edges", [])
        return given

    @property
    def reading(self) -> Reading:
        """The document as ``read`` returns it, with the warnings of the reading that made it."""
        return Reading(self.document, self._read)

    @property
    def structure(self) -> Structure:
        """What the edges mean (``gmn_llm.gmn.structure``)."""
        from gmn_llm.gmn.structure import resolve

        return resolve(self.document)

    def findings(self) -> tuple[Finding, ...]:
        """Return all that is wrong with the document or was changed when it was read, errors first."""
        from gmn_llm.gmn.validation import validate_gmn

        return validate_gmn(self).findings

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was changed, assumed or left unread, in words; empty when nothing was."""
        return (*(f.message for f in self.findings() if f.severity is Severity.WARNING), *self._said)

    @property
    def provenance(self) -> Provenance | None:
        """Who wrote it and what it took, or None where it was not generated."""
        return self._provenance

    def told(self, *, provenance: Provenance | None = None, said: Iterable[str] = ()) -> Self:
        """Return the same document with its provenance and further warnings."""
        spec = self.model_copy()
        spec._read, spec._said = self._read, (*self._said, *said)
        spec._provenance = provenance or self._provenance
        return spec

    def valid(self) -> Self:
        """Return the document itself.

        Raises:
            GMNValidationError: It has findings that are errors.
        """
        found = self.findings()
        if any(finding.severity is Severity.ERROR for finding in found):
            raise GMNValidationError(_in_short(found), findings=found, draft=self.document)
        return self

    def expand(self) -> Self:
        """Return the document with every array written out: plain FreeAgentics JSON.

        Raises:
            GMNValidationError: The document is not valid.
        """
        from gmn_llm.gmn.expansion import expand

        spec = self.valid()
        expanded = type(self).model_validate(expand(spec.document, spec.structure), context=CHECKED)
        return expanded.told(provenance=self._provenance, said=self.warnings)

    def to_pymdp(self) -> dict[str, Any]:
        """Return the keyword arguments of pymdp 1.x's ``Agent``, the arrays as NumPy arrays of float64.

        ``A[m]`` has shape (num_obs, num_states of each parent), ``B[f]`` (num_states, num_states of each parent,
        num_actions or 1), ``C[m]`` (num_obs,) or (policy_len, num_obs), ``D[f]`` (num_states,).

        Raises:
            GMNValidationError: The document is not valid.
        """
        from gmn_llm.gmn.pymdp import to_pymdp

        return to_pymdp(self.valid().structure)

    def to_json(self) -> str:
        """Return the document as JSON, one node and one edge to a line."""
        from gmn_llm.gmn.writing import to_json

        return to_json(self.document)

    def to_text(self) -> str:
        """Return the document in the brace notation."""
        from gmn_llm.gmn.notation import print_brace

        return print_brace(self.document)

    def to_mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart."""
        from gmn_llm.gmn.mermaid import to_mermaid

        return to_mermaid(self.document)

    def __str__(self) -> str:
        """Return ``to_json()``."""
        return self.to_json()

    def __repr__(self) -> str:
        """Return name and size."""
        return f"<{type(self).__name__} {self.name!r}: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def __eq__(self, other: object) -> bool:
        """Compare the content alone."""
        return isinstance(other, GMNSpec) and self.document == other.document

    def __hash__(self) -> int:
        """Hash the content."""
        return hash(json.dumps(self.document, sort_keys=True))


def _dumped(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_unset=True)
    raise TypeError(f"a value of type {type(value).__name__} has no place in JSON")


def _in_short(findings: Sequence[Finding]) -> str:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"the document is not valid: {errors[0]}{more}"


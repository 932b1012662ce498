"""``GMNSpec``: a document as an object, with everything that can be made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, Unpack

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator

from gmn_llm.errors import GMNValidationError, InputError
from gmn_llm.findings import Finding, Severity, quote
from gmn_llm.gmn import notation, schema
from gmn_llm.gmn.dialects import whole_sizes
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.gmn.mermaid import to_mermaid
from gmn_llm.gmn.reading import Places, Reading, nowhere, read
from gmn_llm.gmn.shown import Shown
from gmn_llm.gmn.structure import Structure, resolve
from gmn_llm.gmn.values import plain
from gmn_llm.gmn.writing import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gmn_llm.gmn.from_arrays import Given, More
    from gmn_llm.gmn.gnn.axes import Axes
    from gmn_llm.provenance import Provenance

__all__ = ["Edge", "GMNSpec", "Node"]

ID = r"^[A-Za-z_][A-Za-z0-9_]*$"
NodeType: TypeAlias = Literal[
    "state", "observation", "action", "likelihood", "transition", "preference", "belief", "policy", "llm_query"
]
EdgeType: TypeAlias = Literal["depends_on", "generates", "influences", "updates", "queries"]


@dataclass(frozen=True, slots=True)
class _Story:
    """How a document came about; it is no part of what the document says.

    Handed to the model as the context of its validation by those who have asked the schema already.
    """

    read: tuple[Finding, ...] = ()
    place: Places = nowhere
    said: tuple[str, ...] = ()
    provenance: Provenance | None = None
    limits: Limits = DEFAULT_LIMITS


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


class GMNSpec(Shown):
    """A Generative Model Notation document that meets the schema.

    ``parse`` reads any notation strictly; whether the document means something is told by ``findings``. Two documents
    are equal when their content is, whoever wrote them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    description: str | None = None
    version: str | None = None
    nodes: list[Node]
    edges: list[Edge] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)

    _story: _Story = PrivateAttr(default_factory=_Story)

    @model_validator(mode="before")
    @classmethod
    def _meets_schema(cls, data: object, info: ValidationInfo) -> object:
        """Ask the schema, which is the one truth about what a document looks like."""
        if isinstance(info.context, _Story) or isinstance(data, GMNSpec):
            return data
        value, found = plain(data)
        found = found or tuple(schema.schema_findings(value))
        if found:
            raise ValueError("; ".join(str(finding) for finding in found[:5]))
        return whole_sizes(value) if isinstance(value, dict) else value

    def model_post_init(self, context: object, /) -> None:
        """Keep how the document came about."""
        if isinstance(context, _Story):
            self._story = context

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
            limits: What is too large, now and in all that is made of the document.

        Raises:
            GMNValidationError: It can't be read or does not meet the schema; ``findings`` has all that is wrong.
        """
        reading = read(source, filename=filename, limits=limits)
        if reading.document is None:
            raise GMNValidationError(_in_short(reading.findings), findings=reading.findings, draft=source)
        return cls.of_reading(reading, limits=limits)

    @classmethod
    def of_reading(cls, reading: Reading, *, limits: Limits = DEFAULT_LIMITS) -> Self:
        """Return the document of a reading without errors, which keeps its warnings and the places in its text."""
        story = _Story(reading.findings, reading.place, limits=limits)
        return cls.model_validate(reading.document, context=story)

    @classmethod
    def from_arrays(
        cls,
        A: Given,  # noqa: N803  # the field's name, as below
        B: Given,  # noqa: N803
        C: Given | None = None,  # noqa: N803
        D: Given | None = None,  # noqa: N803
        *,
        name: str = "model",
        **more: Unpack[More],
    ) -> Self:
        """Make a document of pymdp's arrays; see ``gmn_llm.gmn.from_arrays.document`` for the arguments.

        Raises:
            InputError: The shapes do not fit one another, or an argument is unknown.
            GMNValidationError: The numbers are no model.
        """
        from gmn_llm.gmn.from_arrays import document

        return cls.parse(document(A, B, C, D, name=name, **more)).valid()

    @classmethod
    def from_gnn(cls, source: str | bytes, *, axes: Axes = "detect", limits: Limits = DEFAULT_LIMITS) -> Self:
        """Read a GNN file (Generalized Notation Notation); see ``gmn_llm.gmn.gnn.read`` for the arguments.

        Raises:
            GMNValidationError: It can't be read, or its arrays fit no order of axes, or several that differ.
            InputError: There is no such order of axes.
        """
        from gmn_llm.gmn.gnn import read as read_gnn  # NumPy takes its time

        reading = read_gnn(source, axes=axes, limits=limits)
        if reading.document is None:
            raise GMNValidationError(_in_short(reading.findings), findings=reading.findings, draft=source)
        return cls.of_reading(reading, limits=limits)

    @property
    def document(self) -> dict[str, object]:
        """The document as plain dictionaries and lists of its own, with the keys that were given and ``edges``."""
        given = self.model_dump(exclude_unset=True)
        return {key: given.get(key, []) for key in type(self).model_fields if key in given or key == "edges"}

    @property
    def _content(self) -> dict[str, object]:
        """The document as ``document`` has it, but sharing its lists; only to be read."""
        return {
            key: [_given(item) for item in value] if key in ("nodes", "edges") else value
            for key, value in self.__dict__.items()
            if key in self.model_fields_set or key == "edges"
        }

    @property
    def reading(self) -> Reading:
        """The document as ``read`` returns it, with the warnings of the reading that made it; only to be read."""
        return Reading(self._content, self._story.read, self._story.place)

    @property
    def limits(self) -> Limits:
        """What was too large when it was read."""
        return self._story.limits

    @property
    def structure(self) -> Structure:
        """What the edges mean (``gmn_llm.gmn.structure``)."""
        return resolve(self._content)

    def findings(self) -> tuple[Finding, ...]:
        """Return all that is wrong with the document or was changed when it was read, errors first."""
        from gmn_llm.gmn.validation import validate_reading  # it needs this module

        return validate_reading(self.reading, {}, limits=self.limits).findings

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was changed, assumed or left unread, in words; empty when nothing was."""
        return self._words(self.findings())

    def _words(self, found: Iterable[Finding]) -> tuple[str, ...]:
        said = (finding.message for finding in found if finding.severity is Severity.WARNING)
        return tuple(dict.fromkeys((*said, *self._story.said)))

    @property
    def provenance(self) -> Provenance | None:
        """Who wrote it and what it took, or None where it was not generated."""
        return self._story.provenance

    def told(self, *, provenance: Provenance | None = None, said: Iterable[str] = ()) -> Self:
        """Return the same document with its provenance and further warnings."""
        story, said = self._story, (*self._story.said, *said)
        story = replace(story, said=said, provenance=provenance or story.provenance)
        return type(self).model_validate(self._content, context=story)

    def valid(self) -> Self:
        """Return the document itself.

        Raises:
            GMNValidationError: It has findings that are errors.
        """
        self._checked()
        return self

    def _checked(self) -> tuple[Finding, ...]:
        """Return the warnings of a document without errors."""
        found = self.findings()
        if any(finding.severity is Severity.ERROR for finding in found):
            raise GMNValidationError(_in_short(found), findings=found, draft=self.document)
        return found

    def expand(self) -> Self:
        """Return the document with every array written out: plain FreeAgentics JSON.

        Raises:
            GMNValidationError: The document is not valid.
        """
        from gmn_llm.gmn.expansion import expand, left_out  # NumPy takes its time

        found, content = self._checked(), self._content
        expanded = expand(content, resolve(content))
        said = (*self._words(found), *left_out(content, expanded))
        story = _Story(said=said, provenance=self.provenance, limits=self.limits)
        return type(self).model_validate(expanded, context=story)

    def to_pymdp(self, version: str = "1.0") -> dict[str, Any]:
        """Return the keyword arguments of pymdp's ``Agent``, the arrays as NumPy arrays of float64.

        For 1.0, ``A[m]`` has shape (num_obs, num_states of each parent), ``B[f]`` (num_states, num_states of each
        parent, num_actions or 1), ``C[m]`` (num_obs,) or (policy_len, num_obs), ``D[f]`` (num_states,); for 0.0.7.1 see
        ``gmn_llm.gmn.pymdp_legacy``.

        Args:
            version: ``"1.0"`` (JAX) or ``"0.0.7.1"`` (NumPy).

        Raises:
            GMNValidationError: The document is not valid, or says what the version can't do.
            InputError: There is no export for the version.
        """
        if version == "1.0":
            from gmn_llm.gmn.pymdp import to_pymdp  # NumPy takes its time

            return to_pymdp(self.valid().structure)
        if version == "0.0.7.1":
            from gmn_llm.gmn.pymdp_legacy import to_pymdp as to_legacy

            return to_legacy(self.valid().structure, limits=self.limits)
        raise InputError(f"no export for version {quote(version)} of pymdp, only for 1.0 and 0.0.7.1")

    def to_compile_model(self) -> dict[str, Any]:
        """Return the description that pymdp's ``distribution.compile_model`` takes; see ``gmn.compile_model``.

        ``gmn_llm.gmn.compile_model.describe`` has the numbers as well, and what the description can't say.

        Raises:
            GMNValidationError: The document is not valid.
        """
        from gmn_llm.gmn.compile_model import describe  # NumPy takes its time

        return describe(self).description

    def to_gnn(self) -> str:
        """Return the document as a file of the Active Inference Institute's GNN (Generalized Notation Notation).

        ``gmn_llm.gmn.gnn.write`` returns with it what has no place there; its footer says the same.

        Raises:
            GMNValidationError: The document is not valid.
        """
        from gmn_llm.gmn.gnn import write  # NumPy takes its time

        return write(self).text

    def to_json(self) -> str:
        """Return the document as JSON, one node and one edge to a line."""
        return to_json(self._content)

    def to_text(self) -> str:
        """Return the document in the brace notation."""
        return notation.print_brace(self._content)

    def to_mermaid(self) -> str:
        """Return the graph as a Mermaid flowchart."""
        return to_mermaid(self._content)

    def __str__(self) -> str:
        """Return ``to_json()``."""
        return self.to_json()

    def __repr__(self) -> str:
        """Return name and size."""
        return f"<{type(self).__name__} {self.name!r}: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def __eq__(self, other: object) -> bool:
        """Compare the content alone; an empty part that was written is no different from one that was not."""
        return isinstance(other, GMNSpec) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Hash the graph, without the numbers."""
        nodes = tuple((node.id, node.type) for node in self.nodes)
        return hash((self.name, nodes, tuple((edge.source, edge.target, edge.type) for edge in self.edges)))


def _given(item: Node | Edge) -> dict[str, object]:
    return {key: value for key, value in item.__dict__.items() if key in item.model_fields_set}


def _in_short(findings: Sequence[Finding]) -> str:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"the document is not valid: {errors[0]}{more}"

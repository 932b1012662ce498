"""A document in the making: nodes, edges and what the header says, each with its place in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.notation.parsed import Parsed
from gmn_llm.gmn.positions import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gmn_llm.gmn.notation.parsed import Field, HeaderStatement, Place
    from gmn_llm.gmn.notation.reader import Reading

__all__ = ["Graph"]

OWN_KEYS = ("nodes", "edges")


class Graph:
    """Collects the parts of one document in the order of the text."""

    def __init__(self, reading: Reading) -> None:
        self.nodes: list[dict[str, object]] = []
        self.properties: list[dict[str, object]] = []
        self.edges: list[dict[str, object]] = []
        self.findings = list(reading.findings)
        self._value_places = reading.value_places
        self._about: dict[str, object] = {}
        self._places: dict[str, Place] = {"": (1, 1)}

    def place_of_value(self, field: Field) -> Place:
        """Return where the value of a field begins."""
        return self._value_places.get(field.place, field.place)

    def place_of(self, path: str) -> Place | None:
        """Return where the value at a JSON pointer begins."""
        return self._places.get(path)

    def note(self, code: str, path: str, message: str, hint: str, place: Place | None) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, path, message, hint, *(place or ())))

    def add_header(self, header: HeaderStatement) -> None:
        """Take name, description and the fields of a header."""
        for key, value in (("name", header.name), ("description", header.description)):
            if value is not None:
                self._about[key] = value
                self._places[f"/{key}"] = header.place
        self.add_document_fields(header.fields)

    def add_document_fields(self, fields: Iterable[Field]) -> None:
        """Take fields of the document itself."""
        for field in fields:
            if field.key in OWN_KEYS:
                message = f"{quote(field.key)} can't be a field: they are statements of their own"
                self.note("text-syntax", "", message, f"write the {field.key} one by one", field.place)
            else:
                self.put(self._about, field.key, field, "")

    def add_node(self, node_id: str, node_type: str, place: Place) -> dict[str, object]:
        """Begin a node and return its properties, to be filled."""
        path = f"/nodes/{len(self.nodes)}"
        properties: dict[str, object] = {}
        self.nodes.append({"id": node_id, "type": node_type, "properties": properties})
        self.properties.append(properties)
        self._places[path] = place
        return properties

    def add_edge(self, source: str, target: str, edge_type: str, place: Place) -> None:
        """Add an edge."""
        self._places[f"/edges/{len(self.edges)}"] = place
        self.edges.append({"source": source, "target": target, "type": edge_type})

    def put_property(self, key: str, field: Field) -> None:
        """Set a property of the node added last."""
        self.put(self.properties[-1], key, field, f"/nodes/{len(self.nodes) - 1}/properties")

    def put_node_metadata(self, field: Field) -> None:
        """Set the metadata of the node added last."""
        self.put(self.nodes[-1], "metadata", field, f"/nodes/{len(self.nodes) - 1}")

    def put_edge_fields(self, fields: Iterable[Field], *, back: int = 0) -> None:
        """Set properties and metadata of the edge added last, or so many before it."""
        index = len(self.edges) - 1 - back
        path, edge = f"/edges/{index}", self.edges[index]
        properties: dict[str, object] = {}
        edge["properties"] = properties
        for field in fields:
            if field.key == "metadata" and not field.quoted:
                self.put(edge, "metadata", field, path)
            else:
                self.put(properties, field.key, field, f"{path}/properties")

    def put(self, where: dict[str, object], key: str, field: Field, path: str) -> None:
        """Set a value once; a second one is a finding."""
        path = f"{path}/{escape(key)}"
        if key in where:
            self.repeated(field, path)
        else:
            where[key] = field.value
            self._places[path] = self.place_of_value(field)

    def repeated(self, field: Field, path: str = "") -> None:
        """Say that a field says again what another one has said."""
        self.note("duplicate-key", path, f"{quote(field.key)} is given twice", "keep one of them", field.place)

    def finished(self, *, default_name: str) -> Parsed:
        """Return the document; a name that the text does not give is told by a warning."""
        name = self._about.pop("name", None)
        if name is None:
            name = default_name
            message = f"the text gives no name; the document is called {quote(default_name)}"
            self.note("added-default", "/name", message, "give it one at the top", (1, 1))
        metadata = {"metadata": self._about.pop("metadata")} if "metadata" in self._about else {}
        document = {"name": name, **self._about, "nodes": self.nodes, "edges": self.edges, **metadata}
        findings = sorted(self.findings, key=lambda finding: (finding.line or 0, finding.column or 0))
        return Parsed(document, self._places, tuple(findings))

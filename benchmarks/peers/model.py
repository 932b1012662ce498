"""The canonical document as a pydantic model, for the libraries that take one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

__all__ = ["Document", "Edge", "Node"]

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Node(BaseModel):
    """A node."""

    id: Name
    type: Literal[
        "state", "observation", "action", "likelihood", "transition", "preference", "belief", "policy", "llm_query"
    ]
    properties: dict[str, Any] = {}


class Edge(BaseModel):
    """An edge."""

    source: Name
    target: Name
    type: Literal["depends_on", "generates", "updates", "influences", "queries"]


class Document(BaseModel):
    """A document."""

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    version: str = "1.0.0"
    nodes: list[Node]
    edges: list[Edge]
    metadata: dict[str, Any] = {}

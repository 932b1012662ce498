"""What the fields of a node mean in the brace notation, used by its reader and its printer alike."""

from __future__ import annotations

from typing import Final

__all__ = ["ABOUT", "PARENTS", "RENAMED", "ROLES", "TARGETS", "TYPES", "WRITTEN", "kind_of"]

PARENTS: Final = "parents"
TARGETS: Final = "targets"
DRIVEN: Final = "driven"
ABOUT: Final = "about"

TYPES = {"emission": "likelihood"}

# Fields that stand for edges (or, for a transition's `to`, for the factor it drives), by type of node.
ROLES = {
    "likelihood": {"from": PARENTS, "to": TARGETS},
    "transition": {"from": PARENTS, "to": DRIVEN},
    "preference": {"observation": ABOUT, "state": ABOUT, "to": ABOUT},
    "belief": {"observation": ABOUT, "state": ABOUT, "to": ABOUT},
}
# Fields that have another name among the properties, by type of node.
RENAMED = {
    "state": {"size": "num_states"},
    "observation": {"size": "num_observations"},
    "action": {"size": "num_actions"},
    "preference": {"preferred": "preferred_observation"},
    "belief": {"start": "state"},
}
WRITTEN = {kind: {name: field for field, name in fields.items()} for kind, fields in RENAMED.items()}


def kind_of(node_type: str) -> str:
    """Return the type whose fields a node of ``node_type`` has."""
    small = node_type.lower()
    return TYPES.get(small, small)

"""What the variables of a GNN file are, told by their names or by their terms of the ontology."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ARRAYS", "GAUSSIAN", "Role", "identifier", "is_inert", "is_of_several", "role_of"]

ARRAYS = "ABCDE"
FORM = re.compile(r"([ABCDEsou])(?:_(\w+)|(\d+))?")
# The parts of inference and planning, which follow from the arrays.
INERT = re.compile(r"(?:[so]_(?:prime|next)|[so]'|pi|π|[GFtTQ])(?:_\w+|\d+)?'?")
SEVERAL = re.compile(r"\w*_(?:level|agent)_?\d+(?:_\w+)?")
GAUSSIAN = frozenset({"F", "H", "Q", "R", "prior_mean", "prior_cov"})
TERMS = {
    "HiddenState": "s", "Observation": "o", "Action": "u", "LikelihoodMatrix": "A", "EmissionMatrix": "A",
    "TransitionMatrix": "B", "LogPreferenceVector": "C", "PriorOverHiddenStates": "D", "InitialStateDistribution": "D",
    "Habit": "E",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    """A letter of the field, and what a name has behind it: ``B_ctx`` is B of ``ctx``."""

    letter: str
    suffix: str = ""


def role_of(name: str, terms: Mapping[str, str]) -> Role | None:
    """Return the role of a variable, or None where it has none in a document.

    Args:
        name: The variable.
        terms: Its term, by variable, as ``ActInfOntologyAnnotation`` has them; asked for other names only.
    """
    if is_inert(name):
        return None
    match = FORM.fullmatch(name)
    if match is not None:
        return Role(match[1], match[2] or match[3] or "")
    letter = TERMS.get(terms.get(name, ""))
    return Role(letter, "" if letter == "E" else name) if letter else None


def is_inert(name: str) -> bool:
    """Tell whether a variable is one of those that follow from the arrays."""
    return INERT.fullmatch(name) is not None


def is_of_several(name: str) -> bool:
    """Tell whether a variable belongs to one of several levels or agents."""
    return SEVERAL.fullmatch(name) is not None


def identifier(name: str) -> str:
    """Return a variable's name as the id of a node."""
    plain = name.replace("'", "_prime").replace("π", "pi")
    plain = re.sub(r"[^A-Za-z0-9_]", "_", plain)
    return plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"

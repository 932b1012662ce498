"""The Active Inference Institute's GNN (Generalized Notation Notation, Markdown), written and read.

The facts of the format are those of its repository's syntax pages and its own strict checks
(https://github.com/ActiveInferenceInstitute/GeneralizedNotationNotation, ``doc/gnn`` and ``src/gnn/schema.py``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmn_llm.gmn.gnn.axes import Axes
    from gmn_llm.gmn.gnn.losses import losses
    from gmn_llm.gmn.gnn.reading import read
    from gmn_llm.gmn.gnn.sections import looks_like_gnn
    from gmn_llm.gmn.gnn.writing import Exported, write

__all__ = ["Axes", "Exported", "looks_like_gnn", "losses", "read", "write"]

HOMES = {
    "Axes": "axes",
    "Exported": "writing",
    "looks_like_gnn": "sections",
    "losses": "losses",
    "read": "reading",
    "write": "writing",
}


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})

"""A document as a picture: for a browser, and for a notebook.

Pictures are drawn two floors up, from what a document tells of itself; they are asked for by name, so that the
language stands without them.
"""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

from gmn_llm.gmn.described import Described

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Shown"]

PAGE = "gmn_llm.page:html"
FRAGMENT = "gmn_llm.page:fragment"


class Shown(Described):
    """A base class for a document that can be looked at."""

    def to_html(self) -> str:
        """Return the document as one HTML file that needs no network and no script.

        It has the factor graph, each array as a heat map, grid worlds as grids, the findings, the notation and where
        the document comes from. One with errors is drawn without its arrays.
        """
        return str(resolve_name(PAGE)(self))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the same picture as a part of a page."""
        return str(resolve_name(FRAGMENT)(self))

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        """Return the picture and, where it can't be shown, one line of text, as far as a notebook asks for them."""
        makers = {"text/plain": self.__repr__, "text/html": self._repr_html_}
        wanted = [kind for kind in makers if (not include or kind in include) and kind not in (exclude or ())]
        return {kind: makers[kind]() for kind in wanted}

"""The page as HTML: the templates of ``gmn_llm/data/page`` filled in, with everything escaped."""

from __future__ import annotations

import base64
import hashlib
import secrets
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gmn_llm._version import __version__
from gmn_llm.page.content import content
from gmn_llm.page.words import number, plural, seen

if TYPE_CHECKING:
    from gmn_llm.gmn.spec import GMNSpec

__all__ = ["fragment", "html"]

FOLDER = "data/page"


def html(spec: GMNSpec) -> str:
    """Return ``spec`` as one HTML file that needs nothing else: no network, no script.

    The page's own policy (https://www.w3.org/TR/CSP3/) lets it load nothing but the images and the style within it.
    The same document gives the same page.
    """
    template = _environment().get_template("page.html")
    return template.render(
        content=content(spec), uid="gmn", shift=0, style=_style(), policy=_policy(), version=__version__
    )


def fragment(spec: GMNSpec) -> str:
    """Return the same picture as a part of a notebook: under headings of the third level, with ids of its own."""
    uid = f"gmn{secrets.token_hex(4)}"  # one notebook may show a document twice
    return _environment().get_template("fragment.html").render(content=content(spec), uid=uid, shift=2, style=_style())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gmn_llm", FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "plural": plural, "seen": seen}
    return environment


@cache
def _style() -> Markup:
    """Return the style sheet, which is ours and holds no ``</style``."""
    return Markup(files("gmn_llm").joinpath(FOLDER, "page.css").read_text(encoding="utf-8"))  # noqa: S704  # our own


@cache
def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"

"""Reading a template: a first line ``version: N``, then the text with ``$name`` for what is filled in."""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Template", "load"]


@dataclass(frozen=True, slots=True)
class Template:
    """One prompt template.

    Attributes:
        name: The file's stem.
        version: What its first line says; changed with every change of the text.
        text: The rest.
    """

    name: str
    version: str
    text: str

    @property
    def tag(self) -> str:
        """Name and version, as they stand in provenance and cache keys."""
        return f"{self.name}@{self.version}"

    def render(self, **values: str) -> str:
        """Return the text with every ``$name`` filled in.

        Raises:
            KeyError: A name of the template was not given.
            ValueError: A value was given that the template does not have.
        """
        template = string.Template(self.text)
        unused = set(values) - set(template.get_identifiers())
        if unused:
            raise ValueError(f"template {self.tag} has no place for {', '.join(sorted(unused))}")
        return template.substitute(values)


@cache
def load(name: str) -> Template:
    """Return the template ``name`` of the package."""
    first, _, text = (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8").partition("\n")
    key, _, version = first.partition(":")
    if key != "version" or not version.strip():
        raise ValueError(f"prompt template {name!r} does not begin with its version")
    return Template(name, version.strip(), text.strip())

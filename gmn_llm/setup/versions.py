"""Which packages are installed, against what this one asks for in its own metadata.

Only the forms that its metadata has are read: a name, extras in brackets, comparisons, and ``extra == "..."`` behind a
semicolon (the core metadata specification, "Requires-Dist"; PEP 440 for the versions).
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["KNOWN_BAD", "Need", "fits", "installed", "needs"]

DISTRIBUTION: Final = "gmn-llm"
KNOWN_BAD: Final[Mapping[str, Mapping[str, str]]] = {
    "litellm": {
        "1.82.7": "was a malicious release that sent keys away",
        "1.82.8": "was a malicious release that sent keys away",
    },
}
"""Versions that nobody should have, by package; PyPI has taken the two of LiteLLM off (BerriAI/litellm #24518)."""
LINE: Final = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*\(?([^;)]*)\)?\s*(?:;\s*(.*))?")
EXTRA: Final = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
CLAUSE: Final = re.compile(r"(~=|==|!=|<=|>=|<|>)\s*([0-9][^,\s]*)")
COMPARED: Final[Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
    "~=": operator.ge,
}  # fmt: skip
LONGEST: Final = 6


@dataclass(frozen=True, slots=True)
class Need:
    """A package that is asked for.

    Attributes:
        name: The package.
        bounds: Its versions, e.g. ``>=2.7,<3``; empty for any.
        extra: The extra it is part of; empty where it is always needed.
    """

    name: str
    bounds: str
    extra: str


def needs() -> tuple[Need, ...] | None:
    """Return what the installed distribution asks for, or None where the package runs without being installed."""
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return None
    return tuple(_read(lines))


def _read(lines: list[str]) -> Iterator[Need]:
    for line in lines:
        found = LINE.fullmatch(line.strip())
        if found is not None:
            extra = EXTRA.search(found[3] or "")
            yield Need(found[1], found[2].strip(), extra[1] if extra else "")


def installed(name: str) -> str | None:
    """Return the version of a package that is installed, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def fits(version: str, bounds: str) -> bool:
    """Return whether a version is within bounds; letters of pre-releases are not looked at."""
    had = _numbers(version)
    return all(COMPARED[sign](had, _numbers(bound)) for sign, bound in CLAUSE.findall(bounds))


def _numbers(version: str) -> tuple[int, ...]:
    """Return the release of a version as numbers, filled up with noughts: 2.7 and 2.7.0 are the same."""
    numbers: list[int] = []
    for part in version.split("."):
        digits = re.match(r"\d+", part)
        if digits is None:
            break
        numbers.append(int(digits[0]))
    return (*numbers, *([0] * LONGEST))[:LONGEST]

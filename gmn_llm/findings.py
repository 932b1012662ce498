"""What a check has to say of a document: findings, and the verdict they add up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ERROR_CODES", "WARNING_CODES", "Finding", "Severity", "Validation", "quote", "visible"]

ERROR_CODES = frozenset({
    "json-syntax", "duplicate-key", "text-syntax", "schema", "duplicate-id", "dangling-edge", "bad-edge",
    "unknown-type", "missing-node", "shape", "not-normalised", "negative-probability", "not-finite",
    "bad-reference", "label-count", "ambiguous-factor", "cycle", "size-limit", "constraint", "unsupported",
})  # fmt: skip
WARNING_CODES = frozenset({
    "alias", "rescaled", "transposed", "added-default", "carried-preference", "unused-action",
    "unknown-property", "unchecked-constraint", "constraint-won", "unread-prompt",
})  # fmt: skip

QUOTED = 80


class Severity(StrEnum):
    """Whether a document with the finding can be used."""

    ERROR = "error"
    WARNING = "warning"


def quote(value: object) -> str:
    """Return ``value`` as it may stand in a message: visible, on one line, 80 characters at most."""
    text = value if isinstance(value, str) else repr(value)
    text = visible(" ".join(text[: 4 * QUOTED].split()))
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def visible(text: str) -> str:
    """Return ``text`` with what can't be seen escaped: signs that steer a terminal or turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a document, or was changed in it.

    Attributes:
        code: One of ``ERROR_CODES`` or ``WARNING_CODES``; the severity follows from it.
        path: JSON pointer to the place (RFC 6901), ``""`` for the whole document.
        message: What is wrong, with the node and the numbers.
        hint: What to do, for a person or a language model.
        line: Line in the text the document was read from, from 1, or None where there was no text.
        column: Column in that line, from 1, or None.
    """

    code: str
    path: str
    message: str
    hint: str = ""
    line: int | None = None
    column: int | None = None

    def __post_init__(self) -> None:
        if self.code not in ERROR_CODES and self.code not in WARNING_CODES:
            raise ValueError(f"no finding has the code {self.code!r}")

    @property
    def severity(self) -> Severity:
        """``error`` or ``warning``."""
        return Severity.ERROR if self.code in ERROR_CODES else Severity.WARNING

    def as_dict(self) -> dict[str, object]:
        """Return the finding in the shape of ``gmn-llm validate --json``."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "message": self.message,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        """Return code, place, message and hint on one line."""
        place = f" at {visible(self.path)}" if self.path else ""
        where = f" (line {self.line}, column {self.column})" if self.line is not None else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.code}{place}{where}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Validation:
    """The verdict on a document: all findings of the last stage that was reached."""

    findings: tuple[Finding, ...] = field(default=())

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Validation:
        """Collect ``findings``, errors first, otherwise in the order found."""
        return cls(tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the document invalid."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)

    @property
    def ok(self) -> bool:
        """True when there are no errors."""
        return not self.errors

    def __bool__(self) -> bool:
        """Return ``ok``."""
        return self.ok

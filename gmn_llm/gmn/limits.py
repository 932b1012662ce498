"""How large a document may be, before any memory is taken for it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from gmn_llm.errors import ConfigError
from gmn_llm.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DEFAULT_LIMITS", "MOST_PROPERTIES", "Limits"]

KIB = 1024
MIB = 1024 * KIB
MOST_PROPERTIES = 10_000  # of one node or edge: hundreds of times as many as have a meaning
MOST_NESTING = 128  # what Python's own readers and writers can follow, whatever called them


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of the notation, each settable in the configuration (``limits:``).

    Attributes:
        answer_bytes: A model's answer, in bytes of UTF-8.
        document_bytes: A document handed in, in bytes of UTF-8.
        string_bytes: One string, in bytes of UTF-8.
        nesting: Levels of lists and objects; 128 at most.
        nodes: Nodes of a document.
        edges: Edges of a document.
        states: States of one factor, outcomes of one modality, choices of one action.
        numbers: Numbers of all arrays together once expanded.
        policies: Policies, i.e. the product of the controls' sizes to the power of ``policy_len``.
        pictures: Pictures and diagrams of one call. Anthropic takes smaller ones only where there are more than 20.
        picture_bytes: One picture as a file. Anthropic's 5 MiB, the least that any of the large providers takes, are
            counted in base64, of which these are three quarters.
        picture_side: Pixels of a picture's longer side; Anthropic's limit.
    """

    answer_bytes: int = MIB
    document_bytes: int = 64 * MIB
    string_bytes: int = 64 * KIB
    nesting: int = 64
    nodes: int = 500
    edges: int = 5_000
    states: int = 10_000
    numbers: int = 40_000_000
    policies: int = 20_000
    pictures: int = 20
    picture_bytes: int = 5 * MIB * 3 // 4
    picture_side: int = 8_000

    def __post_init__(self) -> None:
        if self.nesting > MOST_NESTING:
            raise ConfigError(f"limits.nesting is {self.nesting}", hint=f"{MOST_NESTING} at most")

    @classmethod
    def of(cls, given: dict[str, int]) -> Limits:
        """Return the limits with those in ``given`` in place of the defaults.

        Raises:
            ConfigError: A name is unknown, a value is not a whole number from 1, or ``nesting`` is over 128.
        """
        names = [item.name for item in fields(cls)]
        for name, value in given.items():
            if name not in names:
                raise ConfigError(f"limits: there is no limit {name!r}", hint=f"one of {', '.join(names)}")
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigError(f"limits.{name} is {value!r}", hint="a whole number from 1")
        return cls(**given)

    def exceeded(self, document: Mapping[str, object]) -> Iterator[Finding]:
        """Yield a finding where ``document`` has too many nodes or edges."""
        for key, most in (("nodes", self.nodes), ("edges", self.edges)):
            items = document.get(key)
            if isinstance(items, list) and len(items) > most:
                message = f"{len(items)} {key} where {most} are the most"
                yield Finding("size-limit", f"/{key}", message, "divide the model")


DEFAULT_LIMITS = Limits()

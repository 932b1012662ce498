"""What a check of an installation comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "Status", "fail", "ok", "warn"]


class Status(StrEnum):
    """Whether something is to be done."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one thing.

    Attributes:
        name: The thing.
        status: Whether it works: ``warn`` where all works and something may not be meant.
        message: What was found.
        hint: What to do; empty where nothing is to be done.
    """

    name: str
    status: Status
    message: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as JSON has it."""
        return {"name": self.name, "status": self.status.value, "message": self.message, "hint": self.hint}


def ok(name: str, message: str, hint: str = "") -> Check:
    """Return that something works."""
    return Check(name, Status.OK, message, hint)


def warn(name: str, message: str, hint: str) -> Check:
    """Return that something may not be meant."""
    return Check(name, Status.WARN, message, hint)


def fail(name: str, message: str, hint: str) -> Check:
    """Return that something does not work."""
    return Check(name, Status.FAIL, message, hint)

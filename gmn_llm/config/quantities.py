"""Numbers as a file has them, and durations and sizes as people write them: ``30d``, ``12h``, ``1GB``."""

from __future__ import annotations

import math
import re
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

__all__ = [
    "KEEP_ALIVE",
    "Amount",
    "Bytes",
    "Count",
    "Factor",
    "Integer",
    "KeepAlive",
    "Number",
    "Penalty",
    "Positive",
    "Price",
    "Ratio",
    "Seconds",
    "Temperature",
    "Whole",
    "keep_alive_fault",
    "parse_bytes",
    "parse_seconds",
]

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
# Powers of 1024, as diskcache's own size_limit default (2**30) counts them.
BYTES = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "tb": 1024**4}
NUMBER = r"(?=.*[1-9])([0-9]{1,12}(?:\.[0-9]{1,12})?)"
SECONDS_PATTERN = rf"^ *{NUMBER} *(ms|[smhdwSMHDW]?) *$"
BYTES_PATTERN = rf"^ *{NUMBER} *([kmgtKMGT]?[bB])? *$"


# As Go's time.ParseDuration takes it, which Ollama asks: 300 is a number of seconds, "300" lacks a unit.
DURATION_PATTERN = r"^([-+]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+|[-+]?0|os\.environ/.+)$"
KEEP_ALIVE: Final[dict[str, object]] = {
    "anyOf": [{"type": "integer"}, {"type": "string", "pattern": DURATION_PATTERN}],
    "examples": ["5m", "1h30m", "300 (seconds)", "-1 (for ever)"],
}
"""Ollama's ``keep_alive``: seconds as a number, or a text of numbers with units."""


def parse_seconds(value: object) -> object:
    """Return ``"30d"`` and the like as seconds; anything that is no text is left to the type's own check.

    Raises:
        ValueError: The text is no number above 0 with one of the units ms, s, m, h, d, w.
    """
    if not isinstance(value, str):
        return _number(value)
    number, unit = _parse(value, SECONDS_PATTERN)
    return number * SECONDS[unit or "s"]


def parse_bytes(value: object) -> object:
    """Return ``"1GB"`` and the like as bytes (powers of 1024), rounded up; anything that is no text is left alone.

    Raises:
        ValueError: The text is no number above 0 with one of the units B, KB, MB, GB, TB.
    """
    if not isinstance(value, str):
        return _whole(value)
    number, unit = _parse(value, BYTES_PATTERN)
    return math.ceil(number * BYTES[unit or "b"])


def _parse(text: str, pattern: str) -> tuple[float, str]:
    found = re.fullmatch(pattern, text)
    if found is None:
        raise ValueError("no number with a unit")
    return float(found[1]), (found[2] or "").lower()


def keep_alive_fault(text: str) -> str | None:
    """Return in words why a text is no duration to Ollama, or None where it is one."""
    if re.fullmatch(DURATION_PATTERN, text) is not None:
        return None
    return "no duration of Ollama's; write a number of seconds, or units such as 5m, 1h30m"


def _keep_alive(value: object) -> object:
    """Refuse a text that is no duration to Ollama."""
    if not isinstance(value, str):
        return _whole(value)
    fault = keep_alive_fault(value)
    if fault is not None:
        raise ValueError(fault)
    return value


def _number(value: object) -> object:
    """Refuse what pydantic would make a number of: true, false and texts."""
    if isinstance(value, bool | str | bytes):
        raise ValueError("no number")  # noqa: TRY004 - pydantic wants a ValueError
    return value


def _whole(value: object) -> object:
    """Refuse what is no whole number as JSON Schema has it: 25.0 is one, true and "25" are not."""
    number = _number(value)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("no whole number")
    return number


# What pydantic is too kind to refuse is refused before it looks.
Number = BeforeValidator(_number)
Whole = BeforeValidator(_whole)

Ratio = Annotated[float, Field(ge=0, le=1), Number]
Temperature = Annotated[float, Field(ge=0, le=2), Number]
Penalty = Annotated[float, Field(ge=-2, le=2), Number]
Amount = Annotated[float, Field(ge=0), Number]
Price = Annotated[float, Field(gt=0), Number]
Factor = Annotated[float, Number]
Count = Annotated[int, Field(ge=0), Whole]
Positive = Annotated[int, Field(gt=0), Whole]
Integer = Annotated[int, Whole]
Seconds = Annotated[
    float,
    BeforeValidator(parse_seconds),
    Field(gt=0, allow_inf_nan=False),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": SECONDS_PATTERN},
            ],
            "examples": ["30d", "12h", "90s"],
        }
    ),
]
Bytes = Annotated[
    int,
    BeforeValidator(parse_bytes),
    Field(gt=0),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0},
                {"type": "string", "pattern": BYTES_PATTERN},
            ],
            "examples": ["1GB", "500MB"],
        }
    ),
]
KeepAlive = Annotated[int | str, BeforeValidator(_keep_alive), WithJsonSchema(KEEP_ALIVE)]

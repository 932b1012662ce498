"""Durations and sizes as people write them: ``30d``, ``12h``, ``1GB``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

__all__ = ["Bytes", "Seconds", "parse_bytes", "parse_seconds"]

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
# Powers of 1024, as diskcache's own size_limit default (2**30) counts them.
BYTES = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}


def parse_seconds(value: object) -> object:
    """Return ``"30d"`` and the like as seconds; anything that is no text is left to the type's own check.

    Raises:
        ValueError: The text is no number with one of the units ms, s, m, h, d, w.
    """
    return _parse(value, SECONDS, default="s", example="30d, 12h, 90s")


def parse_bytes(value: object) -> object:
    """Return ``"1GB"`` and the like as bytes (powers of 1024); anything that is no text is left alone.

    Raises:
        ValueError: The text is no number with one of the units B, KB, MB, GB, TB.
    """
    number = _parse(value, BYTES, default="B", example="1GB, 500MB")
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _parse(value: object, units: dict[str, float] | dict[str, int], *, default: str, example: str) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    unit = text[len(number) :].strip() or default
    known = {name.lower(): factor for name, factor in units.items()}
    try:
        return float(number) * known[unit.lower()]
    except (ValueError, KeyError):
        raise ValueError(f"is to be a number with a unit, such as {example}") from None


Seconds = Annotated[
    float,
    BeforeValidator(parse_seconds),
    Field(gt=0, allow_inf_nan=False),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": "^ *[0-9.]+ *(ms|s|m|h|d|w)? *$"},
            ],
            "description": "Seconds, or text such as 30d, 12h, 90s.",
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
                {"type": "string", "pattern": "^ *[0-9.]+ *([KMGT]?[Bb]|[kmgt]b)? *$"},
            ],
            "description": "Bytes, or text such as 1GB or 500MB (powers of 1024).",
        }
    ),
]

"""Values as text: on one line where they fit, otherwise one item to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.gmn.notation.words import PLAIN, RESERVED, write_key, write_scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["INDENT", "WIDTH", "braces", "field", "value_text"]

WIDTH = 100
INDENT = "  "


def field(key: str, value: object, *, indent: str = INDENT) -> str:
    """Write ``key: value``, where ``key`` is written already and the line begins with ``indent``."""
    return f"{key}: {value_text(value, indent=indent, used=len(indent) + len(key) + 2)}"


def braces(fields: Sequence[str], *, before: str, separator: str) -> str:
    """Write a statement with its fields in braces: on one line, parted by ``separator``, if they fit."""
    line = f"{before} {{{separator.join(fields)}}}"
    if separator.isspace():
        line = f"{before} {{ {separator.join(fields)} }}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "\n".join([f"{before} {{", *(f"{INDENT}{written}" for written in fields), "}"])


def value_text(value: object, *, indent: str, used: int = 0) -> str:
    """Write a value.

    Args:
        value: What JSON has: nested lists and mappings of strings, numbers, truth values and null.
        indent: What the lines of the value's surroundings begin with.
        used: Signs that stand before it on its line.

    Raises:
        TypeError: A value or key is of another type.
    """
    if isinstance(value, list | tuple):
        opener, closer = "[", "]"
        parts = [("", item) for item in value]
    elif isinstance(value, dict):
        opener, closer, parts = _object_parts(value)
    else:
        return write_scalar(value)
    inner = indent + INDENT
    texts = [before + value_text(item, indent=inner, used=len(inner) + len(before)) for before, item in parts]
    total = used + len(opener) + sum(len(text) + 2 for text in texts)
    if not _is_broken(texts) and (total <= WIDTH or _is_row(value)):
        return f"{opener}{', '.join(texts)}{closer}"
    separator = f",\n{inner}"
    return f"{opener}\n{inner}{separator.join(texts)}\n{indent}{closer}"


def _object_parts(value: Mapping[str, object]) -> tuple[str, str, list[tuple[str, object]]]:
    """Return the brackets and parts of an object: ``kind(key=value)`` where it has a kind, else braces."""
    kind = value.get("kind")
    if isinstance(kind, str) and PLAIN.fullmatch(kind) and kind not in RESERVED:
        return f"{kind}(", ")", [(f"{write_key(key)}=", item) for key, item in value.items() if key != "kind"]
    return "{", "}", [(f"{write_key(key)}: ", item) for key, item in value.items()]


def _is_broken(texts: list[str]) -> bool:
    return any("\n" in text for text in texts)


def _is_row(value: object) -> bool:
    """Tell whether a list holds numbers only: a row of a matrix stays on its line."""
    return isinstance(value, list | tuple) and all(isinstance(item, int | float) for item in value)

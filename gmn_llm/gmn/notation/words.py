"""Words, numbers and quoted strings: what a sign in a text stands for, and how a value is written as one."""

from __future__ import annotations

import json
import math
import re

__all__ = ["as_quoted", "decode", "is_plain", "read_row", "read_word", "write_key", "write_scalar"]

NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*+)")
CONSTANTS = {
    "true": True, "True": True, "false": False, "False": False, "null": None, "None": None,
    "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf,
}  # fmt: skip
MOST_DIGITS = 400  # far past the largest float, far below what Python refuses to convert

PLAIN = re.compile(r"[^\W\d][\w-]*+(?<!-)")
RESERVED = frozenset({*CONSTANTS, "model", "node", "edge", "nodes", "edges"})

ROW_ITEM = re.compile(r""""(?:[^"\\\n]++|\\[^\n])*+"|'(?:[^'\\\n]++|\\[^\n])*+'|[^\s,]++""")
NUMERIC = re.compile(r"[\[\]\s0-9.,eE+-]*+")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f]")
SINGLE = re.compile(r"""\\[^\n]|["]""")
SURROGATE = re.compile(r"[\ud800-\udfff]")


def read_word(word: str) -> object:
    """Return the number, truth value, null or name that a bare word stands for.

    Numbers are JSON's, and also ``+1``, ``.5`` and ``5.``. One that overflows becomes infinite, for the
    checks to report; one with leading zeros is a name. ``True``, ``False`` and ``None`` are read as well.
    """
    if word[0] in "+-.0123456789" and NUMBER.fullmatch(word):
        if INTEGER.fullmatch(word) and len(word) <= MOST_DIGITS:
            return int(word)
        return float(word)
    return CONSTANTS.get(word, word)


def read_row(row: str) -> list[object]:
    """Return the values of a list of words and quoted strings.

    Raises:
        ValueError: A string has an escape there is none of, or a control character.
    """
    if NUMERIC.fullmatch(row):
        try:
            return list(json.loads(row))
        except ValueError:  # a number that JSON writes otherwise
            pass
    if '"' in row or "'" in row:
        return [decode(item) if item[0] in "\"'" else read_word(item) for item in ROW_ITEM.findall(row[1:-1])]
    return [read_word(item.strip()) for item in row[1:-1].split(",") if item.strip()]


def decode(quoted: str) -> str:
    """Return the text of a quoted string; escapes are those of JSON, and the quote itself.

    Raises:
        ValueError: An escape is unknown or stands for half a character, or a control character stands there.
    """
    if quoted.isascii() and quoted.isprintable() and "\\" not in quoted:
        return quoted[1:-1]
    control = CONTROL.search(quoted)
    if control:
        raise ValueError(f"the control character U+{ord(control.group()):04X} stands in a string")
    if quoted[0] == "'":
        quoted = f'"{SINGLE.sub(_to_double, quoted[1:-1])}"'
    try:
        text = str(json.loads(quoted, strict=False))
    except json.JSONDecodeError as error:
        raise ValueError(f"a string has an escape there is none of, after {error.pos - 1} characters") from error
    if not text.isascii() and SURROGATE.search(text):
        raise ValueError("a string holds a lone surrogate, which is no character")
    return text


def _to_double(match: re.Match[str]) -> str:
    found = match.group()
    if found == '"':
        return r"\""
    return "'" if found == r"\'" else found


def is_plain(text: str) -> bool:
    """Tell whether ``text`` can stand without quotes and is read as itself."""
    return PLAIN.fullmatch(text) is not None and text not in RESERVED


def write_scalar(value: object) -> str:
    """Write a string, number, truth value or null so that it is read as itself.

    Raises:
        TypeError: The value is none of these.
    """
    if isinstance(value, str):
        return value if is_plain(value) else as_quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return json.dumps(float(value))
    raise TypeError(f"a value of type {type(value).__name__} has no place in a document")


def write_key(key: str) -> str:
    """Write the key of an object or argument."""
    return key if PLAIN.fullmatch(key) else as_quoted(key)


def as_quoted(text: str) -> str:
    """Write a text in double quotes."""
    return SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))

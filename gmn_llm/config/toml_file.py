"""TOML configurations: with the line of each key, which the standard library does not tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gmn_llm.config.document import Document, KeyPath
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read"]

TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[\]{}=,.\n]|[^\s\[\]{}=,.\"'\#]+",
    re.DOTALL,
)  # fmt: skip


def read(text: str, source: str) -> Document:
    """Return the document of a TOML text.

    Raises:
        ConfigError: A syntax error or a key twice, with line and column.
    """
    import tomllib  # only a TOML file pays for it

    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        raise ConfigError(f"{source}: {words[:1].lower()}{words[1:]}") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: the file is nested too deeply") from error
    except ValueError as error:
        raise ConfigError(f"{source}: a number in it has too many digits") from error
    return Document(value=value, source=source, lines=lambda: _Walk(text).lines())


class _Walk:
    """Goes over the tokens of a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self._lines: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}
        self._tokens: list[tuple[int, str]] = []
        self._at = 0
        line = 1
        for token in TOKEN.findall(text):
            if not token.startswith("#"):
                self._tokens.append((line, token))
            line += token.count("\n")

    def lines(self) -> Mapping[KeyPath, int]:
        """Return the line of each key and of each part of a list."""
        table: KeyPath = ()
        while self._at < len(self._tokens):
            token = self._token
            if token == "\n":  # noqa: S105 - a line's end
                self._at += 1
            elif token == "[":  # noqa: S105 - a bracket
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    @property
    def _token(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _header(self) -> KeyPath:
        line = self._tokens[self._at][0]
        self._at += 1
        many = self._token == "["  # noqa: S105 - a bracket
        self._at += many
        names = self._key("]")
        self._at += many
        table: KeyPath = ()
        for name in names[:-1]:
            table = self._inside((*table, name), line)
        table = (*table, names[-1])
        if many:
            self._lines.setdefault(table, line)
            self._tables[table] = self._tables.get(table, -1) + 1
            table = (*table, self._tables[table])
        self._lines.setdefault(table, line)
        return table

    def _inside(self, table: KeyPath, line: int) -> KeyPath:
        """Return the path of a table by name, or of the last of those that bear it."""
        self._lines.setdefault(table, line)
        return (*table, self._tables[table]) if table in self._tables else table

    def _key(self, end: str) -> list[str]:
        """Return the parts of a dotted key, and go beyond ``end``."""
        names: list[str] = []
        while self._token != end:
            if self._token != ".":  # noqa: S105 - a dot
                names.append(self._token.strip("\"'"))
            self._at += 1
        self._at += 1
        return names

    def _pair(self, table: KeyPath) -> None:
        line = self._tokens[self._at][0]
        place = table
        for name in self._key("="):
            place = (*place, name)
            self._lines.setdefault(place, line)
        self._value(place)

    def _value(self, place: KeyPath) -> None:
        opened = self._token
        if opened not in ("[", "{"):
            while self._token not in ("\n", ",", "]", "}", ""):
                self._at += 1
            return
        self._at += 1
        index = 0
        while self._token not in ("]", "}"):
            if self._token in ("\n", ","):
                self._at += 1
            elif opened == "{":
                self._pair(place)
            else:
                self._lines[*place, index] = self._tokens[self._at][0]
                self._value((*place, index))
                index += 1
        self._at += 1

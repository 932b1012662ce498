"""JSON configurations: with the line of each key."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from gmn_llm.config.document import Document, KeyPath, Problem, dotted
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read"]

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:\n]|[^\s\[\]{},:"]+')


def read(text: str, source: str) -> Document:
    """Return the document of a JSON text.

    Raises:
        ConfigError: A syntax error, with line and column.
    """

    def refuse(name: str) -> NoReturn:
        raise ConfigError(f"{source}: {name} is no number of JSON's")

    try:
        value = json.loads(text, parse_constant=refuse)
        walk = _Walk(text)
        walk.value(())
    except json.JSONDecodeError as error:
        words = error.msg[:1].lower() + error.msg[1:]
        raise ConfigError(f"{source}, line {error.lineno}, column {error.colno}: {words}") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: the file is nested too deeply") from error
    except ValueError as error:
        raise ConfigError(f"{source}: a number in it has too many digits") from error
    return Document(value=value, source=source, lines=lambda: walk.lines, repeated=tuple(walk.repeated))


class _Walk:
    """Goes over the tokens of a text that is known to be JSON, and notes the line of each key and list part."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.repeated: list[Problem] = []
        self._tokens = _tokens(text)

    def value(self, path: KeyPath) -> None:
        """Read one value, whose line is noted already."""
        _, token = next(self._tokens)
        if token == "{":  # noqa: S105 - a brace
            self._object(path)
        elif token == "[":  # noqa: S105 - a bracket
            self._array(path)

    def _object(self, path: KeyPath) -> None:
        for line, token in self._tokens:
            if token == "}":  # noqa: S105 - a brace
                return
            if token == ",":  # noqa: S105 - a comma
                continue
            place = (*path, json.loads(token))
            if place in self.lines:
                message = f"{dotted(place)} is there twice (first in line {self.lines[place]})"
                self.repeated.append(Problem(place, message, line))
            self.lines[place] = line
            next(self._tokens)  # the colon
            self.value(place)

    def _array(self, path: KeyPath) -> None:
        index = 0
        for line, token in self._tokens:
            if token == "]":  # noqa: S105 - a bracket
                return
            if token == ",":  # noqa: S105 - a comma
                index += 1
                continue
            place = (*path, index)
            self.lines[place] = line
            if token == "{":  # noqa: S105 - a brace
                self._object(place)
            elif token == "[":  # noqa: S105 - a bracket
                self._array(place)


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    line = 1
    for token in TOKEN.findall(text):
        if token == "\n":  # noqa: S105 - a line's end
            line += 1
        else:
            yield line, token

"""A configuration file as read: its value, and where in it each key stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    import yaml

__all__ = ["Document", "KeyPath", "dotted", "read_document"]

KeyPath = tuple[str | int, ...]
LARGEST = 1024 * 1024
SUFFIXES = {".yaml": "YAML", ".yml": "YAML", ".json": "JSON", ".toml": "TOML"}


def _nowhere() -> Mapping[KeyPath, int]:
    return {}


@dataclass(frozen=True, slots=True)
class Document:
    """A configuration before it is checked.

    Attributes:
        value: The mapping that was read; empty for an empty file.
        source: What to call it in a message: the file, or words.
        lines: Returns the line of each key path, from 1. Called only when there is something to say, so that
        a
            good file is not walked for nothing.
    """

    value: Mapping[str, object]
    source: str
    lines: Callable[[], Mapping[KeyPath, int]] = field(default=_nowhere, repr=False)

    def place(self, path: KeyPath) -> str:
        """Return ``FILE, line N`` for the deepest part of ``path`` that stands in the file."""
        known = self.lines()
        for length in range(len(path), 0, -1):
            if path[:length] in known:
                return f"{self.source}, line {known[path[:length]]}"
        return self.source


def read_document(path: Path) -> Document:
    """Read a YAML, JSON or TOML file; which one it is follows from its suffix.

    Raises:
        ConfigError: No such file, not UTF-8, larger than 1 MiB, another suffix, a syntax error, a key twice,
        or
            no mapping at the top.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise ConfigError(
            f"{path}: a configuration is YAML, JSON or TOML, and its file ends in .yaml, .yml, .json or .toml"
        )
    text = _read_text(path)
    document = {"YAML": _read_yaml, "JSON": _read_json, "TOML": _read_toml}[kind](text, str(path))
    if not isinstance(document.value, Mapping):
        raise ConfigError(f"{path}: the top of a configuration is a mapping, not {type(document.value).__name__}")
    return document


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ConfigError(f"{path}: a configuration is at most {LARGEST} bytes long")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: the configuration can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not UTF-8 (byte {error.start})") from error


def _read_yaml(text: str, source: str) -> Document:
    import yaml  # only a YAML file pays for it

    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        lines: dict[KeyPath, int] = {}
        if node is not None:
            _walk(node, (), lines, source, above=())
        value = {} if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError(f"{source}{where}: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{source}: the file is no YAML: {type(error).__name__}") from error
    finally:
        loader.dispose()
    return Document(value={} if value is None else value, source=source, lines=lambda: lines)


def _walk(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], source: str, *, above: tuple[int, ...]) -> None:
    """Note the line of each key below ``node``; a key twice or a loop of anchors is an error."""
    import yaml  # only a YAML file pays for it

    if id(node) in above:
        raise ConfigError(f"{source}, line {node.start_mark.line + 1}: an anchor contains itself")
    children: Iterable[tuple[KeyPath, yaml.Node, yaml.Node]] = ()
    if isinstance(node, yaml.MappingNode):
        children = [((*path, str(key.value)), key, part) for key, part in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = [((*path, index), part, part) for index, part in enumerate(node.value)]
    for place, key, part in children:
        line = key.start_mark.line + 1
        if place in lines:
            raise ConfigError(f"{source}, line {line}: {dotted(place)} is there twice (first in line {lines[place]})")
        lines[place] = line
        _walk(part, place, lines, source, above=(*above, id(node)))


def _read_json(text: str, source: str) -> Document:
    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            line = 1 + text.count("\n", 0, text.rfind(json.dumps(twice, ensure_ascii=False)))
            raise ConfigError(f"{source}, line {line}: {twice} is there twice")
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{source}, line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: the file is nested too deeply") from error

    def lines() -> Mapping[KeyPath, int]:
        # Tabs are white space to JSON and an error to YAML; JSON is read as YAML here for the lines alone.
        return _read_yaml(text.replace("\t", " "), source).lines()

    return Document(value=value, source=source, lines=lines)


def _read_toml(text: str, source: str) -> Document:
    import tomllib  # only a TOML file pays for it

    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: {error}") from error
    return Document(value=value, source=source, lines=lambda: _toml_lines(text))


def _toml_lines(text: str) -> Mapping[KeyPath, int]:
    """Find keys by their tables and the start of the line, which is all that a configuration needs."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip()
        if words.startswith("["):
            table = tuple(part.strip().strip("\"'") for part in words.split("]")[0].strip("[").split("."))
            if words.startswith("[["):
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif "=" in words and not words.startswith("#"):
            key = tuple(part.strip().strip("\"'") for part in words.split("=", 1)[0].split("."))
            lines.setdefault((*table, *key), number)
    return lines


def dotted(path: KeyPath) -> str:
    """Return ``model_list[0].litellm_params`` for ``("model_list", 0, "litellm_params")``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text

"""YAML configurations: with the line of each key, and without the traps of the format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gmn_llm.config.document import Document, KeyPath, Problem, dotted
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

__all__ = ["read"]

MOST_NODES = 100_000
"""Values with all aliases written out: a mebibyte of plain YAML has fewer, and what has more is a bomb."""
MERGE = "tag:yaml.org,2002:merge"
TEXT = "tag:yaml.org,2002:str"


def read(text: str, source: str) -> Document:
    """Return the document of a YAML text.

    Raises:
        ConfigError: A syntax error, a tag, several documents, an anchor that contains itself, or more than 100,000
            values once the aliases are written out; the message has line and column.
    """
    import yaml  # only a YAML file pays for it

    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        line = 1 + text.count("\n", 0, error.position)
        raise ConfigError(f"{source}, line {line}: the character #x{error.character:04x} is not allowed") from error
    walk = _Walk(source)
    try:
        node = loader.get_single_node()
        if node is not None:
            walk.note(node, (), above=())
        value = {} if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{source}{_place(error)}: {_words(error, text)}") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: the file is nested too deeply") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{source}: a value in it can't be read: {error}") from error
    finally:
        loader.dispose()
    lines = walk.lines
    return Document(
        value={} if value is None else value, source=source, lines=lambda: lines, repeated=tuple(walk.repeated)
    )


class _Walk:
    """Notes the line of each key, counts what there is, and minds loops."""

    def __init__(self, source: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.repeated: list[Problem] = []
        self._source = source
        self._nodes = 0

    def note(self, node: yaml.Node, path: KeyPath, *, above: tuple[int, ...], merged: bool = False) -> None:
        """Note the lines below ``node``; what is merged in gives way to what the mapping has itself."""
        import yaml  # a YAML file is being read, so it is there

        line = node.start_mark.line + 1
        if id(node) in above:
            raise ConfigError(f"{self._source}, line {line}: an anchor contains itself")
        own: set[KeyPath] = set()
        for place, key, part in _children(node, path):
            self._nodes += 1
            if self._nodes > MOST_NODES:
                raise ConfigError(
                    f"{self._source}, line {line}: with its aliases written out the file has more than "
                    f"{MOST_NODES} values"
                )
            at = key.start_mark.line + 1
            if place in own:
                message = f"{dotted(place)} is there twice (first in line {self.lines[place]})"
                self.repeated.append(Problem(place, message, at))
            own.add(place)
            if key is not part and key.tag != MERGE and isinstance(key, yaml.ScalarNode):
                # A key is the text that stands there: `on` is no truth value, and 50256 no number.
                key.tag = TEXT
            if key.tag == MERGE:
                for source in part.value if _is_sequence(part) else [part]:
                    self.note(source, path, above=(*above, id(node)), merged=True)
                continue
            self.lines[place] = self.lines.get(place, at) if merged else at
            self.note(part, place, above=(*above, id(node)), merged=merged)


def _is_sequence(node: yaml.Node) -> bool:
    import yaml  # a YAML file is being read, so it is there

    return isinstance(node, yaml.SequenceNode)


def _children(node: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, yaml.Node, yaml.Node]]:
    """Yield path, the node that has the line, and value of each part of a mapping or list."""
    import yaml  # a YAML file is being read, so it is there

    if isinstance(node, yaml.MappingNode):
        for key, part in node.value:
            yield (*path, key.value if isinstance(key.value, str) else "?"), key, part
    elif _is_sequence(node):
        for index, part in enumerate(node.value):
            yield (*path, index), part, part


def _place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _words(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "a tab where only spaces may stand; YAML is indented with spaces"
    context = f"{error.context}, " if error.context and error.problem else ""
    return f"{context}{error.problem or error.context}"

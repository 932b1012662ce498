"""A configuration as YAML in which each value says where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gmn_llm.config.document import KeyPath

__all__ = ["commented_yaml"]

WIDTH = 48
"""Where the comments begin, unless a value is longer."""


def commented_yaml(value: Mapping[str, object], origins: Mapping[KeyPath, str]) -> Iterator[str]:
    """Yield the lines of ``value`` in YAML, each value with a comment of its origin."""
    yield from _mapping(value, (), origins, indent="")


def _mapping(
    value: Mapping[str, object], path: KeyPath, origins: Mapping[KeyPath, str], *, indent: str
) -> Iterator[str]:
    for key, part in value.items():
        place = (*path, str(key))
        if isinstance(part, Mapping) and part:
            yield f"{indent}{_plain(key)}:"
            yield from _mapping(part, place, origins, indent=indent + "  ")
        elif isinstance(part, list) and any(isinstance(each, Mapping) for each in part):
            yield f"{indent}{_plain(key)}:"
            for index, each in enumerate(part):
                yield from _entry(each, (*place, index), origins, indent=indent + "  ")
        else:
            line = f"{indent}{_plain(key)}: {_plain(part)}"
            yield f"{line:<{WIDTH}}  # {origins[place]}" if place in origins else line


def _entry(value: object, path: KeyPath, origins: Mapping[KeyPath, str], *, indent: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{indent}- {_plain(value)}"
        return
    lines = list(_mapping(value, path, origins, indent=indent + "  "))
    for number, line in enumerate(lines or [f"{indent}  {{}}"]):
        yield f"{indent}- {line[len(indent) + 2 :]}" if number == 0 else line


def _plain(value: object) -> str:
    """Return a value on one line of YAML."""
    import yaml  # only this command writes YAML

    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return text.strip().removesuffix("...").strip()

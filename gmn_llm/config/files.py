"""Files of a configuration: found by their suffix, read whole, never more than a mebibyte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gmn_llm.config import json_file, toml_file, yaml_file
from gmn_llm.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from gmn_llm.config.document import Document

__all__ = ["LARGEST", "read_document", "read_text"]

LARGEST = 1024 * 1024
"""Bytes of the longest file that is read."""

READERS = {".yaml": yaml_file.read, ".yml": yaml_file.read, ".json": json_file.read, ".toml": toml_file.read}


def read_document(path: Path) -> Document:
    """Read a YAML, JSON or TOML file; which one it is follows from its suffix.

    Raises:
        ConfigError: No such file, not UTF-8, larger than 1 MiB, another suffix, a syntax error, too many aliases,
            or no mapping at the top.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ConfigError(
            f"{path}: a configuration is YAML, JSON or TOML, and its file ends in .yaml, .yml, .json or .toml"
        )
    document = reader(read_text(path), str(path))
    top: object = document.value
    if not isinstance(top, Mapping):
        found = "a list" if isinstance(top, list) else "a single value"
        raise ConfigError(
            f"{path}: the top of a configuration is a mapping, not {found}",
            hint="begin with a section, such as openai: or model_list:",
        )
    return document


def read_text(path: Path, what: str = "configuration") -> str:
    """Return the text of a file.

    Args:
        path: The file.
        what: What to call it in a message.

    Raises:
        ConfigError: It can't be read, is larger than 1 MiB or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ConfigError(f"{path}: the {what} is longer than {LARGEST} bytes")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: the {what} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the {what} is not UTF-8 (byte {error.start})") from error

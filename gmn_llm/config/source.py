"""Where a configuration comes from, so that it can be read again and a change be seen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gmn_llm.config.load import Examined, examine, find_source, settings_of
from gmn_llm.config.settings import Settings

if TYPE_CHECKING:
    from gmn_llm.config.document import Problem

__all__ = ["ConfigSource", "Given"]

Given = None | Mapping[str, object] | str | Path | Settings
Mark = tuple[str, int, int, int]
Stamp = tuple[Mark | None, ...]

SETTLING = 1.0
"""Seconds within which an emptied file counts as being written: many programs empty a file before they fill it."""


class ConfigSource:
    """A mapping, a file, settings or the environment; read as often as wanted.

    To see a change costs a call of ``stat`` for each file, and no thread: the one who is about to use the
    configuration looks.

    Args:
        given: As ``load_settings`` takes it. A relative path is taken from the folder of the first reading.
    """

    def __init__(self, given: Given = None) -> None:
        self._given = given
        self._folder = Path.cwd() if isinstance(given, str | Path) else None
        self._env_file: Path | None = None
        self._examined: Examined | None = None
        self._seen: Stamp = ()

    def read(self) -> Settings:
        """Return the checked settings as they are now.

        Raises:
            ConfigError: Something is wrong with them. What the files look like is remembered all the same, so that
                ``changed`` is False until somebody mends them.
        """
        # Looked at before they are read: what is written meanwhile is a change that is still to be seen.
        self._seen = self._stamp()
        self._examined = examined = examine(self._source())
        if examined.env_file != self._env_file:
            self._env_file = examined.env_file
            self._seen = self._stamp()
        return settings_of(examined)

    def told(self, problem: Problem) -> str:
        """Return a problem of what was read last, with its file and line where it has them."""
        return problem.message if self._examined is None else self._examined.document.told(problem)

    def changed(self) -> bool:
        """Return whether a file is another one, or was written, since it was last read.

        A file that has just been emptied counts once it has a text again, or has stayed empty for a second.
        """
        now = self._stamp()
        return now != self._seen and not any(map(_being_written, now))

    def _source(self) -> Given:
        """Return what was given; a relative path is taken from where it was given."""
        if isinstance(self._given, str | Path) and self._folder is not None and Path.cwd() != self._folder:
            return self._folder / Path(self._given).expanduser()
        return self._given

    def _stamp(self) -> Stamp:
        source = self._source()
        if source is None:
            file = find_source()
        else:
            file = Path(source).expanduser() if isinstance(source, str | Path) else None
        return (_mark(file), _mark(self._env_file))


def _mark(file: Path | None) -> Mark | None:
    """Return what changes when a file is written or replaced; None where there is none."""
    if file is None:
        return None
    try:
        said = file.stat()
    except OSError:
        return None
    return str(file), said.st_mtime_ns, said.st_size, said.st_ino


def _being_written(mark: Mark | None) -> bool:
    return mark is not None and not mark[2] and 0 <= time.time() - mark[1] / 1e9 < SETTLING

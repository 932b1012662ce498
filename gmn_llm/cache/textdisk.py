"""diskcache's serialisation, cut down to text: nothing that is read from the folder is ever run.

diskcache's own ``Disk`` loads pickles, so that who can write the folder (a repository that brings one along,
say) can run code. This one writes plain text only, and takes a row of any other kind for absent.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import diskcache
from diskcache.core import MODE_RAW, MODE_TEXT, UNKNOWN

__all__ = ["TextDisk"]

VALUE_FILE = re.compile(r"[0-9a-f]{2}[/\\][0-9a-f]{2}[/\\][0-9a-f]{28}\.val")
READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class TextDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Keys and values of type ``str``; long values lie in files of mode 0600."""

    def put(self, key: object) -> tuple[str, bool]:
        """Return the database's form of ``key``.

        Raises:
            TypeError: It is no text.
        """
        if not isinstance(key, str):
            raise TypeError(f"keys are text, not {type(key).__name__}")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """Return the key that the database has as ``key``.

        Raises:
            LookupError: It is no text, so no key of ours.
        """
        if not raw or not isinstance(key, str):
            raise LookupError("a row whose key is no text")
        return key

    def store(
        self,
        value: object,
        read: object,
        key: object = UNKNOWN,
    ) -> tuple[int, int, str | None, str | None]:
        """Return size, mode, file name and value of the row for ``value``, and write its file if it is long.

        Raises:
            TypeError: It is no text.
            OSError: The file can't be written.
        """
        if read or not isinstance(value, str):
            raise TypeError(f"values are text, not {type(value).__name__}")
        data = value.encode("utf-8")
        if len(data) < self.min_file_size:
            return 0, MODE_RAW, None, value
        name, path = self.filename(key, value)
        self._write_private(Path(path), data)
        return len(data), MODE_TEXT, name, None

    def fetch(self, mode: object, filename: object, value: object, read: object) -> str:
        """Return the text of a row.

        Raises:
            OSError: The row is of another kind than ``store`` writes, or its file is gone or no text. diskcache
                takes that for an absent entry.
        """
        if not read and mode == MODE_RAW and isinstance(value, str):
            return value
        if not read and mode == MODE_TEXT and isinstance(filename, str) and VALUE_FILE.fullmatch(filename):
            return self._read_file(Path(self._directory, filename))
        raise FileNotFoundError("a row that is no text")

    def remove(self, file_path: object) -> None:
        """Remove a value's file; a name that ``store`` would not give is left alone, wherever it points."""
        if isinstance(file_path, str) and VALUE_FILE.fullmatch(file_path):
            super().remove(file_path)

    def _read_file(self, path: Path) -> str:
        descriptor = os.open(path, READ_FLAGS)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, opened without following links
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileNotFoundError(f"{path} is no regular file")
            data = file.read()
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FileNotFoundError(f"{path} is no text") from error

    def _write_private(self, path: Path, data: bytes) -> None:
        # diskcache removes folders as they get empty, so one that was just made may be gone again.
        for last in (False, False, True):
            try:
                path.parent.parent.mkdir(mode=0o700, exist_ok=True)
                path.parent.mkdir(mode=0o700, exist_ok=True)
                descriptor = os.open(path, WRITE_FLAGS, 0o600)
            except FileNotFoundError:
                if last:
                    raise
                continue
            break
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, opened with its mode
            file.write(data)
            file.flush()
            os.fsync(descriptor)  # the row must not outlive a power cut that its file does not

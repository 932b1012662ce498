"""Results: to standard output, or to a file that is written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["write", "write_bytes"]


def write(text: str, file: Path | None) -> None:
    """Write ``text``, with a line's end, to ``file`` or to standard output.

    A file is written beside its place and moved there when it is complete.

    Raises:
        OSError: The file can't be written; what was there before is untouched.
    """
    write_bytes((text if text.endswith("\n") else text + "\n").encode("utf-8"), file)


def write_bytes(data: bytes, file: Path | None) -> None:
    """Write ``data`` as ``write`` does.

    Raises:
        OSError: The file can't be written; what was there before is untouched.
    """
    if file is None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    place = file.resolve()
    if place.is_dir():
        raise IsADirectoryError(21, "is a folder", str(file))
    handle, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(beside).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        Path(beside).replace(place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(beside).unlink()
        raise


def _umask() -> int:
    """Return the umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

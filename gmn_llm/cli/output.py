"""Results: to standard output, or to a file that is written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["write", "write_bytes", "writing"]

STANDARD_OUTPUT = "-"


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
    with writing(file) as stream:
        stream.write(data)


@contextlib.contextmanager
def writing(file: Path | None) -> Iterator[BinaryIO]:
    """Give a stream to ``file`` or to standard output; a file is moved to its place when the stream is done with.

    Raises:
        OSError: The file can't be written; what was there before is untouched.
    """
    if file is None or str(file) == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    place = file.resolve()
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(file))
    if place.exists() and not place.is_file():
        # A pipe or a device is written to; moving a file into its place would take it away.
        try:
            with place.open("wb") as stream:
                yield stream
        except OSError as error:
            if error.filename is None:
                raise OSError(error.errno, error.strerror, str(file)) from error
            raise
        return
    with _replacing(file, place) as stream:
        yield stream


@contextlib.contextmanager
def _replacing(file: Path, place: Path) -> Iterator[BinaryIO]:
    """Give a stream beside ``place`` that is moved there; ``file`` is what the caller calls it."""
    try:
        handle, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(beside).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        Path(beside).replace(place)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            Path(beside).unlink()
        if isinstance(error, OSError) and error.filename in (None, beside):
            raise OSError(error.errno, error.strerror, str(file)) from error
        raise


def _umask() -> int:
    """Return the umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

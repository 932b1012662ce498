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

__all__ = ["check_place", "write", "write_bytes", "writing"]

STANDARD_OUTPUT = "-"


def check_place(file: Path | None) -> None:
    """Refuse a place that can't be written to, before the work that is meant for it is done and lost.

    Raises:
        OSError: It is a folder, or its folder is not there or belongs to others.
    """
    if file is None or str(file) == STANDARD_OUTPUT:
        return
    folder = file.resolve().parent
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(file))
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(file))
    if not os.access(file if file.exists() and not file.is_file() else folder, os.W_OK):
        raise PermissionError(errno.EACCES, "permission denied", str(file))


def write(text: str, file: Path | None, *, replace: bool = True) -> None:
    """Write ``text``, with a line's end, to ``file`` or to standard output.

    A file is written beside its place and moved there when it is complete.

    Args:
        text: What to write.
        file: Where to; None and ``-`` are standard output.
        replace: Whether a file that is there is written over.

    Raises:
        OSError: The file can't be written; what was there before is untouched.
    """
    # The name of a file may have bytes that are no UTF-8, which Python has as signs that nothing can encode.
    write_bytes(
        (text if text.endswith("\n") else text + "\n").encode("utf-8", "backslashreplace"), file, replace=replace
    )


def write_bytes(data: bytes, file: Path | None, *, replace: bool = True) -> None:
    """Write ``data`` as ``write`` does.

    Raises:
        OSError: The file can't be written; what was there before is untouched.
    """
    with writing(file, replace=replace) as stream:
        stream.write(data)


@contextlib.contextmanager
def writing(file: Path | None, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Give a stream to ``file`` or to standard output; a file is moved to its place when the stream is done with.

    Args:
        file: Where to; None and ``-`` are standard output.
        replace: Whether a file that is there is written over.

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
    with _replacing(file, place, replace=replace) as stream:
        yield stream


@contextlib.contextmanager
def _replacing(file: Path, place: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Give a stream beside ``place`` that is moved there; ``file`` is what the caller calls it."""
    try:
        handle, beside = tempfile.mkstemp(dir=place.parent, prefix=".gmn-llm.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(beside).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        _move(Path(beside), place, replace=replace)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            Path(beside).unlink()
        if isinstance(error, OSError) and error.filename in (None, beside):
            raise OSError(error.errno, error.strerror, str(file)) from error
        raise


def _move(beside: Path, place: Path, *, replace: bool) -> None:
    """Move a file to its place; one that came there meanwhile is kept, where the file system can make sure of it.

    Raises:
        FileExistsError: There is a file that is not to be written over.
        OSError: It can't be moved.
    """
    if replace:
        beside.replace(place)
        return
    try:
        place.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:
        # No links there, as on FAT: what is left is to look first.
        if place.exists():
            raise FileExistsError(errno.EEXIST, "the file is there already", str(place)) from None
        beside.replace(place)
    else:
        beside.unlink()


def _umask() -> int:
    """Return the umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

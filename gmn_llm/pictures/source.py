"""Where a picture comes from: a file, an address, a ``data:`` address, bytes, or the text of a diagram itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from gmn_llm.errors import InputError
from gmn_llm.findings import quote
from gmn_llm.pictures.fetching import fetched, shown

if TYPE_CHECKING:
    from gmn_llm.gmn.limits import Limits

__all__ = ["Image", "Raw", "raw"]

Image = str | Path | bytes
"""A picture or diagram as callers have it: a path, an address, bytes, or a diagram's text."""
SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=//|[^\\/])")
WEB: Final = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Raw:
    """What was handed in, read.

    Attributes:
        name: What messages call it.
        data: Its bytes.
        ending: Of the file's name, in lower case with its dot; empty where there is no file.
    """

    name: str
    data: bytes
    ending: str = ""


async def raw(image: object, number: int, *, limits: Limits, seconds: float) -> Raw:
    """Return the bytes of what a caller handed in.

    Args:
        image: One of ``Image``.
        number: Its place among the others, from 1, for messages.
        limits: What is too large.
        seconds: The most an address may take.

    Raises:
        InputError: It is nothing of the kind, can't be had, is empty or too large.
    """
    most = limits.picture_bytes
    if isinstance(image, bytes | bytearray | memoryview):
        return _held(Raw(f"picture {number}", bytes(image)), most)
    if isinstance(image, str) and "\n" in image.strip():
        return _held(Raw(f"picture {number}", image.encode("utf-8", "surrogatepass")), most)
    if isinstance(image, str) and (scheme := SCHEME.match(image)):
        kind = scheme[1].lower()
        if kind == "data":
            return _held(Raw(f"picture {number}", _unpacked(image, number, most)), most)
        if kind in WEB:
            found = await fetched(image, most=most, seconds=seconds)
            return _held(Raw(shown(image), found, Path(shown(image)).suffix.lower()), most)
        if "://" in image:
            raise InputError(
                f"picture {number} is at {shown(image)}, and {kind} is no way to fetch one",
                hint="a path, an http or https address, a data: address, or bytes",
            )
    if not isinstance(image, str | Path) or not str(image).strip():
        said = "empty" if isinstance(image, str) else f"of the type {type(image).__name__}"
        raise InputError(f"picture {number} is {said}", hint="a path, an address, or bytes")
    return _held(await asyncio.to_thread(_of_file, image, most), most)


def _of_file(given: str | Path, most: int) -> Raw:
    name = quote(str(given))
    try:
        path = Path(given).expanduser()
        if path.is_dir():
            raise InputError(f"{name} is a folder", hint="name the picture in it")
        if path.exists() and not path.is_file():
            # A pipe or a device may never end.
            raise InputError(f"{name} is no regular file", hint="save the picture as a file")
        with path.open("rb") as file:
            return Raw(name, file.read(most + 1), path.suffix.lower())
    except FileNotFoundError as error:
        raise InputError(f"there is no picture {name}", hint="check the path") from error
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        why = getattr(error, "strerror", None) or error
        raise InputError(f"the picture {name} can't be read: {why}", hint="check the path") from error


def _unpacked(address: str, number: int, most: int) -> bytes:
    """Return what a ``data:`` address (RFC 2397) holds."""
    head, comma, body = address.partition(",")
    if not comma:
        raise InputError(f"picture {number} is a data: address without a comma", hint="data:image/png;base64,...")
    if len(body) > 4 * most:
        raise _too_large(f"picture {number}", most)
    if not head.rstrip().lower().endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(
            f"picture {number} is a data: address that is not base64", hint="data:image/png;base64,..."
        ) from error


def _held(found: Raw, most: int) -> Raw:
    if not found.data:
        raise InputError(f"{found.name} is empty", hint="hand over a picture, or the text of a diagram")
    if len(found.data) > most:
        raise _too_large(found.name, most)
    return found


def _too_large(name: str, most: int) -> InputError:
    return InputError(
        f"{name} has more than the {most} bytes that a picture may have",
        hint="make the picture smaller, or raise limits.picture_bytes",
    )

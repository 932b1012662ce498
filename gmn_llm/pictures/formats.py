"""The formats of pictures that providers take, told by their bytes: PNG, JPEG, GIF and WebP.

A file is walked from its signature to its end, so that one that was cut short is found here and not by the provider.
Nothing is decoded. Sources: W3C's PNG specification, ITU-T T.81 (JPEG), the GIF89a specification, RFC 9649 (WebP);
which are taken: OpenAI's guide "Images and vision" and Anthropic's "Vision" have the same four, GIF that does not move.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Raster", "measured", "other_format"]

PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
MOVES: Final = "moves, and providers look at one picture: save the frame that counts"
SHORT: Final = "ends before its end: it was cut short"
OTHERS: Final[Mapping[bytes, str]] = {
    b"%PDF-": "a PDF",
    b"BM": "a BMP picture",
    b"II*\x00": "a TIFF picture",
    b"MM\x00*": "a TIFF picture",
    b"PK\x03\x04": "a ZIP archive or an office document",
    b"\x1f\x8b": "compressed with gzip",
    b"\x00\x00\x01\x00": "an icon",
}
"""What a file may be instead, by its first bytes."""


@dataclass(frozen=True, slots=True)
class Raster:
    """What a picture's head says of it.

    Attributes:
        media_type: E.g. ``image/png``.
        width: In pixels.
        height: In pixels.
    """

    media_type: str
    width: int
    height: int


def measured(data: bytes) -> Raster | None:
    """Return what ``data`` is a picture of, or None where it is none of the four formats.

    Raises:
        ValueError: It is one of them and damaged, or it moves; the message says so, to be read after a name.
    """
    for begins, media_type, size in READERS:
        if begins(data):
            width, height = size(data)
            if not width or not height:
                raise ValueError("has no pixels")
            return Raster(media_type, width, height)
    return None


def other_format(data: bytes) -> str | None:
    """Return in words what ``data`` is, where it is a well-known format that is not taken."""
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF picture, or a film"
    return next((words for begin, words in OTHERS.items() if data.startswith(begin)), None)


def _part(data: bytes, place: int, count: int) -> bytes:
    part = data[place : place + count]
    if len(part) < count:
        raise ValueError(SHORT)
    return part


def _png(data: bytes) -> tuple[int, int]:
    place, size = len(PNG), (0, 0)
    while True:
        length, kind = struct.unpack(">I4s", _part(data, place, 8))
        body = _part(data, place + 8, length)
        (check,) = struct.unpack(">I", _part(data, place + 8 + length, 4))
        if zlib.crc32(body, zlib.crc32(kind)) != check:
            raise ValueError("is damaged: a checksum of the PNG does not fit")
        if kind == b"IHDR":
            width, height = struct.unpack(">II", _part(body, 0, 8))
            size = (width, height)
        if kind == b"IEND":
            return size
        place += 12 + length


def _jpeg(data: bytes) -> tuple[int, int]:
    place, size = 2, (0, 0)
    while True:
        marker = _part(data, place, 2)
        if marker[0] != 0xFF:
            raise ValueError("is damaged: a part of the JPEG does not begin as one")
        code = marker[1]
        if code == 0xFF:  # a filling byte
            place += 1
            continue
        if code == 0xD9:
            raise ValueError(SHORT)
        (length,) = struct.unpack(">H", _part(data, place + 2, 2))
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", _part(data, place + 5, 4))
            size = (width, height)
        if code == 0xDA:
            if data.find(b"\xff\xd9", place + length) < 0:
                raise ValueError(SHORT)
            return size
        place += 2 + length


def _gif(data: bytes) -> tuple[int, int]:
    width, height, packed = struct.unpack("<HHB", _part(data, 6, 5))
    frames, place = 0, 13 + _colours(packed)
    while True:
        kind = _part(data, place, 1)
        if kind == b";":
            break
        if kind == b",":
            frames += 1
            place = _blocks_end(data, place + 11 + _colours(_part(data, place + 9, 1)[0]))
        elif kind == b"!":
            place = _blocks_end(data, place + 2)
        else:
            raise ValueError("is damaged: a part of the GIF does not begin as one")
    if frames > 1:
        raise ValueError(MOVES)
    return (width, height) if frames else (0, 0)


def _colours(packed: int) -> int:
    """Return the bytes of a GIF's table of colours."""
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks_end(data: bytes, place: int) -> int:
    """Return the place after a row of GIF's blocks, which ends with an empty one."""
    while length := _part(data, place, 1)[0]:
        place += 1 + length
    return place + 1


def _webp(data: bytes) -> tuple[int, int]:
    (length,) = struct.unpack("<I", _part(data, 4, 4))
    _part(data, 8, length)
    kind = _part(data, 12, 4)
    if kind == b"VP8X":
        if _part(data, 20, 1)[0] & 0x02:
            raise ValueError(MOVES)
        sides = _part(data, 24, 6)
        return int.from_bytes(sides[:3], "little") + 1, int.from_bytes(sides[3:], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(_part(data, 21, 4), "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", _part(data, 26, 4))
    return width & 0x3FFF, height & 0x3FFF


def _begins_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


READERS: Final[tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], tuple[int, int]]], ...]] = (
    (lambda data: data.startswith(PNG), "image/png", _png),
    (lambda data: data.startswith(JPEG), "image/jpeg", _jpeg),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), "image/gif", _gif),
    (_begins_webp, "image/webp", _webp),
)
"""How each format begins, its media type, and what reads its size."""

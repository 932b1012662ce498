"""A large matrix as an image: one point a number, written as PNG (https://www.w3.org/TR/png-3/)."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Image", "image"]

MOST_SIDE = 512
MOST_ZOOM = 12
LEVELS = 15
INK = (74, 128, 214)
"""One colour on a light ground and on a dark one; the strength of a number is how opaque it is."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is part of the page.

    Attributes:
        source: A ``data:`` address.
        width: Pixels across, as shown.
        height: Pixels down, as shown.
        merged: How many numbers a point stands for along each axis.
    """

    source: str
    width: int
    height: int
    merged: int


def image(matrix: NDArray[np.float64]) -> Image:
    """Return probabilities of shape (rows, columns) as an image; past 512 to a side the largest of a block is shown."""
    merged = -(-max(matrix.shape) // MOST_SIDE)
    small = _merged(matrix, merged)
    levels = np.ceil(np.clip(small, 0.0, 1.0) * LEVELS).astype(np.uint8)
    rows, cols = levels.shape
    zoom = max(1, min(MOST_ZOOM, 400 // max(rows, cols)))
    data = base64.b64encode(_png(levels)).decode("ascii")
    return Image(f"data:image/png;base64,{data}", cols * zoom, rows * zoom, merged)


def _merged(matrix: NDArray[np.float64], block: int) -> NDArray[np.float64]:
    if block == 1:
        return matrix
    starts = [np.arange(0, size, block) for size in matrix.shape]
    rows: NDArray[np.float64] = np.maximum.reduceat(matrix, starts[0], axis=0)
    return np.asarray(np.maximum.reduceat(rows, starts[1], axis=1))


def _png(levels: NDArray[np.uint8]) -> bytes:
    """Return levels 0..15 as a PNG with a palette of one colour, from transparent to opaque."""
    rows, cols = levels.shape
    header = struct.pack(">IIBBBBB", cols, rows, 4, 3, 0, 0, 0)
    even = np.pad(levels, ((0, 0), (0, cols % 2)))
    packed = (even[:, 0::2] << 4 | even[:, 1::2]).astype(np.uint8)
    lines = np.pad(packed, ((0, 0), (1, 0))).tobytes()  # each line begins with its filter, here none
    parts = (
        (b"IHDR", header),
        (b"PLTE", bytes(INK) * (LEVELS + 1)),
        (b"tRNS", bytes(round(255 * k / LEVELS) for k in range(LEVELS + 1))),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

"""Looks at what a caller handed in as images: pictures for a model with vision, and diagrams for any model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.errors import InputError
from gmn_llm.messages import Picture
from gmn_llm.pictures.diagram import Diagram, Unreadable
from gmn_llm.pictures.formats import measured, other_format
from gmn_llm.pictures.reading import DIAGRAM_ENDINGS, diagrams_in, read_diagram
from gmn_llm.pictures.source import Raw, raw
from gmn_llm.pictures.svg import drawn, is_svg

if TYPE_CHECKING:
    from gmn_llm.gmn.limits import Limits

__all__ = ["NOTHING", "Seen", "look"]

TAKEN = "PNG, JPEG, WebP, a GIF that does not move, SVG, or a diagram as Mermaid or Graphviz text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of the images of one call.

    Attributes:
        pictures: For a model with vision, in order.
        diagrams: For any model, in order.
    """

    pictures: tuple[Picture, ...] = ()
    diagrams: tuple[Diagram, ...] = ()


NOTHING = Seen()


async def look(images: object, *, limits: Limits, seconds: float) -> Seen:
    """Return the pictures and diagrams that a caller handed in.

    Files and addresses are read, SVG is drawn and diagrams are parsed off the event loop.

    Args:
        images: A list of paths, http(s) and ``data:`` addresses, bytes, or texts of diagrams.
        limits: How many, how large (bytes, pixels of a side), and how much may be in a diagram.
        seconds: The most it may take.

    Raises:
        InputError: They are no list; one of them can't be had, is damaged, too large, or nothing that can be shown.
    """
    if not isinstance(images, Sequence) or isinstance(images, str | bytes | bytearray | memoryview):
        raise InputError("images is a list of pictures", hint='["sketch.png"]')
    if len(images) > limits.pictures:
        raise InputError(
            f"there are {len(images)} pictures where {limits.pictures} are the most",
            hint="leave some out, or raise limits.pictures",
        )
    seen: list[Picture | tuple[Diagram, ...]] = []
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    try:
        async with asyncio.timeout_at(end):
            for number, image in enumerate(images, start=1):
                found = await raw(image, number, limits=limits, seconds=max(end - clock(), 0.001))
                seen.append(await asyncio.to_thread(_understood, found, limits))
    except TimeoutError as error:
        raise InputError(
            f"the pictures took all of the {seconds:.3g} s there are", hint="give it more time (timeout), or files"
        ) from error
    return Seen(
        pictures=tuple(each for each in seen if isinstance(each, Picture)),
        diagrams=tuple(diagram for each in seen if isinstance(each, tuple) for diagram in each),
    )


def _understood(found: Raw, limits: Limits) -> Picture | tuple[Diagram, ...]:
    picture = _picture(found.name, found.data, limits)
    if picture is not None:
        return picture
    text = _text(found)
    if found.ending not in DIAGRAM_ENDINGS and is_svg(text):
        picture = _picture(found.name, drawn(text, found.name, side=limits.picture_side), limits)
        if picture is not None:
            return picture
    try:
        diagram = read_diagram(text, limits=limits)
    except Unreadable as error:
        raise InputError(f"{found.name} {error}", hint="or hand it over as a picture (PNG)") from error
    diagrams = (diagram,) if diagram is not None else diagrams_in(text, limits=limits)
    if not diagrams:
        raise InputError(f"{found.name} is text, and neither SVG nor a diagram that can be read", hint=TAKEN)
    return diagrams


def _picture(name: str, data: bytes, limits: Limits) -> Picture | None:
    try:
        raster = measured(data)
    except ValueError as error:
        raise InputError(f"{name} {error}", hint="save or copy it anew") from error
    if raster is None:
        return None
    if len(data) > limits.picture_bytes:
        raise InputError(
            f"{name} has {len(data)} bytes as a PNG where {limits.picture_bytes} are the most",
            hint="make the picture simpler, or raise limits.picture_bytes",
        )
    if max(raster.width, raster.height) > limits.picture_side:
        raise InputError(
            f"{name} has {raster.width} x {raster.height} pixels where {limits.picture_side} are the most for a side",
            hint="make it smaller: providers scale down what is over 1,568 or 2,048 pixels anyway",
        )
    return Picture(raster.media_type, data)


def _text(found: Raw) -> str:
    """Return the bytes as text."""
    other = other_format(found.data)
    if other is not None:
        raise InputError(f"{found.name} is {other}, which can't be shown to a model", hint=TAKEN)
    try:
        wide = found.data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = found.data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{found.name} is no picture of a format that is known, and no text", hint=TAKEN) from error
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise InputError(f"{found.name} is a web page", hint="use the address of the picture itself")
    if not text.strip():
        raise InputError(f"{found.name} is empty", hint=TAKEN)
    return text

"""SVG, the text of a drawing, as a PNG that any model with vision can be shown.

Nothing outside the text is ever read: what refers to a file or an address is refused here, before anything is drawn.
It is drawn by ``resvg`` (the extra ``images``), in a process of its own with bounds in time and memory.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from gmn_llm.errors import InputError
from gmn_llm.findings import quote
from gmn_llm.pictures.drawing import CANNOT_DRAW, NO_FONT
from gmn_llm.pictures.formats import measured

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["drawn", "is_svg"]

SIDE: Final = 1568
"""Pixels of the longer side: Anthropic scales down what is larger (its guide "Vision"), OpenAI what is over 2,048."""
DRAWING: Final = Path(__file__).with_name("drawing.py")
SECONDS: Final = 10.0
REFERENCES: Final = frozenset({"href", "xlink:href", "src"})
LINKS: Final = frozenset({"a", "script"})
"""Elements whose references the drawing does without."""
EMBEDDED: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,")
LENGTH: Final = re.compile(r"\s*(\d*\.?\d+(?:[eE][-+]?\d+)?)(px|pt|pc|mm|cm|in|em|ex)?\s*")
PIXELS: Final[Mapping[str | None, float]] = {
    None: 1, "px": 1, "pt": 4 / 3, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96, "em": 16, "ex": 8,
}  # fmt: skip
"""CSS pixels to a unit (CSS Values and Units, 6.2); em and ex at the usual size of text."""


class _Enough(Exception):  # noqa: N818  # ends a walk, and is no error
    """What was looked for is found."""


@dataclass(slots=True)
class _Found:
    """What a walk through the text found.

    Attributes:
        root: Name of the outermost element, without a prefix.
        size: The root's attributes on its size.
        text: Whether there is text to draw.
        path: The elements around the place that is read.
    """

    root: str = ""
    size: dict[str, str] = field(default_factory=dict)
    text: bool = False
    path: list[str] = field(default_factory=list)


def is_svg(text: str) -> bool:
    """Return whether a text's outermost element is that of SVG."""
    names: list[str] = []
    reader = expat.ParserCreate()

    def begin(name: str, _: Mapping[str, str]) -> None:
        names.append(name.rpartition(":")[2])
        raise _Enough

    reader.StartElementHandler = begin
    try:
        reader.Parse(text.strip(), True)  # noqa: FBT003  # expat's own
    except (_Enough, expat.ExpatError):
        return names == ["svg"]
    return False


def drawn(text: str, name: str, *, side: int) -> bytes:
    """Return the drawing as a PNG on white, its longer side ``SIDE`` pixels, or ``side`` where that is less.

    Args:
        text: The SVG.
        name: What messages call it.
        side: The most pixels of a side.

    Raises:
        InputError: It is no well-formed SVG, refers to something outside of it, can't be drawn in the time and memory
            there are, or its text can't; or the extra is not installed.
    """
    found = _walked(text.strip(), name)
    if find_spec("resvg_py") is None:
        raise InputError(
            f"{name} is SVG, and turning it into PNG needs the extra: pip install 'gmn-llm[images]'",
            hint="or export it as PNG",
        ) from ImportError("resvg_py")
    width, height = _extent(found.size)
    longer = str(min(SIDE, side))
    sides = (longer, "0") if width >= height else ("0", longer)
    command = [sys.executable, "-P", str(DRAWING), *sides, str(int(found.text))]
    try:
        done = subprocess.run(  # noqa: S603  # our own program; what comes from outside is on its standard input
            command, input=text.strip().encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{name} takes more than {SECONDS:g} s to draw", hint="export it as PNG") from error
    if done.returncode:
        raise _failed(name, done.returncode, done.stderr.decode("utf-8", "replace"))
    return done.stdout


def _failed(name: str, code: int, said: str) -> InputError:
    if code == NO_FONT:
        return InputError(
            f"{name} has text, and this machine has no typeface to draw it in",
            hint="install one (Debian: fonts-dejavu-core), or export it as PNG",
        )
    if code == CANNOT_DRAW:
        return InputError(f"{name} can't be drawn: {quote(said)}", hint="export it as PNG")
    return InputError(
        f"{name} takes more time or memory to draw than there is for it (exit code {code})", hint="export it as PNG"
    )


def _walked(text: str, name: str) -> _Found:
    """Read the text once, and refuse what must not, or can't, be drawn."""
    found = _Found()
    reader = expat.ParserCreate()

    def begin(element: str, attributes: Mapping[str, str]) -> None:
        local = element.rpartition(":")[2]
        if not found.path:
            found.root, found.size = local, dict(attributes)
        found.text = found.text or local == "text"
        if local == "foreignObject" and "switch" not in found.path:
            raise InputError(
                f"{name} has text as HTML (foreignObject), which would be missing in the drawing",
                hint="export it as PNG, or hand over its source (Mermaid or Graphviz)",
            )
        if local not in LINKS:
            _refuse_references(name, local, attributes)
        found.path.append(local)

    def entity(entity_name: str, *_: object) -> None:
        raise InputError(f"{name} declares the entity {quote(entity_name)}", hint="export it as plain SVG, or as PNG")

    reader.StartElementHandler = begin
    reader.EndElementHandler = lambda _: found.path.pop()
    reader.EntityDeclHandler = entity
    try:
        reader.Parse(text, True)  # noqa: FBT003  # expat's own
    except expat.ExpatError as error:
        raise InputError(f"{name} is not well-formed SVG: {error}", hint="export it anew, or as PNG") from error
    return found


def _refuse_references(name: str, element: str, attributes: Mapping[str, str]) -> None:
    for attribute, value in attributes.items():
        where = value.strip()
        if attribute not in REFERENCES or where.startswith("#") or not where:
            continue
        if EMBEDDED.match(where) and _is_embedded(where, name):
            continue
        raise InputError(
            f"{name} refers to {quote(where)} in <{element}>, and what is outside of a drawing is not read",
            hint="embed the picture (data:image/png;base64,...), or export the drawing as PNG",
        )


def _is_embedded(address: str, name: str) -> bool:
    """Return whether it is a picture of a format we know; the drawing would take a wrong one for another SVG."""
    try:
        return measured(base64.b64decode(address.partition(",")[2])) is not None
    except (binascii.Error, ValueError) as error:
        raise InputError(f"a picture in {name} can't be used: it {error}", hint="export the drawing as PNG") from error


def _extent(attributes: Mapping[str, str]) -> tuple[float, float]:
    """Return width and height in some unit; which is the longer is what matters."""
    sides = [LENGTH.fullmatch(attributes.get(side, "")) for side in ("width", "height")]
    if sides[0] and sides[1]:
        width, height = (float(side[1]) * PIXELS[side[2]] for side in sides if side)
        return width, height
    box = attributes.get("viewBox", "").replace(",", " ").split()
    try:
        return float(box[2]), float(box[3])
    except (IndexError, ValueError):
        return 1.0, 1.0

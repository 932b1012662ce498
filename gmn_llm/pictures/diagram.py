"""A drawing of nodes and arrows, whichever notation it was written in."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Arrow", "Box", "Diagram", "Frame", "Line", "Unreadable", "plain"]

Line = Literal["solid", "dotted", "thick"]
CODE: Final = re.compile(r"#(\d{1,7}|[A-Za-z][A-Za-z0-9]{1,30});")
BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
LAST_SIGN: Final = 0x10FFFF
SURROGATES: Final = range(0xD800, 0xE000)


class Unreadable(ValueError):  # noqa: N818  # said of the text, as in "unreadable in line 3"
    """A text is no diagram of the notation it begins as; the message says where and what was expected."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node.

    Attributes:
        id: As the text has it; unique in a diagram. ``[*]`` is where a state diagram begins and ends.
        label: What stands in it; its id where nothing does. Lines are divided by a line's end.
        shape: As the notation calls it; empty for the usual one.
    """

    id: str
    label: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge.

    Attributes:
        source: The id it leaves from.
        target: The id it leads to.
        label: What stands on it; may be empty.
        line: How it is drawn.
        directed: Whether it has a head.
    """

    source: str
    target: str
    label: str = ""
    line: Line = "solid"
    directed: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """A group of nodes with a frame around it.

    Attributes:
        id: As the text has it.
        label: Its title.
        members: Ids of the nodes in it, those of frames inside of it included.
    """

    id: str
    label: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """What a text draws.

    Attributes:
        kind: What was drawn.
        boxes: The nodes, in the order in which they first stand in the text.
        arrows: The edges, in order.
        frames: The groups, in order.
    """

    kind: Literal["flowchart", "state diagram", "graph"]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return it as JSON has it, for a model; what goes without saying is left out."""
        data: dict[str, object] = {
            "kind": self.kind,
            "nodes": [
                {"id": box.id}
                | ({"label": box.label} if box.label != box.id else {})
                | ({"shape": box.shape} if box.shape else {})
                for box in self.boxes
            ],
            "edges": [
                {"source": arrow.source, "target": arrow.target}
                | ({"label": arrow.label} if arrow.label else {})
                | ({"line": arrow.line} if arrow.line != "solid" else {})
                | ({} if arrow.directed else {"directed": False})
                for arrow in self.arrows
            ],
        }
        if self.frames:
            data["groups"] = [
                {"id": frame.id}
                | ({"label": frame.label} if frame.label != frame.id else {})
                | {"nodes": list(frame.members)}
                for frame in self.frames
            ]
        return data


def plain(text: str) -> str:
    """Return a caption without its quotes, with Mermaid's entity codes and breaks as the signs they stand for."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if len(text) >= 2 and text[0] == text[-1] == "`":
        text = text[1:-1]
    # Breaks first: a code may stand for a sign that begins one.
    return CODE.sub(_sign, BREAK.sub("\n", text)).strip()


def _sign(found: re.Match[str]) -> str:
    """Return the sign of an entity code (Mermaid, "Entity codes to escape characters")."""
    name = found[1]
    if not name.isdecimal():
        said = html.unescape(f"&{name};")
        return found[0] if said.startswith("&") and name != "amp" else said
    number = int(name)
    return found[0] if number > LAST_SIGN or number in SURROGATES else chr(number)

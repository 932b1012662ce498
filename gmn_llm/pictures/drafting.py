"""What the readers of diagrams share: a sketch that is filled node by node within its bounds, and lark's errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken

from gmn_llm.findings import quote
from gmn_llm.pictures.diagram import Arrow, Box, Diagram, Frame, Line, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lark import Lark

    from gmn_llm.gmn.limits import Limits

__all__ = ["Sketch", "read_with"]


def read_with(parser: Lark, text: str, *, what: str) -> Any:
    """Return what ``parser`` makes of ``text``.

    Raises:
        Unreadable: It does not follow the grammar; the message has line and column.
    """
    try:
        return parser.parse(text)
    except UnexpectedEOF as error:
        raise Unreadable(f"ends in the middle of {what}") from error
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            raise Unreadable(f"ends in the middle of {what}") from error
        place = error.pos_in_stream
        said = "" if place is None else text[place : place + 20].strip().partition("\n")[0]
        raise Unreadable(
            f"is no {what.removeprefix('a ')} that can be read: line {error.line}, column {error.column}, at "
            f"{quote(said) or 'its end'}"
        ) from error


class Sketch:
    """A diagram that is being read.

    Args:
        limits: Nodes and edges there may be, and how deep frames may be nested.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._boxes: dict[str, Box] = {}
        self._arrows: list[Arrow] = []
        self._frames: list[Frame | None] = []
        self._open: list[tuple[str, str, dict[str, None]]] = []

    def box(self, box: Box, *, told: bool = True) -> None:
        """Add a node, or say more of one that is there.

        Args:
            box: The node.
            told: Whether something was said of it besides its id; only then it stands above what was said before.

        Raises:
            Unreadable: There are too many.
        """
        if told or box.id not in self._boxes:
            self._boxes[box.id] = box
        if len(self._boxes) > self._limits.nodes:
            raise Unreadable(f"draws more than the {self._limits.nodes} nodes there may be (limits.nodes)")
        for *_, members in self._open:
            members[box.id] = None

    def known(self, name: str) -> Box | None:
        """Return the node of that id, if there is one by now."""
        return self._boxes.get(name)

    def arrows(
        self,
        sources: Sequence[str],
        targets: Sequence[str],
        label: str = "",
        line: Line = "solid",
        heads: tuple[bool, bool] = (False, True),
    ) -> None:
        """Add an edge from each of ``sources`` to each of ``targets``; with two heads, one each way.

        Raises:
            Unreadable: There are too many.
        """
        ways = 2 if all(heads) else 1
        if len(self._arrows) + len(sources) * len(targets) * ways > self._limits.edges:
            raise Unreadable(f"draws more than the {self._limits.edges} edges there may be (limits.edges)")
        for source in sources:
            for target in targets:
                if heads[0] and not heads[1]:
                    self._arrows.append(Arrow(target, source, label, line))
                    continue
                self._arrows.append(Arrow(source, target, label, line, any(heads)))
                if all(heads):
                    self._arrows.append(Arrow(target, source, label, line))

    @contextmanager
    def frame(self, name: str, label: str) -> Iterator[None]:
        """Put a frame around all nodes that are added meanwhile; one without a name is not shown.

        Raises:
            Unreadable: Frames are nested too deeply.
        """
        if len(self._open) >= self._limits.nesting:
            raise Unreadable(f"nests groups deeper than {self._limits.nesting} levels (limits.nesting)")
        place = len(self._frames)
        self._frames.append(None)
        members: dict[str, None] = {}
        self._open.append((name, label, members))
        yield
        self._open.pop()
        self._frames[place] = Frame(name, label, tuple(members))

    def finished(self, kind: Literal["flowchart", "state diagram", "graph"]) -> Diagram:
        """Return the diagram.

        Raises:
            Unreadable: There is no node in it.
        """
        frames = tuple(frame for frame in self._frames if frame is not None and frame.id)
        names = {frame.id for frame in frames}
        # An edge may lead to a frame, which is no node of its own then.
        boxes = tuple(box for box in self._boxes.values() if box.id not in names)
        if not boxes:
            raise Unreadable("draws no node")
        return Diagram(kind=kind, boxes=boxes, arrows=tuple(self._arrows), frames=frames)

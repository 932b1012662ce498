"""Diagrams as text: Mermaid's flowcharts and state diagrams, and Graphviz, told by how they begin.

A model needs no vision for them: what they draw goes to it as data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gmn_llm.pictures.diagram import Diagram, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gmn_llm.gmn.limits import Limits

__all__ = ["DIAGRAM_ENDINGS", "diagrams_in", "may_draw", "read_diagram"]

DIAGRAM_ENDINGS: Final = frozenset({".mmd", ".mermaid", ".dot", ".gv"})
FRONT: Final = re.compile(r"---[ \t]*\r?\n(?:(?!---)[^\n]*\n)*---[ \t]*\r?\n")
"""Mermaid's front matter: its title and its looks."""
PASSED: Final = re.compile(r"\s+|%%\{(?:[^}]|\}(?!%%))*\}%%|%%(?!\{)[^\n]*|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|#[^\n]*")
"""What may stand before the first word: directives and comments of both languages."""
FLOWCHART: Final = re.compile(
    r"(?:flowchart|graph)(?:-elk)?(?:[ \t]+(?:TB|TD|BT|RL|LR|[<>^v]))(?=[ \t]*(?:[;\r\n]|%%|$))"
    r"|flowchart(?:-elk)?(?=[ \t]*(?:[;\r\n]|%%|$))"
)
STATECHART: Final = re.compile(r"stateDiagram(?:-v2)?(?=[ \t]*(?:[\r\n]|%%|$))")
GRAPHVIZ: Final = re.compile(r'(?:strict\s+)?(?:di)?graph\b\s*(?:"(?:[^"\\]|\\.)*"|[\w.-]+)?\s*\{', re.IGNORECASE)
OTHER_MERMAID: Final = re.compile(
    r"(?:sequenceDiagram|classDiagram|erDiagram|gantt|pie|journey|gitGraph|mindmap|timeline|quadrantChart|"
    r"requirementDiagram|C4\w+|sankey(?:-beta)?|xychart(?:-beta)?|block(?:-beta)?|packet(?:-beta)?|kanban|"
    r"architecture(?:-beta)?)\b"
)
FENCE: Final = re.compile(r"[ ]{0,3}(`{3,}|~{3,})[ \t]*([\w-]*)")
FENCES: Final = frozenset({"", "mermaid", "mmd", "dot", "graphviz", "gv", "text", "txt"})
"""What a fence is called in which a diagram may stand."""
BEGINNINGS: Final = ("graph", "flowchart", "statediagram")
"""Of these, in small letters, every diagram that is read has one in its first word."""


def read_diagram(text: str, *, limits: Limits) -> Diagram | None:
    """Return what a text draws, or None where it does not begin as a diagram does.

    Args:
        text: The text, whole.
        limits: Bytes, nodes and edges there may be, and how deep groups may be nested.

    Raises:
        Unreadable: It begins as a diagram and can't be read, is too large, or is one of Mermaid's other kinds.
    """
    text, reader = _begun(text)
    if reader is None:
        if OTHER_MERMAID.match(text):
            raise Unreadable("is a Mermaid diagram of a kind that is not read: flowchart and stateDiagram-v2 are")
        return None
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.string_bytes:
        raise Unreadable(f"has {size} bytes where {limits.string_bytes} are the most (limits.string_bytes)")
    return reader(text, limits)


def may_draw(text: str) -> bool:
    """Return whether there may be a diagram in a text, which takes no time; where there is none, none is to be read."""
    small = text.lower()
    return any(beginning in small for beginning in BEGINNINGS)


def diagrams_in(text: str, *, limits: Limits) -> tuple[Diagram, ...]:
    """Return the diagrams in a text: the text itself, or what stands in its fences (```), in order.

    One that can't be read stays what it is, words among others.
    """
    bodies = [text, *_fenced(text)]
    drawn = list(_readable(bodies, limits))
    return tuple(drawn[: limits.pictures])


def _readable(texts: list[str], limits: Limits) -> Iterator[Diagram]:
    for text in texts:
        try:
            found = read_diagram(text, limits=limits)
        except Unreadable:
            continue
        if found is not None:
            yield found


def _fenced(text: str) -> Iterator[str]:
    """Yield what stands between fences that may hold a diagram (CommonMark, "Fenced code blocks")."""
    fence, body, counts = "", [""], False
    for line in text.splitlines(keepends=True) if "```" in text or "~~~" in text else ():
        found = FENCE.match(line)
        if not fence:
            if found:
                fence, body, counts = found[1], [], found[2].lower() in FENCES
        elif line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            if counts:
                yield "".join(body)
            fence = ""
        else:
            body.append(line)


def _begun(text: str) -> tuple[str, Callable[[str, Limits], Diagram] | None]:
    """Return a text from its first word on, and who reads it."""
    text = text.lstrip("\ufeff").lstrip()
    front = FRONT.match(text)
    place = front.end() if front else 0
    while passed := PASSED.match(text, place):
        place = passed.end()
    text = text[place:]
    return text, next((reader for begins, reader in READERS.items() if begins.match(text)), None)


def _flowchart(text: str, limits: Limits) -> Diagram:
    from gmn_llm.pictures.flowchart import read_flowchart  # its grammar takes its time

    return read_flowchart(text, limits=limits)


def _statechart(text: str, limits: Limits) -> Diagram:
    from gmn_llm.pictures.statechart import read_statechart  # its grammar takes its time

    return read_statechart(text, limits=limits)


def _graphviz(text: str, limits: Limits) -> Diagram:
    from gmn_llm.pictures.graphviz import read_graphviz  # its grammar takes its time

    return read_graphviz(text, limits=limits)


READERS: Final[Mapping[re.Pattern[str], Callable[[str, Limits], Diagram]]] = {
    GRAPHVIZ: _graphviz,
    FLOWCHART: _flowchart,
    STATECHART: _statechart,
}

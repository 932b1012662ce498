"""What GNN has no place for but comments: ids, labels and descriptions, in a form that is read back.

A note is a line of its own, ``# gmn NAME {JSON}``, in any section. NAME is a variable of the file, whose node has the
``id``, the ``labels`` and the ``description`` of the object; or ``model``, for the file itself: ``name``,
``description`` and ``version`` where the sections can't hold them as they are, and ``axes`` (``documented``: every
array is ordered as GNN's pages say).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.findings import Finding, quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.gmn.gnn.statements import Place

__all__ = ["MODEL", "Note", "read_note", "write_note"]

MODEL = "model"
KEYS: Mapping[str, Mapping[str, type]] = {
    MODEL: {"name": str, "description": str, "version": str, "axes": str},
    "": {"id": str, "labels": list, "description": str},
}
FORM = re.compile(r"[ \t]*#[ \t]*gmn[ \t]+(?P<name>[^\s{]+)[ \t]*(?P<value>\{.*)")
# What Python's splitlines, with which GNN's own programs read, takes for the end of a line; JSON escapes the rest.
ENDS = re.compile("[\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Note:
    """What a comment says of a variable, or of the model."""

    name: str
    values: Mapping[str, object]
    place: Place


def write_note(name: str, values: Mapping[str, object]) -> str:
    """Return the comment that says ``values`` of ``name``, on one line."""
    text = json.dumps(values, ensure_ascii=False, allow_nan=False)
    return f"# gmn {name} " + ENDS.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def read_note(line: str, number: int) -> Note | Finding | None:
    """Return the note that a line of a file is, what is wrong with it, or None where it is none."""
    match = FORM.match(line)
    if match is None:
        return None
    place = (number, match.start("value") + 1)
    try:
        values = json.loads(match["value"])
    except (ValueError, RecursionError) as error:
        message = f"the note on {quote(match['name'])} is no JSON object: {error}"
        return Finding(
            "text-syntax", "", message, "it is `# gmn NAME {...}`; without `gmn` it is a mere comment", *place
        )
    known = KEYS.get(match["name"], KEYS[""])
    for key, value in values.items():
        if key not in known or not isinstance(value, known[key]):
            message = f"the note on {quote(match['name'])} has {quote(key)}: {quote(value)}"
            return Finding(
                "schema", "", message, f"it has {', '.join(known)}; labels are a list, the rest text", *place
            )
    return Note(match["name"], values, place)

"""Words and numbers as the page shows them: visible, short, and never trusted."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gmn_llm.findings import visible

if TYPE_CHECKING:
    from gmn_llm.gmn.parts import Axis

__all__ = [
    "MINUS",
    "cut",
    "kind_of",
    "label",
    "labels",
    "name_of",
    "number",
    "plural",
    "seen",
    "seen_lines",
    "width_of",
]

MOST = 120
JOINERS = frozenset("\u200c\u200d")  # they make one emoji of several, and ligatures
SAME = 1e-9
MINUS = "\u2212"


def seen(text: object, most: int = MOST) -> str:
    """Return ``text`` on one line, at most ``most`` characters, with signs that can't be seen written as escapes."""
    line = " ".join(str(text)[: 4 * most].split())
    return cut(_visible(line), most)


def seen_lines(text: str) -> str:
    """Return ``text`` with its lines and blanks, and signs that can't be seen written as escapes."""
    return "\n".join(_visible(line) for line in text.split("\n"))


def _visible(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(sign if sign in JOINERS else visible(sign) for sign in line)


def cut(text: str, most: int) -> str:
    """Return ``text``, or its beginning and three dots where it has more than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def width_of(text: str) -> float:
    """Return how wide ``text`` is at most, where an average small letter of a wide typeface is 1."""
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> float:
    if unicodedata.combining(sign) or sign in JOINERS:
        return 0.0
    if unicodedata.east_asian_width(sign) in "WF":
        return 2.0
    return 1.7 if sign in "mwMW@%" else 1.25 if sign.isupper() else 1.0


def number(value: float) -> str:
    """Return ``value`` in a few signs: three decimals, ``≈1`` for what is not quite 1, powers of ten for the small."""
    nearest = round(value) if math.isfinite(value) else value
    size = abs(value)
    if not math.isfinite(value) or (abs(value - nearest) <= SAME * max(1.0, size) and size < 1e6):
        text = str(nearest) if nearest or size == 0 else f"{value:.0e}"
    elif 0.0005 <= size < 1e5:
        text = f"{value:.3f}".rstrip("0")
        text = f"≈{nearest}" if text.endswith(".") else text
    else:
        text = f"{value:.0e}"
    mantissa, power, exponent = text.partition("e")
    text = f"{mantissa}e{int(exponent)}" if power else text
    return text.replace("-", MINUS)


def name_of(axis: Axis) -> str:
    """Return the id of ``axis`` as it stands among other words."""
    return seen(axis.id, 40)


def label(axis: Axis, place: int) -> str:
    """Return the label of one value of ``axis``, or its index."""
    return seen(axis.labels[place]) if axis.labels else str(place)


def labels(axis: Axis) -> tuple[str, ...]:
    """Return a label for each value of ``axis``."""
    return tuple(label(axis, place) for place in range(axis.size))


def plural(count: int, one: str, many: str = "") -> str:
    """Return ``count`` with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def kind_of(matrix: object) -> str:
    """Return a matrix as the text notation begins it, e.g. ``noisy_identity(accuracy=0.9)``."""
    if not isinstance(matrix, Mapping):
        return "written out" if matrix is not None else ""
    inner = matrix.get("of")
    matrix = {**matrix, **inner} if isinstance(inner, Mapping) else matrix
    simple = {key: value for key, value in matrix.items() if isinstance(value, int | float | str) and key != "kind"}
    said = ", ".join(f"{key}={value}" for key, value in simple.items())
    return seen(f"{matrix.get('kind', 'of')}({said})" if said else str(matrix.get("kind", "of")))

"""Turns SVG into PNG: a program of its own, run with `python -P drawing.py WIDTH HEIGHT TEXT`, SVG in and PNG out.

A process apart, because a small SVG can ask for any time and memory, and the library ends the process where it can't
get the memory. It imports nothing of the package, so that it starts in a hundredth of a second.

WIDTH or HEIGHT is in pixels, the other is 0 and follows; TEXT is 1 where there is text to draw. What went wrong is said
on standard error and in the exit code.
"""

from __future__ import annotations

import sys
from typing import Final

__all__ = ["CANNOT_DRAW", "NO_FONT", "main"]

CANNOT_DRAW: Final = 3
NO_FONT: Final = 4
MEMORY: Final = 1024**3
"""Bytes; a drawing at the size that is asked for takes a hundredth of it."""
SECONDS: Final = 5
"""Of the processor; a drawing takes a hundredth of it."""
DPI: Final = 96
"""CSS pixels to an inch; the library has 0, at which a size in centimetres is none."""
FONTS: Final = (
    "DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial", "Helvetica", "Segoe UI", "Verdana", "Ubuntu", "Cantarell",
    "Open Sans", "Roboto", "FreeSans", "Nimbus Sans", "Times New Roman", "DejaVu Serif", "Liberation Serif",
    "Noto Sans CJK SC",
)  # fmt: skip
"""Typefaces of the usual systems. The library draws nothing for a typeface it does not find, and says nothing of it."""
TRIAL: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<text y="8" font-size="9" font-family="{}">M</text></svg>'
)


def main(width: int, height: int, *, text: bool) -> int:
    """Draw what comes on standard input; return the exit code."""
    _limit()
    import resvg_py  # the extra

    fallback = _font() if text else FONTS[0]
    if fallback is None:
        return NO_FONT
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=sys.stdin.buffer.read().decode("utf-8"),
            width=width or None,
            height=height or None,
            dpi=DPI,
            background="white",  # a model takes what can be seen through for black
            font_family=fallback,
            serif_family=fallback,
            sans_serif_family=fallback,
            monospace_family=fallback,
            cursive_family=fallback,
            fantasy_family=fallback,
        )
    except ValueError as error:
        sys.stderr.write(str(error))
        return CANNOT_DRAW
    sys.stdout.buffer.write(png)
    return 0


def _font() -> str | None:
    """Return a typeface that this machine has, found by drawing a letter in it; None where it has none of them."""
    import resvg_py  # the extra

    blank = resvg_py.svg_to_bytes(svg_string=TRIAL.format("").replace("M", ""), skip_system_fonts=True)
    return next((name for name in FONTS if resvg_py.svg_to_bytes(svg_string=TRIAL.format(name)) != blank), None)


def _limit() -> None:
    try:
        import resource  # POSIX alone has it
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), text=sys.argv[3] == "1"))

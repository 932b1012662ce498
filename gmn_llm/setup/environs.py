"""Checks of what this package stands on: Python, packages, the cache's folder and the terminal."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING, Final

from gmn_llm._version import __version__
from gmn_llm.setup.report import Check, fail, ok, warn
from gmn_llm.setup.versions import KNOWN_BAD, fits, installed, needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gmn_llm.setup.versions import Need

__all__ = ["EXTRAS", "cache_folder", "lack", "litellm", "packages", "python", "terminal"]

OLDEST: Final = (3, 11)
EXTRAS: Final[Mapping[str, str]] = {
    "pymdp": "runs agents (gmn-llm simulate)",
    "redis": "shares the cache and the limits between machines",
    "images": "draws SVG pictures for models with vision",
    "prometheus": "writes metrics (gmn-llm health --prometheus)",
    "local": "runs a small model in tests",
}
"""The extras a user may want, and what each is for."""
LITTLE: Final = 100 * 1024**2
"""Bytes of a disk below which the cache soon has no room."""
NARROW: Final = 40


def python() -> Check:
    """Check the version of Python."""
    found = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    if sys.version_info < OLDEST:
        return fail("python", f"{found} is too old", f"install Python {OLDEST[0]}.{OLDEST[1]} or newer")
    return ok("python", f"{found} ({sys.executable})")


def packages() -> Iterator[Check]:
    """Check this package, what it needs, LiteLLM's version, and each extra."""
    asked = needs()
    if asked is None:
        yield warn("gmn-llm", f"{__version__}, run without being installed", "pip install -e . in its folder")
        yield litellm(installed("litellm"), "")
        return
    wrong = [words for need in asked if not need.extra and (words := lack(need))]
    if wrong:
        yield fail("gmn-llm", f"{__version__}; {'; '.join(wrong)}", "pip install --upgrade gmn-llm")
    else:
        count = sum(not need.extra for need in asked)
        yield ok("gmn-llm", f"{__version__}, with the {count} packages it needs")
    yield litellm(installed("litellm"), next((need.bounds for need in asked if need.name == "litellm"), ""))
    for extra, purpose in EXTRAS.items():
        parts = [need for need in asked if need.extra == extra]
        if parts:
            yield _extra(extra, purpose, parts)


def lack(need: Need) -> str:
    """Return what is wrong with a package that is asked for, in words; nothing where it is as it should be."""
    version = installed(need.name)
    if version is None:
        return f"{need.name} is not installed"
    return "" if fits(version, need.bounds) else f"{need.name} {version} is not {need.bounds}"


def litellm(version: str | None, bounds: str) -> Check:
    """Check the version of LiteLLM.

    Args:
        version: The one that is installed, or None.
        bounds: The ones that are asked for; empty for any.
    """
    if version is None:
        return fail("litellm", "not installed", "pip install --upgrade gmn-llm; until then the mock alone can answer")
    bad = KNOWN_BAD["litellm"].get(version)
    if bad is not None:
        hint = "remove it now, replace every key this machine had, and install a newer one"
        return fail("litellm", f"{version} {bad}", hint)
    if not fits(version, bounds):
        return fail("litellm", f"{version} is not {bounds}", "pip install --upgrade gmn-llm")
    return ok("litellm", version)


def _extra(name: str, purpose: str, asked: list[Need]) -> Check:
    there = f"extra {name}"
    missing = [need.name for need in asked if installed(need.name) is None]
    if missing:
        return ok(there, f"not installed; it {purpose}: pip install 'gmn-llm[{name}]'")
    wrong = [words for need in asked if (words := lack(need))]
    if wrong:
        return warn(there, "; ".join(wrong), f"pip install --upgrade 'gmn-llm[{name}]'")
    return ok(there, ", ".join(f"{need.name} {installed(need.name)}" for need in asked))


def cache_folder(folder: Path, *, size_limit: int) -> Check:
    """Check that the cache can be written and has room; a folder that is not there is not made.

    Args:
        folder: Where the configuration has it.
        size_limit: Bytes it may take.
    """
    there = folder
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    hint = "name another one (cache: {dir: ...}), or change who may use this one"
    if not there.is_dir():
        return fail("cache", f"{there} is no folder, so {folder} can't be used", hint)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return fail("cache", f"{there} can't be written: {error.strerror}", hint)
    free = shutil.disk_usage(there).free
    said = f"{folder}{'' if there == folder else ' (made when it is needed)'}, {_size(free)} free"
    if free < LITTLE:
        return warn(
            "cache", f"{said}, which is little", "make room, or name a folder on another disk: cache: {dir: ...}"
        )
    if free < size_limit:
        return ok("cache", f"{said}, less than its limit of {_size(size_limit)}")
    return ok("cache", said)


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GB" if count >= 1024**3 else f"{count / 1024**2:.0f} MB"


def terminal() -> Check:
    """Check what the terminal can show."""
    encoding = (getattr(sys.stdout, "encoding", None) or "unknown").lower()
    where = "a terminal" if sys.stdout.isatty() else "no terminal"
    width = shutil.get_terminal_size().columns
    colours = "without colours (NO_COLOR)" if os.environ.get("NO_COLOR") else "with colours"
    said = f"{where}, {encoding}" + (f", {width} columns, {colours}" if sys.stdout.isatty() else "")
    if not encoding.replace("-", "").startswith("utf"):
        return warn(
            "terminal", f"{said}; what it can't show is escaped", "set PYTHONUTF8=1; on Windows also run chcp 65001"
        )
    if sys.stdout.isatty() and width < NARROW:
        return warn("terminal", said, f"make it {NARROW} columns wide, or more")
    return ok("terminal", said)

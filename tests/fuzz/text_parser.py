"""A coverage-guided search for texts that the reader and the validator can't take; not collected by pytest.

It needs atheris, which has no place among the dependencies since it has no wheel for every Python::

    pip install atheris
    nice -n 19 python -m tests.fuzz.text_parser FOLDER -max_total_time=3600

Run it from the project's root. ``FOLDER/corpus`` is filled with the documents of the tests and grows with what reaches
new code; each text for which something does not hold (``tests/fuzz/invariants.py``) is kept in ``FOLDER/found``, with
the reason beside it, and the search goes on. Reasons are told apart by the place they come from, so that one
fault does not fill the disk. A text that takes more than a second of CPU time counts as found; one that does not
come back at all, or more than 500 MB of memory, ends the search, and libFuzzer leaves the text in ``FOLDER``.
An empty ``FOLDER/found`` and "Done" at the end of the output are good news. What was found is shown by
``python -m tests.fuzz.text_parser --show FILE``.
"""

from __future__ import annotations

import hashlib
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gmn_llm.gmn"]):
    for _name in (
        "array_checks", "list_form", "schema_words", "shortening", "validation", "notation.brace", "notation.printing",
        "notation.section", "notation.turning", "notation.which",
    ):  # fmt: skip  # each is loaded only when it is needed, which would be too late
        import_module(f"gmn_llm.gmn.{_name}")
    from tests.fuzz import invariants

from tests.fuzz.seeds import texts, write_corpus

SECONDS = 1.0
MEMORY = 500
LONGEST = 8192
KEPT_EACH = 5  # texts kept for one reason


def text_of(data: bytes) -> str:
    """Read octets as a text, lone surrogates and broken UTF-8 included."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def tried(data: bytes) -> None:
    """Demand all that holds for a text, within its time."""
    before = time.process_time()
    invariants.demand_all(text_of(data))
    took = time.process_time() - before
    invariants.demand(took <= SECONDS, f"took {took:.1f} s")


def where(error: BaseException) -> str:
    """Return what tells one reason from another: the class, the line it was raised at and the words of a demand."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "gmn_llm" in frame.filename] or frames
    words = str(error).partition(":")[0] if isinstance(error, invariants.BrokenInvariantError) else ""
    return f"{type(error).__name__} {own[-1].filename}:{own[-1].lineno} {words.rstrip('0123456789. s')}"


class Search:
    """Tries texts and keeps those for which something does not hold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, data: bytes) -> None:
        """Try one text."""
        try:
            tried(data)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what we are looking for
            reason = where(error)
            self._seen[reason] = self._seen.get(reason, 0) + 1
            if self._seen[reason] <= KEPT_EACH:
                name = hashlib.sha256(data).hexdigest()[:16]
                (self._folder / name).write_bytes(data)
                (self._folder / f"{name}.why").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
                sys.stderr.write(f"FOUND {reason} -> {self._folder / name}\n")


def main(arguments: list[str]) -> None:
    """Search, or show what one text does."""
    if arguments[:1] == ["--show"]:
        tried(Path(arguments[1]).read_bytes())
        return
    folder = Path(arguments[0])
    write_corpus(folder / "corpus")
    for text in texts()[:50]:  # the grammars are compiled when they are first asked for
        invariants.demand_all(text)
    options = [
        f"-rss_limit_mb={MEMORY}", "-timeout=30", f"-max_len={LONGEST}", f"-artifact_prefix={folder}/",
        f"-dict={folder / 'words.dict'}", *arguments[1:], str(folder / "corpus"),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], Search(folder / "found"))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])

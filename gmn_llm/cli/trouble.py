"""An error for people, in three lines: what went wrong, where, and what to do about it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from gmn_llm.errors import AuthenticationError, ConfigError, GMNValidationError, InputError, LLMError
from gmn_llm.findings import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gmn_llm.findings import Finding
    from gmn_llm.messages import Attempt

__all__ = ["FAILED", "WRONG", "exit_code", "place_of", "told", "told_of", "told_of_file"]

FAILED, WRONG = 1, 2
"""Exit codes: of a document that is not valid or providers that failed, and of wrong usage or configuration."""

STREAMS: Final = {"<stdin>": "standard input", "<stdout>": "standard output"}
ADVICE: Final[Mapping[int | None, str]] = {
    errno.ENOENT: "check the name; the folder of a file that is to be written has to be there",
    errno.ENOTDIR: "check the name; a part of it that should be a folder is a file",
    errno.EISDIR: "name a file, such as one in that folder",
    errno.EACCES: "choose another place, or change who may use this one",
    errno.EPERM: "choose another place, or change who may use this one",
    errno.EROFS: "choose another place; this one can only be read",
    errno.ENOSPC: "make room, or choose another place; what was there before is untouched",
    errno.EDQUOT: "make room, or choose another place; what was there before is untouched",
    errno.EFBIG: "choose another place: this one takes no file so large",
    errno.EEXIST: "say --force to write over it, or -o with another name",
    errno.EBADF: "it is closed; open it, or name a file",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def told(what: str, where: Iterable[str], hint: str) -> str:
    """Return the lines of an error; each is visible on any terminal.

    Args:
        what: What went wrong.
        where: Each place it went wrong at; one as a rule.
        hint: What to do.
    """
    lines = [*_headed("error:", what), *(line for place in where for line in _headed("where:", place))]
    return "\n".join([*lines, *_headed("to do:", hint)]) + "\n"


def _headed(head: str, text: str) -> Iterator[str]:
    """Yield the lines of a text of which the first has a head; most have one."""
    first, *more = text.splitlines() or [""]
    yield f"{head} {visible(first)}"
    for line in more:
        yield f"       {visible(line)}"


def exit_code(error: LLMError) -> int:
    """Return the exit code of an error.

    A key that is not there is a matter of configuration; one that is refused is the provider's answer.
    """
    unasked = isinstance(error, AuthenticationError) and not error.attempts
    return WRONG if isinstance(error, ConfigError | InputError) or unasked else FAILED


def told_of(error: LLMError, command: str) -> str:
    """Return the lines of an error of the package.

    Args:
        error: The error. Its notes say where it happened, where somebody knew.
        command: What was run, e.g. ``gmn-llm generate``.
    """
    places = [*getattr(error, "__notes__", ()), *(_attempted(each) for each in error.attempts if each.error)]
    return told(str(error), places or [command], error.hint or _advice(error, command))


def _attempted(attempt: Attempt) -> str:
    status = f", status {attempt.status}" if attempt.status else ""
    return f"{attempt.provider} ({attempt.model}): {attempt.error}{status}"


def _advice(error: LLMError, command: str) -> str:
    if isinstance(error, ConfigError):
        return "gmn-llm config check tells all that is wrong; gmn-llm init writes a configuration"
    if isinstance(error, GMNValidationError):
        hints = (finding.hint for finding in error.findings if finding.hint)
        return next(hints, "gmn-llm validate FILE tells all that is wrong with a document")
    if isinstance(error, InputError):
        return f"{command} --help has the options, and an example"
    return "try again, or ask another provider; gmn-llm doctor checks them" if error.retryable else "gmn-llm doctor"


def told_of_file(error: OSError, command: str) -> str:
    """Return the lines of an error that the system had with a file or a stream."""
    name = error.filename if isinstance(error.filename, str) else None
    place = STREAMS.get(name, name) if name is not None else "standard output"
    advice = ADVICE.get(error.errno, f"check the place; {command} --help has the options")
    return told(error.strerror or str(error), [place], advice)


def place_of(file: str, findings: Iterable[Finding]) -> str:
    """Return where in ``file`` the first finding with a place is, as editors take it."""
    first = next((finding for finding in findings if finding.line is not None), None)
    return file if first is None else f"{file}:{first.line}:{first.column}"

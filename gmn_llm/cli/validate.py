"""``gmn-llm validate``: every finding of every file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from gmn_llm.cli.documents import STANDARD_INPUT, content, limits_of, refuse_twice
from gmn_llm.cli.generate import constraints
from gmn_llm.cli.options import Constraints, Json
from gmn_llm.cli.output import write
from gmn_llm.errors import InputError
from gmn_llm.findings import visible

if TYPE_CHECKING:
    from gmn_llm.findings import Validation

__all__ = ["command"]


def command(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(help="Documents in any notation; - reads standard input.", metavar="FILE..."),
    ],
    *,
    constraint: Constraints = None,
    as_json: Json = False,
) -> int:
    """Tell all that is wrong with documents, with file, place and hint.

    Example: gmn-llm validate explorer.json --constraint max_states=30
    """
    from gmn_llm.gmn import validate_gmn

    refuse_twice(files)
    demanded, limits = constraints(constraint or ()), limits_of(context.obj.config)
    verdicts: list[tuple[str, Validation]] = []
    unread: list[OSError] = []
    for file in files:
        try:
            name = None if file == STANDARD_INPUT else file
            verdicts.append(
                (file, validate_gmn(content(file, most=limits.document_bytes), demanded, filename=name, limits=limits))
            )
        except OSError as error:
            unread.append(error)
    if verdicts:
        write(_as_json(verdicts) if as_json else _as_text(verdicts), None)
    if unread:
        wrong = InputError("what was named can't be read", hint="name files that are there, or - for standard input")
        for trouble in unread:
            wrong.add_note(f"{trouble.filename}: {trouble.strerror}")
        raise wrong
    return 0 if all(verdict.ok for _, verdict in verdicts) else 1


def _as_json(verdicts: list[tuple[str, Validation]]) -> str:
    files = [{"file": file, "ok": v.ok, "findings": [f.as_dict() for f in v.findings]} for file, v in verdicts]
    return json.dumps({"ok": all(v.ok for _, v in verdicts), "files": files}, ensure_ascii=False)


def _as_text(verdicts: list[tuple[str, Validation]]) -> str:
    lines: list[str] = []
    for file, verdict in verdicts:
        for finding in verdict.findings:
            place = f":{finding.line}:{finding.column}" if finding.line is not None else ""
            path = f" at {visible(finding.path)}" if finding.path else ""
            hint = f"\n    {finding.hint}" if finding.hint else ""
            lines.append(f"{file}{place}: {finding.severity.value}: {finding.code}{path}: {finding.message}{hint}")
        count = len(verdict.errors)
        lines.append(f"{file}: " + ("valid" if verdict.ok else f"not valid, {count} error{'s' * (count != 1)}"))
    return "\n".join(lines)

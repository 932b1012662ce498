"""Plays recorded kinds of bad first answers at the loopback server, and counts what their repair costs.

A case is a file in ``tests/data/bad_answers``: the prompt, the first answer as a model wrote it, the answers to the
repairs that follow, and what is to come of it. ``tokens`` are tiktoken's (``cl100k_base``) of what travelled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gmn_llm import GMNSpec, GMNValidationError, create_llm_factory, validate_gmn
from tests.wire.client import Fault, Step, WireServer

__all__ = ["CASES", "Case", "Played", "openai", "play", "table"]

FOLDER = Path(__file__).parents[1] / "data" / "bad_answers"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One recorded kind.

    Attributes:
        name: The file's stem.
        form: What it was written as: draft, graph, text or prose.
        kind: What is wrong with it, in words.
        prompt: What was asked for.
        constraints: The caller's.
        answers: Text and finish reason of the first answer and of those to the repairs.
        finding: The code that the first question for a repair has to name, or None where none is asked.
        repairs: How many rounds it takes.
        outcome: ``valid`` or ``invalid``.
        holds: Facts about the document that comes of it.
    """

    name: str
    form: str
    kind: str
    prompt: str
    constraints: Mapping[str, object]
    answers: Sequence[tuple[str, str]]
    finding: str | None
    repairs: int
    outcome: str
    holds: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a case.

    Attributes:
        case: The case.
        spec: The document, or None.
        error: What was raised instead, or None.
        codes: The codes of the findings that each question for a repair named.
        rounds: Tokens of each repair, question and answer, without schemas.
        again: Tokens of generating again: the first question, and the whole answer at its longest.
        schemas: Tokens of the schema of each question, the first among them.
    """

    case: Case
    spec: GMNSpec | None
    error: GMNValidationError | None
    codes: Sequence[Sequence[str]]
    rounds: Sequence[int]
    again: int
    schemas: Sequence[int]

    @property
    def is_valid(self) -> bool:
        """Whether a valid document within the constraints came of it, by the checks that everybody can run."""
        return self.spec is not None and validate_gmn(self.spec, self.case.constraints).ok


def _case(path: Path) -> Case:
    data = json.loads(path.read_text(encoding="utf-8"))
    answers = [("\n".join(answer["text"]), answer["finish"]) for answer in data.pop("answers")]
    data.pop("agent_type")
    return Case(name=path.stem, answers=answers, **data)


CASES = tuple(_case(path) for path in sorted(FOLDER.glob("*.json")))


def openai(wire: WireServer, **gmn: object) -> dict[str, object]:
    """A configuration that asks the loopback server over OpenAI's wire."""
    section = {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key, "max_retries": 0}
    return {"provider": "openai", "openai": section, "gmn": gmn}


async def play(wire: WireServer, case: Case) -> Played:
    """Let the server answer as the case has it, and see what ``generate_gmn`` makes of it."""
    wire.reset()
    steps = [
        Step(text=text, fault=Fault.LENGTH if finish == "length" else None, share=1.0) for text, finish in case.answers
    ]
    # Past its end a script is no help: whoever asks once more than recorded gets no document by accident.
    wire.script([*steps, Step(text="There is nothing more to say.", times=0)])
    spec, error = None, None
    async with create_llm_factory(openai(wire)) as factory:
        try:
            spec = await factory.generate_gmn(case.prompt, constraints=case.constraints, use_cache=False)
        except GMNValidationError as raised:
            error = raised
    asked = [request.json for request in wire.requests()]
    count = tokens()
    questions = [sum(count(message["content"]) for message in body["messages"]) for body in asked]  # type: ignore[attr-defined]  # JSON
    said = [json.loads(body["messages"][-1]["content"]) for body in asked]  # type: ignore[index]  # JSON
    written = [count(text) for text, _ in case.answers]
    repairs = [k for k, question in enumerate(said) if question["task"] == "repair"]
    return Played(
        case=case,
        spec=spec,
        error=error,
        codes=[[finding["code"] for finding in said[k]["findings"]] for k in repairs],
        rounds=[questions[k] + written[min(k, len(written) - 1)] for k in repairs],
        again=questions[0] + max(written),
        schemas=[count(json.dumps(body.get("response_format", ""))) for body in asked],
    )


@cache
def tokens() -> Callable[[str], int]:
    """Return what counts tokens, by the vocabulary that LiteLLM brings along; tiktoken alone would fetch it."""
    import tiktoken

    litellm = find_spec("litellm")
    if litellm is None or litellm.origin is None:
        raise RuntimeError("LiteLLM is not installed")
    name, before = "TIKTOKEN_CACHE_DIR", os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ[name] = str(Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers")
    try:
        encoding = tiktoken.get_encoding("cl100k_base")
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def table(played: Sequence[Played]) -> str:
    """Return what came of the cases, a line each, and the sums."""
    lines = [f"{'case':<62} {'ends':<8} {'rounds':>6} {'repair':>7} {'again':>7}"]
    for one in played:
        ends = "valid" if one.is_valid else "invalid"
        again = one.again * len(one.rounds)
        lines.append(f"{one.case.name[:62]:<62} {ends:<8} {len(one.rounds):>6} {sum(one.rounds):>7} {again:>7}")
    valid, asked = [one for one in played if one.is_valid], [one for one in played if one.rounds]
    repair, again = sum(sum(one.rounds) for one in asked), sum(one.again * len(one.rounds) for one in asked)
    share = f"{len(valid)} of {len(played)} cases end valid ({len(valid) / len(played):.1%})"
    money = f"{repair} tokens on repair where generating again would take {again} ({repair / max(again, 1):.0%})"
    return "\n".join([*lines, f"{share}, {len(played) - len(asked)} of them without asking again; {money}"])

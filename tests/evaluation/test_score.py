"""What a run comes to, and when it is given up."""

from __future__ import annotations

from typing import Any

import pytest

from gmn_llm.errors import AuthenticationError, GMNValidationError, LLMError, ProviderUnavailableError
from gmn_llm.evaluation import Case, Prompt, Score, Suite, evaluated
from gmn_llm.evaluation.running import GIVE_UP
from gmn_llm.gmn import GMNSpec
from gmn_llm.messages import Usage
from gmn_llm.mock import design
from gmn_llm.provenance import Provenance


def suite(count: int) -> Suite:
    """Return prompts of two kinds, each of which asks for a board of three by three, and for a goal."""
    prompts = [
        Prompt.model_validate(
            {"id": f"p{k}", "kind": "even" if k % 2 == 0 else "odd", "prompt": f"{k}",
             "expect": [{"check": "grid", "rows": 3, "cols": 3}, {"check": "some_preference"}]}
        )
        for k in range(count)
    ]  # fmt: skip
    return Suite(name="small", version=2, prompts=prompts)


class Scripted:
    """Makes for the prompt ``k`` what stands at place ``k``: a description's document, or an error."""

    def __init__(self, *script: str | LLMError) -> None:
        self.script = script
        self.asked: list[str] = []

    async def generate_gmn(
        self,
        prompt: str,
        **more: Any,
    ) -> GMNSpec:
        """Return the document, or raise the error."""
        assert more["use_cache"] is False
        self.asked.append(prompt)
        said = self.script[int(prompt) % len(self.script)]
        if isinstance(said, LLMError):
            raise said
        provenance = Provenance(
            provider="p", model="m", repairs=1, usage=Usage(prompt_tokens=10, completion_tokens=5, cost=0.25)
        )
        return GMNSpec.parse(design(said)).told(provenance=provenance)


async def run(maker: Scripted, prompts: Suite) -> list[Case]:
    """Return all cases of a run."""
    return [case async for case in evaluated(maker, prompts, concurrency=2)]


async def test_a_score_adds_up() -> None:
    """Valid documents, expectations and whole prompts by kind; repairs, tokens and money over all attempts."""
    lost = GMNValidationError("no", usage=Usage(prompt_tokens=7, completion_tokens=1, cost=0.5))
    prompts = suite(4)
    cases = await run(Scripted("a 3x3 grid", "a 3x3 grid, goal in the centre", "a 2x2 grid", lost), prompts)
    score = Score(suite=prompts, provider="p", model="m", cases=cases)
    told: Any = score.as_dict()
    assert told["suite"] == {"name": "small", "version": 2, "prompts": 4}
    assert told["valid"] == {"met": 3, "of": 4, "share": 0.75}
    assert told["expectations"] == {"met": 3, "of": 8, "share": 0.375}
    assert told["prompts"] == {"met": 1, "of": 4, "share": 0.25}
    assert told["kinds"]["even"]["expectations"] == {"met": 1, "of": 4, "share": 0.25}
    assert told["kinds"]["odd"]["valid"] == {"met": 1, "of": 2, "share": 0.5}
    assert told["answered_by"] == {"p (m)": 3}
    assert (told["repairs"], told["cost"], told["tokens"]) == (3, 1.25, {"prompt": 37, "completion": 16})
    assert set(told["latency"]) == {"mean", "median", "p95", "max"}
    assert [failure["id"] for failure in told["failures"]] == ["p0", "p2", "p3"]
    assert told["failures"][0]["missed"] == [{"expected": "some_preference()", "found": "nothing is preferred"}]
    assert told["failures"][2]["error"] == {"kind": "GMNValidationError", "message": "no"}
    assert not score.failed


async def test_a_price_that_is_not_known_makes_the_cost_unknown() -> None:
    """A sum of known and unknown money is unknown."""
    lost = GMNValidationError("no", usage=Usage(cost=None))
    prompts = suite(2)
    cases = await run(Scripted("a 3x3 grid", lost), prompts)
    assert Score(suite=prompts, provider="p", model="m", cases=cases).as_dict()["cost"] is None


async def test_nothing_asked_is_a_score_of_nothing() -> None:
    """Without a case there are no shares, no times, and nobody failed."""
    score = Score(suite=suite(2), provider="p", model="m", cases=[], interrupted=True)
    told: Any = score.as_dict()
    assert told["expectations"] == {"met": 0, "of": 0, "share": None}
    assert (told["latency"], told["asked"], told["interrupted"], score.failed) == (None, 0, True, False)


async def test_who_never_answers_is_asked_no_further() -> None:
    """After ten prompts without an answer the rest is left, and the run has failed."""
    maker, prompts = Scripted(ProviderUnavailableError("away")), suite(50)
    cases = await run(maker, prompts)
    assert len(cases) == GIVE_UP
    assert len(maker.asked) < GIVE_UP + 5
    assert Score(suite=prompts, provider="p", model="m", cases=cases).failed


async def test_who_answered_once_is_asked_on() -> None:
    """One answer, even one that is not valid, and the run goes to its end."""
    maker, prompts = Scripted(GMNValidationError("no"), *[ProviderUnavailableError("away")] * 29), suite(30)
    cases = await run(maker, prompts)
    assert len(cases) == 30
    assert not Score(suite=prompts, provider="p", model="m", cases=cases).failed


async def test_a_key_that_is_refused_ends_the_run() -> None:
    """The same key would be refused for every prompt."""
    with pytest.raises(AuthenticationError):
        await run(Scripted(AuthenticationError("no key")), suite(5))

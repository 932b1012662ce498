"""``python -m tests.local_model.score [COUNT]``: how many descriptions a real local model turns into documents that run.

SmolLM2-135M-Instruct behind llama.cpp's server, held to the draft's schema by its grammar. A description counts when
``generate_gmn`` returns, the document is valid and an agent made of it acts for three steps in pymdp; it is clean when
it fails with ``GMNValidationError``. Anything else is a fault of the package and ends the run with exit code 1, as do
fewer than 16 of 20 (in proportion for another count).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from gmn_llm import GMNSpec, GMNValidationError, create_llm_factory
from gmn_llm.simulation import simulate
from tests.wire.client import Program

PROMPTS = (Path(__file__).parent / "prompts.txt").read_text(encoding="utf-8").splitlines()
SECONDS = 600.0
LEAST = 0.8
ROOM = 1200
"""Tokens for an answer; a draft takes 150 to 600, and a model this small now and then comes to no end."""


def runs(spec: GMNSpec) -> bool:
    """Whether the document is valid and its agent acts for three steps."""
    return spec.valid() is spec and len(simulate(spec, steps=3, seed=0).steps) == 3


async def score(base_url: str, model: str, prompts: list[str]) -> tuple[int, int]:
    """The numbers of documents that run and of clean failures; a line is printed for each prompt."""
    good = clean = 0
    section = {"model": model, "base_url": base_url, "api_key": "none", "timeout": SECONDS}
    configuration = {"provider": "openai", "openai": section, "gmn": {"max_tokens": ROOM}}
    async with create_llm_factory(configuration) as factory:
        for prompt in prompts:
            began = time.perf_counter()
            try:
                spec = await factory.generate_gmn(prompt, use_cache=False, timeout=SECONDS)
            except GMNValidationError as error:
                clean += 1
                verdict = f"not valid: {error}"
            else:
                good += runs(spec)
                told = spec.provenance
                verdict = (
                    f"runs, {told.repairs} repairs, {told.usage.completion_tokens} tokens" if told else "no provenance"
                )
            sys.stdout.write(f"{time.perf_counter() - began:6.1f} s  {prompt}: {verdict}" + "\n")
    return good, clean


def main() -> int:
    """Run and return the exit code."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else len(PROMPTS)
    with tempfile.TemporaryFile() as log:
        server = Program("tests.wire.llama", stderr=log)
        try:
            base = f"http://127.0.0.1:{server.told['port']}/v1"
            good, clean = asyncio.run(score(base, str(server.told["model"]), PROMPTS[:count]))
        finally:
            server.stop()
    sys.stdout.write(f"{good} of {count} valid and running, {clean} clean failures" + "\n")
    return 0 if good + clean == count and good >= LEAST * count else 1


if __name__ == "__main__":
    sys.exit(main())

"""Many agents at once, from a file of sentences to a file of documents that can be taken up again.

Run it: python examples/many_prompts.py [PROMPTS.txt [AGENTS.jsonl]]

PROMPTS.txt has one description a line; without it, prompts.txt beside this program is read. Four calls are in flight
at a time, the limits of the configuration (``rpm``, ``tpm``) hold over all of them, and each result is a line of
AGENTS.jsonl as soon as it is there. Stop it when you like: the next run asks only for what is missing.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gmn_llm import create_llm_factory
from gmn_llm.batch import Done, Job, write_batch

HERE = Path(__file__).parent


def told(done: Done) -> None:
    """Print one line for a result."""
    if done.spec is None:
        print(f"{done.place + 1}. {done.job.prompt}: {type(done.error).__name__}: {done.error}", file=sys.stderr)
    else:
        print(f"{done.place + 1}. {done.job.prompt}: {done.spec.name}, {len(done.spec.nodes)} nodes")


def jobs_of(prompts: Path) -> list[Job]:
    """Return a job for each line that says something."""
    lines = prompts.read_text(encoding="utf-8").splitlines()
    return [Job(prompt=line.strip()) for line in lines if line.strip()]


async def main(prompts: Path, agents: Path) -> int:
    """Make what is missing; the exit code is 1 where something failed."""
    async with create_llm_factory() as factory:
        tally = await write_batch(factory, jobs_of(prompts), agents, concurrency=4, progress=told)
    print(f"{tally.made} made, {tally.failed} failed, {tally.skipped} there already: {agents}")
    return int(tally.failed > 0)


if __name__ == "__main__":
    given = [Path(name) for name in sys.argv[1:3]]
    sys.exit(asyncio.run(main(*given, *(HERE / "prompts.txt", Path("agents.jsonl"))[len(given) :])))

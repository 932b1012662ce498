"""One program, any provider: which one answers is a line of a file.

Run it: python examples/config_swap.py [FILE]...

Without a file it takes those in config_swap/ in turn: the offline designer, a server that speaks OpenAI's protocol
(llama.cpp, vLLM, OpenAI itself), Anthropic's, or Ollama's. Addresses and keys come from the environment.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gmn_llm import GMNSpec, LLMError, create_llm_factory

PROMPT = "An explorer on a 3x3 grid that wants the bottom-right corner"
FILES = Path(__file__).parent / "config_swap"


async def described(file: Path) -> GMNSpec:
    """Return the agent that the provider of ``file`` describes."""
    async with create_llm_factory(file) as factory:
        return await factory.generate_gmn(PROMPT, agent_type="explorer", use_cache=False, timeout=60)


async def main(files: list[Path]) -> int:
    """Print one line for each configuration; the exit code is 1 where one of them could not answer."""
    failed = False
    for file in files:
        try:
            gmn = await described(file)
        except LLMError as error:
            print(f"{file.stem}: {type(error).__name__}: {error}", file=sys.stderr)
            failed = True
        else:
            writer = gmn.provenance.provider if gmn.provenance else "unknown"
            print(f"{file.stem}: {type(gmn).__name__} {gmn.name}, {len(gmn.nodes)} nodes, by {writer}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main([Path(name) for name in sys.argv[1:]] or sorted(FILES.glob("*.yaml")))))

"""From a sentence to a running agent with a model on your own machine, and nothing else.

Run it: python examples/offline_ollama.py [MODEL [SENTENCE]]

docs/offline.md says what to install and what to type before. The program looks for Ollama at OLLAMA_HOST (or at
http://localhost:11434), says what to do where it or the model is missing, has the model write the agent, and lets the
agent act ten times in the world that its own document describes.
"""

from __future__ import annotations

import asyncio
import sys

from gmn_llm import GMNSpec, LLMError, create_llm_factory

MODEL = "llama3.2"
SENTENCE = "A robot vacuum in a flat of four rooms, one of them with the charger it likes to be at"


async def written(model: str, sentence: str) -> GMNSpec:
    """Return the agent as the model wrote it, checked and repaired.

    ``num_ctx`` covers prompt and answer; ``keep_alive`` keeps the model loaded for the next call; ``max_tokens`` ends
    an answer of a small model that comes to no end.
    """
    config = {
        "provider": "ollama",
        "ollama": {"model": model, "num_ctx": 8192, "keep_alive": "30m", "timeout": 300},
        "gmn": {"max_tokens": 1200},
    }
    async with create_llm_factory(config) as factory:
        health = await factory.health_check(probe=True)
        ollama = health["providers"]["ollama"]
        if not ollama["available"]:
            raise LLMError(ollama["probe"]["message"], hint=ollama["probe"]["hint"])
        return await factory.generate_gmn(sentence, timeout=600)


def run(gmn: GMNSpec) -> None:
    """Let the agent act ten times."""
    from gmn_llm.simulation import simulate

    done = simulate(gmn, 10, seed=1)
    for step in done.steps:
        print(f"{step.t}: saw {step.observations}, did {step.action}")
    print(f"mean preference of what it saw: {done.summary.mean_preference:.2f} nats")


def main(model: str = MODEL, sentence: str = SENTENCE) -> int:
    """Write, show and run an agent."""
    try:
        gmn = asyncio.run(written(model, sentence))
    except LLMError as error:
        print(error, error.hint or "", sep="\n", file=sys.stderr)
        return 1
    print(gmn.to_text())
    for warning in gmn.warnings:
        print(f"note: {warning}")
    try:
        run(gmn)
    except ImportError as error:
        print(error, file=sys.stderr)  # says how to install the extra
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

"""What the package does, in five scenes.

Run it: python examples/llm_integration_example.py [basic|types|compare|errors|refine]

Without a key, a service or a network the offline designer answers. With OPENAI_API_KEY or ANTHROPIC_API_KEY set, or
Ollama running, the same code uses them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from gmn_llm import GMNSpec, InputError, LLMError, LLMProviderFactory, ProviderType, create_llm_factory

PROMPTS = {
    "explorer": "A cautious explorer on a 5x5 grid with walls at (1,1) and (2,3); it wants the bottom-right corner",
    "trader": "A trader with 10 price levels that can buy, sell or hold",
    "coordinator": "A coordinator that assigns work to three workers",
    "analyst": "An analyst that looks for the truth among four hypotheses with noisy evidence",
}


def summary(gmn: GMNSpec) -> str:
    """One line on a document: its parts, and who wrote it."""
    sizes = [
        f"{node.id} {node.properties[key]}"
        for node in gmn.nodes
        for key in ("num_states", "num_observations", "num_actions")
        if key in node.properties
    ]
    writer = gmn.provenance.provider if gmn.provenance else "unknown"
    return f"{gmn.name}: {', '.join(sizes)} (by {writer})"


async def basic(factory: LLMProviderFactory) -> None:
    """A sentence in, a document out, ready for pymdp."""
    gmn = await factory.generate_gmn("Create an agent that explores a 5x5 grid world", agent_type="explorer")
    print(summary(gmn))
    print("A, B:", [a.shape for a in gmn.to_pymdp()["A"]], [b.shape for b in gmn.to_pymdp()["B"]])


async def types(factory: LLMProviderFactory) -> None:
    """Different kinds of agent, at the same time."""
    made = await asyncio.gather(*(factory.generate_gmn(prompt, agent_type=kind) for kind, prompt in PROMPTS.items()))
    for gmn in made:
        print(summary(gmn))
        for warning in gmn.warnings:
            print("  ", warning)


async def compare(factory: LLMProviderFactory) -> None:
    """The same prompt at each provider that is there."""
    for provider in (ProviderType.OPENAI, ProviderType.ANTHROPIC, ProviderType.OLLAMA, ProviderType.MOCK):
        try:
            gmn = await factory.generate_gmn(
                PROMPTS["explorer"], agent_type="explorer", provider_type=provider, timeout=30
            )
            print(f"{provider}: {summary(gmn)}")
        except LLMError as error:
            print(f"{provider}: {type(error).__name__}: {error}")


async def errors(factory: LLMProviderFactory) -> None:
    """What goes wrong has a class, a message and a hint."""
    for prompt, kind in (("   ", "general"), ("a 3x3 grid", "wizard")):
        try:
            await factory.generate_gmn(prompt, agent_type=kind)
        except InputError as error:
            print(f"{type(error).__name__}: {error} ({error.hint})")


async def refine(factory: LLMProviderFactory) -> None:
    """Change a document in words; on a terminal the words are yours."""
    gmn = await factory.generate_gmn("A mouse on a 4x4 grid")
    provider = await factory.get_provider()
    print(summary(gmn))
    wishes = iter(["Add memory capabilities", "it starts in the bottom-left corner"])
    while True:
        feedback = input("What should change? (nothing ends it) ") if sys.stdin.isatty() else next(wishes, "")
        if not feedback.strip():
            return
        gmn = await provider.refine_gmn(gmn_spec=gmn, feedback=feedback)
        print(f"{feedback} -> {summary(gmn)}")


SCENES: dict[str, Callable[[LLMProviderFactory], Awaitable[None]]] = {
    "basic": basic, "types": types, "compare": compare, "errors": errors, "refine": refine,
}  # fmt: skip


async def main(names: list[str]) -> int:
    """Play the scenes named, or all of them."""
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        print(f"there is no scene {unknown[0]!r}; there are {', '.join(SCENES)}", file=sys.stderr)
        return 2
    async with create_llm_factory() as factory:
        for name in names or SCENES:
            print(f"== {name}")
            await SCENES[name](factory)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

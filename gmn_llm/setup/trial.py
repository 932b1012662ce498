"""A round trip without a language model: a document is made, checked, turned into arrays, and its agent runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from gmn_llm.errors import LLMError
from gmn_llm.factory import create_llm_factory
from gmn_llm.gmn import validate_gmn
from gmn_llm.setup.report import Check, fail, ok
from gmn_llm.setup.versions import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.gmn import GMNSpec

__all__ = ["tried"]

PROMPT: Final = "Create an agent that explores a 3x3 grid world and wants to reach the bottom-right corner"
PYMDP: Final = "inferactively-pymdp"
STEPS: Final = 3
SECONDS: Final = 60.0
BROKEN: Final = "the installation is damaged: pip install --force-reinstall gmn-llm"
BROKEN_AGENT: Final = "pip install --upgrade 'gmn-llm[pymdp]'"


async def tried() -> list[Check]:
    """Return what came of each step; the ones after a step that failed are left out. The cache is not touched."""
    try:
        async with create_llm_factory({"provider": "mock"}) as factory:
            spec = await factory.generate_gmn(PROMPT, agent_type="explorer", use_cache=False, timeout=SECONDS)
        return await asyncio.to_thread(lambda: list(_further(spec)))
    except LLMError as error:
        return [fail("round trip", str(error), error.hint or BROKEN)]
    except Exception as error:  # noqa: BLE001  # a damaged installation may raise anything, and to tell it is the task
        return [fail("round trip", f"{type(error).__name__}: {error}", BROKEN)]


def _further(spec: GMNSpec) -> Iterator[Check]:
    verdict = validate_gmn(spec.to_json())
    if not verdict.ok:
        yield fail("round trip", f"the mock's document is not valid: {verdict.errors[0]}", BROKEN)
        return
    shapes = [array.shape for array in spec.to_pymdp()["B"]]
    yield ok("round trip", f"a document of {len(spec.nodes)} nodes is made and valid, its arrays are there: B {shapes}")
    if installed(PYMDP) is None:
        return
    yield _run(spec)


def _run(spec: GMNSpec) -> Check:
    from gmn_llm.simulation import simulate  # JAX takes its time

    try:
        run = simulate(spec, STEPS, seed=0)
    except LLMError as error:
        return fail("simulation", str(error), error.hint or BROKEN_AGENT)
    except Exception as error:  # noqa: BLE001  # as above: pymdp and JAX are damaged in ways of their own
        return fail("simulation", f"{type(error).__name__}: {error}", BROKEN_AGENT)
    return ok("simulation", f"its agent runs in pymdp, {len(run.steps)} steps")

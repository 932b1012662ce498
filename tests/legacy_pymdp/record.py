"""Runs every model in pymdp 1.x for ten steps and prints what was seen, believed and done, as JSON with indices."""

from __future__ import annotations

import json
import sys

from gmn_llm.gmn import GMNSpec
from gmn_llm.simulation import simulate
from tests.legacy_pymdp.models import MODELS

STEPS, SEED = 10, 1


def indices(spec: GMNSpec, values: dict[str, str | int]) -> dict[str, int]:
    """Values as indices, whether they are labels or not."""
    return {name: int(spec.structure.by_id[name].places.get(str(value), value)) for name, value in values.items()}


def recorded(spec: GMNSpec) -> list[dict[str, object]]:
    """The steps of a run."""
    return [
        {
            "observations": list(indices(spec, dict(step.observations)).values()),
            "action": indices(spec, dict(step.action)),
            "beliefs": [list(belief) for belief in step.beliefs.values()],
            "efe": step.efe,
            "confidence": step.confidence,
        }
        for step in simulate(spec, STEPS, seed=SEED).steps
    ]


if __name__ == "__main__":
    json.dump({name: recorded(make()) for name, make in MODELS.items()}, sys.stdout)

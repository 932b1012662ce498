"""All checks by name, as they stand in a file of prompts."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from gmn_llm.evaluation import dynamics, senses, sizes, wishes

__all__ = ["AnyExpectation"]

AnyExpectation: TypeAlias = Annotated[
    sizes.States
    | sizes.Observations
    | sizes.Actions
    | sizes.Factors
    | sizes.Modalities
    | sizes.Controls
    | sizes.Total
    | wishes.Prefers
    | wishes.Avoids
    | wishes.NoPreference
    | wishes.SomePreference
    | wishes.Starts
    | wishes.UnknownStart
    | wishes.Plans
    | dynamics.Grid
    | dynamics.Wraps
    | dynamics.Wall
    | dynamics.Slip
    | dynamics.Uncontrolled
    | dynamics.Transition
    | senses.Accuracy
    | senses.Perfect
    | senses.Noisy
    | senses.Likelihood
    | senses.LikelihoodValues,
    Field(discriminator="check"),
]

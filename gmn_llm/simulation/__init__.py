"""Runs: pymdp's agent in the world that its own document describes. Needs the extra ``pymdp``."""

from __future__ import annotations

from gmn_llm.simulation.loop import MOST_STEPS, simulate
from gmn_llm.simulation.result import Simulation, Step, Summary

__all__ = ["MOST_STEPS", "Simulation", "Step", "Summary", "simulate"]

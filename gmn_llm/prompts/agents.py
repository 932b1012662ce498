"""The agent types that come with the package, and what a model is told about each."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AGENT_TYPES"]

AGENT_TYPES: Mapping[str, str] = MappingProxyType({
    "general": "No particular kind of agent: follow the description.",
    "explorer": "It moves through places it does not know yet; looking is worth something to it. "
    "Places are states, moves are actions, a goal is a preference.",
    "trader": "It acts on a market it can't control: prices or regimes change by themselves, its position is what it "
    "controls (buy, hold, sell), and it prefers gain.",
    "coordinator": "It assigns work to others: load or status of the team are states, assigning is the action, "
    "balance is preferred.",
    "analyst": "It gathers evidence before it decides: the truth is a hidden state that does not change, looking "
    "closer and reporting are actions, a right report is preferred.",
    "creative": "It tries variations: ideas are states, changing, combining and keeping are actions, novelty and "
    "quality are seen.",
    "planner": "It reaches goals over several steps: plan more than one step ahead, progress is a state.",
    "guardian": "It keeps something safe: threats come and go by themselves, watching and responding are actions, "
    "safety is preferred.",
})  # fmt: skip

"""The whole situations there are, by the name the words or the agent type call them by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock.markets import market
from gmn_llm.mock.mazes import bandit, tmaze
from gmn_llm.mock.roles import analyst, coordinator, creative, guardian, planner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gmn_llm.mock.plan import Plan
    from gmn_llm.mock.request import Request

__all__ = ["SCENES"]

SCENES: Final[Mapping[str, Callable[[Request], Plan]]] = {
    "trader": market,
    "bandit": bandit,
    "tmaze": tmaze,
    "coordinator": coordinator,
    "analyst": analyst,
    "creative": creative,
    "planner": planner,
    "guardian": guardian,
}

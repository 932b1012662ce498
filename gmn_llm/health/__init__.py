"""How each provider and each deployment does, counted from what the Router saw; nobody is pinged."""

from __future__ import annotations

from gmn_llm.health.view import HealthView

__all__ = ["HealthView"]

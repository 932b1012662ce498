"""Those who want to hear of every attempt, told so that none of them can harm a call."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from gmn_llm.messages import Outcome

__all__ = ["Listener", "Listeners"]

log = logging.getLogger("gmn_llm")

Listener = Callable[[Outcome], None]
"""Called with each attempt as it ends, in the task that made it; quick, and from any thread."""


class Listeners:
    """Tells listeners of each attempt; one that raises is named once on the log, and the call goes on.

    Args:
        listeners: They are told in this order.
    """

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)
        self._named: set[Listener] = set()

    def __call__(self, outcome: Outcome) -> None:
        """Tell all of them."""
        for listener in self._listeners:
            try:
                listener(outcome)
            except Exception as error:  # noqa: BLE001  # somebody else's code, for which no call is to fail
                self._name(listener, error)

    def _name(self, listener: Listener, error: Exception) -> None:
        if listener not in self._named:
            self._named.add(listener)
            # Its message may quote what it was told, so its class has to do.
            name = getattr(listener, "__qualname__", type(listener).__qualname__)
            log.warning("%s, which is told of every attempt, raised %s; calls go on", name, type(error).__name__)

"""A document cut down to what its errors can be read from, where listing all of them would take minutes."""

from __future__ import annotations

__all__ = ["shortened"]

MOST = 5_000
MOST_ITEMS = 20
MOST_KEYS = 200


def shortened(document: object, *, needed: frozenset[str]) -> object:
    """Return ``document``, or a copy with long lists and objects cut where it holds more than 5,000 values.

    Lists of nodes and edges stay whole, as do the keys that are ``needed``; what is kept keeps its place.
    """
    return document if _count(document, MOST) <= MOST else _Cut(needed).cut(document, "")


def _count(value: object, most: int) -> int:
    """Return how many values there are in lists and objects, not counting much beyond ``most``."""
    if not isinstance(value, list | dict):
        return 1
    count = len(value)
    for item in value if isinstance(value, list) else value.values():
        if count > most:
            break
        if isinstance(item, list | dict):
            count += _count(item, most - count)
    return count


class _Cut:
    """Cuts, the more the longer it goes on."""

    def __init__(self, needed: frozenset[str]) -> None:
        self.needed = needed
        self.left = MOST

    def cut(self, value: object, key: str) -> object:
        if isinstance(value, dict):
            kept = {name for k, name in enumerate(value) if k < MOST_KEYS or name in self.needed}
            return {name: self.cut(item, name) for name, item in value.items() if name in kept}
        if not isinstance(value, list):
            self.left -= 1
            return value
        items = value if key in ("nodes", "edges") else value[: MOST_ITEMS if self.left > 0 else 1]
        return [self.cut(item, "") for item in items]

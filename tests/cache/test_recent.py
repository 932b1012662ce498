"""``Recent``: the values of late."""

from __future__ import annotations

from gmn_llm.cache import Recent


def test_what_was_idle_longest_goes_first() -> None:
    """With room for two, a third one takes the place of the one that was neither put nor asked for since."""
    recent: Recent[int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c"), len(recent)) == (1, None, 3, 2)

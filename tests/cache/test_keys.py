"""``cache_key``: one digest for equal parts, however they were put together."""

from __future__ import annotations

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmn_llm.cache import cache_key

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def turned(value: object) -> object:
    """``value`` with every dictionary filled from its end."""
    if isinstance(value, dict):
        return {key: turned(part) for key, part in reversed(value.items())}
    if isinstance(value, list):
        return [turned(part) for part in value]
    return value


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_order_does_not_matter(parts: dict[str, object]) -> None:
    """Dictionaries filled in another order, at any depth, have the same key."""
    other = turned(parts)
    assert isinstance(other, dict)
    assert cache_key(parts) == cache_key(other)


def test_every_part_counts() -> None:
    """Another value, another name and another type each make another key."""
    keys = [cache_key(parts) for parts in ({"a": 1}, {"a": 2}, {"b": 1}, {"a": "1"}, {"a": [1]}, {"a": True}, {})]
    assert len(set(keys)) == len(keys)


def test_a_key_is_the_digest_of_canonical_json() -> None:
    """The key is SHA-256 in hexadecimal over sorted, compact JSON, the same in every version and process."""
    assert cache_key({"b": [1, "é"], "a": None}) == hashlib.sha256(b'{"a":null,"b":[1,"\\u00e9"]}').hexdigest()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(number: float) -> None:
    """NaN and infinity are refused, at any depth."""
    with pytest.raises(ValueError, match="JSON"):
        cache_key({"a": [{"b": number}]})


def test_lone_surrogates_have_a_key() -> None:
    """Half a surrogate pair, which UTF-8 can't carry, has a key of its own."""
    assert cache_key({"a": "\ud800"}) != cache_key({"a": "\ud801"})

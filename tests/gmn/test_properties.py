"""Properties that the notation does not know: what is near a known one, and what means nothing."""

from __future__ import annotations

import pytest

from gmn_llm.gmn.properties import MOST_UNKNOWN, check_properties


def told(*keys: str) -> list[tuple[str, str, str]]:
    """Code, message and hint of what is said of a state with properties of these names."""
    node = {"id": "s", "type": "state", "properties": {"num_states": 2, **dict.fromkeys(keys, 1)}}
    return [(found.code, found.message, found.hint) for found in check_properties({"nodes": [node]})]


@pytest.mark.parametrize(
    "key",
    ["num_state", "num_stat", "numstates", "num_sattes", "mum_states", "num_statesxx", "xnum_states", "nom_stetes"],
)
def test_a_name_within_two_letters_is_an_error(key: str) -> None:
    """Letters left out, added, changed or changed about, two at most, make a name that is nearly known."""
    ((code, _, hint),) = told(key)
    assert (code, hint) == ("schema", "did you mean 'num_states'?")


@pytest.mark.parametrize("key", ["", "n", "num_", "num_sta", "num_statesxxx", "nun_ztatez", "seat_snum_", "x" * 65_000])
def test_a_name_that_is_farther_means_nothing(key: str) -> None:
    """Three letters away from all that is known is a warning."""
    ((code, _, _),) = told(key)
    assert code == "unknown-property"


def test_very_many_are_told_by_their_number() -> None:
    """The first thousand that mean nothing are told one by one, the others by their number; errors are told all."""
    found = told(*(f"{k}-{k}" for k in range(9_000)), "num_stats")
    assert len(found) == MOST_UNKNOWN + 2
    assert found[-2][0] == "schema"
    assert found[-1][:2] == (
        "unknown-property",
        "8000 more properties mean nothing here, the first of them '1000-1000'",
    )

"""Labels and the words that they mean."""

from __future__ import annotations

import pytest

from gmn_llm.evaluation.words import Label, means, meant


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("turn_left", "left"),
        ("moveLeft", "left"),
        ("LEFT", "left"),
        ("climbs up", "climb up"),
        ("opened", "open"),
        ("waters", "water"),
        ("cell_3", "3"),
        ("ost", ["east", "ost"]),
    ],
)
def test_a_label_means_the_words_that_it_is_made_of(label: str, wanted: Label) -> None:
    """Joined words, capitals, endings and one of several words are all the same to it."""
    assert means(label, wanted)


@pytest.mark.parametrize(
    ("label", "wanted"),
    [("leftover", "left"), ("up", "climb up"), ("hotel", "hot"), ("cell_13", "3"), ("go", "goal"), ("", "left")],
)
def test_a_label_means_no_other_word(label: str, wanted: Label) -> None:
    """A word within a word, or one of two, is not enough."""
    assert not means(label, wanted)


def test_the_label_that_says_nothing_else_is_meant() -> None:
    """``cold`` is not ``very_cold`` where there are both."""
    assert meant(("very_cold", "cold"), "cold") == [1]
    assert meant(("very_cold", "quite_cold"), "cold") == [0, 1]

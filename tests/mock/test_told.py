"""What is named value by value: states, places, outcomes, actions, chances, and what is wanted of them."""

from __future__ import annotations

from typing import Any

import pytest

from gmn_llm.mock.lists import chain_at, listing_at
from gmn_llm.mock.request import read, text_of

PARTS = [
    ("The soup is bland, good or too salty.", {"soup": ("bland", "good", "salty")}),
    ("The field may be empty, growing or ripe.", {"field": ("empty", "growing", "ripe")}),
    ("A market that is bull, bear or sideways.", {"market": ("bull", "bear", "sideways")}),
    ("Is the coin fair or biased?", {"coin": ("fair", "biased")}),
    ("A hidden mood (happy, sad) and how hungry it is (full, peckish, starving)",
     {"mood": ("happy", "sad"), "hunger": ("full", "peckish", "starving")}),
    ("States: standing, crouching, running.", {"status": ("standing", "crouching", "running")}),
    ("design, build, test and release are the phases", {"phase": ("design", "build", "test", "release")}),
    ("A cat in a house with noise levels silent, murmur and loud.", {"noise": ("silent", "murmur", "loud")}),
    ("Either a thief is there or all is quiet.", {"status": ("quiet", "thief")}),
    ("Classify e-mails as spam or legitimate.", {"truth": ("spam", "legitimate")}),
    ("an inventory between -1 and 1", {"inventory": ("minus_1", "level_0", "level_1")}),
    ("It may rain or stay dry.", {"weather": ("rain", "dry")}),
    ("one light switch, it's on or off", {"status": ("on", "off")}),
]  # fmt: skip
ACTIONS = [
    ("The valve can be opened or closed.", ("open", "close")),
    ("by filling or draining the tank", ("fill", "drain_tank")),
    ("She decides to walk or to take shelter.", ("walk", "take_shelter")),
    ("Each season he plants, waters, studies or rests.", ("plant", "water", "study", "rest")),
    ("A painter who mixes red, blue and yellow.", ("mix_red", "mix_blue", "mix_yellow")),
    ("It can climb up, climb down, or sit still.", ("climb_up", "climb_down", "sit_still")),
    ("Turn it up, turn it down, or leave it alone.", ("turn_up", "turn_down", "leave_alone")),
    ("All it can do is press or not press.", ("press", "not_press")),
    ("The gatherer picks it or leaves it.", ("pick", "leave")),
]
LIKINGS = [
    ("A rock which is cold, warm or burning. It seeks warmth and must never burn.", {"warm": True, "burning": False}),
    ("A baby is asleep or crying. The mother hopes it does not cry.", {"crying": False}),
    ("The audience is bored or enthusiastic. He longs for an enthusiastic audience.", {"enthusiastic": True}),
    ("The road is free or blocked; a blocked road is to be avoided.", {"blocked": False}),
    ("He sees pizza or broccoli. He can't stand broccoli.", {"broccoli": False}),
    ("The agent opens a door and sees prize or goat.", {"prize": True}),
    ("The tank has a level from 0 to 9 and is kept at level 5.", {"level_5": True}),
    ("The canvas turns out vivid rather than dull.", {"vivid": True}),
]


@pytest.mark.parametrize(("said", "parts"), PARTS, ids=[said for said, _ in PARTS])
def test_states_are_taken_from_the_sentence(said: str, parts: dict[str, Any]) -> None:
    """Whatever a thing is called, the values it is said to have are its states."""
    assert {part.name: part.labels for part in read(said).parts} == parts


@pytest.mark.parametrize(("said", "labels"), ACTIONS, ids=[said for said, _ in ACTIONS])
def test_actions_are_taken_by_what_is_done(said: str, labels: tuple[str, ...]) -> None:
    """Verbs in any form that lists what is done are the actions, in their base form."""
    assert read(said).actions.labels == labels


@pytest.mark.parametrize(("said", "liked"), LIKINGS, ids=[said for said, _ in LIKINGS])
def test_wishes_are_about_what_was_named(said: str, liked: dict[str, bool]) -> None:
    """What a sentence wants or shuns of the values that it named, in other forms of their words too."""
    assert dict(read(said).likings) == liked


def test_places_are_taken_from_the_sentence() -> None:
    """Stations that are called something, rooms after a colon, stops of a way from one to the next."""
    for said, names in (
        ("a line with three stations called Aldgate, Bank and Dover", ("aldgate", "bank", "dover")),
        ("3 rooms: hall, office, lab", ("hall", "office", "lab")),
        ("it goes from shelf to desk to storage", ("shelf", "desk", "storage")),
    ):
        place = read(said).place
        assert place is not None
        assert place.names == names


def test_outcomes_are_taken_from_the_sentence() -> None:
    """A test's results, what is heard and smelled, and what a needle shows are senses of their own."""
    request = read("A patient is well or ill. The test is positive or negative; he hears echoes near or far.")
    assert {sense.name: sense.labels for sense in request.named} == {
        "test": ("positive", "negative"), "echo": ("near", "far"),
    }  # fmt: skip
    assert read("It observes either food, nothing or pain.").seen == ("food", "nothing", "pain")


def test_chances_belong_to_what_was_named() -> None:
    """How likely a state is to stay, and an outcome to be seen in it."""
    request = read("A bull market stays bull with probability 0.9, two regimes, bull and bear.")
    assert request.stays == {"bull": 0.9}
    request = read(
        "She is healthy or sick, the test is positive or negative, with a sensitivity of 90% and a specificity of 95%."
    )
    assert set(request.told_shares) == {("sick", "positive", 0.9), ("healthy", "negative", 0.95)}
    request = read("The coin is fair or biased. A biased coin shows heads 80 percent of the time, a fair one 50.")
    assert set(request.told_shares) == {("biased", "heads", 0.8), ("fair", "heads", 0.5)}


def test_a_start_is_a_state_by_its_name() -> None:
    """``It is initially asleep`` puts the agent there."""
    (part,) = read("A baby is asleep, awake or crying. It is initially awake.").parts
    assert part.start == "awake"


@pytest.mark.parametrize(
    "said",
    [
        "the agent moves up, down, left or right",
        "the goal is top left or bottom right",
        "an agent that is small",
        "cats and dogs",
        "",
    ],
)
def test_what_names_no_values_names_no_parts(said: str) -> None:
    """Directions, goals and lists without a lead are no states."""
    assert read(said).parts == ()


def test_a_list_ends_with_its_last_item() -> None:
    """After ``or`` and one more item a list is over; commas alone make one only where that is allowed."""
    found = listing_at(text_of("cold, warm or hot, and it waits"), 0)
    assert found is not None
    assert (found.items, found.closed, found.stop) == (("cold", "warm", "hot"), "or", 5)
    assert listing_at(text_of("cold, warm, hot"), 0) is None
    assert listing_at(text_of("cold, warm, hot"), 0, open_ended=True) is not None
    assert listing_at(text_of("cold, cold or hot"), 0) is None
    assert listing_at(text_of("up or down"), 0) is None


def test_a_chain_has_three_links() -> None:
    """``from A to B`` is a way and no list."""
    assert chain_at(text_of("from shelf to desk"), 0) is None
    found = chain_at(text_of("from shelf to desk to storage and back"), 0)
    assert found is not None
    assert found.items == ("shelf", "desk", "storage")


def test_a_long_text_is_read_in_time() -> None:
    """A list of thousands of words is read in one pass, and no further than the text's first words."""
    request = read("The soup is " + ", ".join(f"w{chr(97 + k % 26) * (k % 7 + 1)}" for k in range(4000)) + " or hot.")
    assert len(request.parts) <= 2

"""What a sentence names value by value: states of things, places, outcomes of senses.

``The room is cold, comfortable or hot``, ``four islands (Aria, Boro, Cala, Dune)``, ``the test is positive or
negative``: whatever the things are called, their values are there to be taken. ``telling`` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.factors import Part
from gmn_llm.mock.kinds import ALIASES
from gmn_llm.mock.spots import CELLS, ROOMS
from gmn_llm.mock.vocabulary import FILLER, words

if TYPE_CHECKING:
    from gmn_llm.mock.lists import Listing
    from gmn_llm.mock.tokens import Text

__all__ = [
    "CHANGES",
    "COPULAS",
    "INSTRUMENTS",
    "LEVELS",
    "NEUTRAL",
    "NOT_STATES",
    "PLACED",
    "USELESS",
    "WHERES",
    "Named",
    "Told",
    "singular",
    "take",
    "thing_at",
]

COPULAS: Final = words("is are be was were")
INSTRUMENTS: Final = words(
    "test sensor detector thermometer barometer reading observation screen display indicator report result outcome "
    "gauge scan radar signal monitor meter answer feedback"
)
NOT_STATES: Final = words(
    "action move option choice decision control goal target reward start wall direction exit treasure cheese food "
    "factor variable size row column pit charger begin obstacle penalty noise sensor step horizon policy type order "
    "prize do"
)
LEVELS: Final = words("level state stage phase value mode grade")
WHERES: Final = words("place location position site stop port harbour where")
USELESS: Final = FILLER | words("time day step own only all thing everything it he she they one where how whether")
PLACED: Final = frozenset(ROOMS) | CELLS | WHERES
_CHOSEN: Final = words("button lever key box cup envelope machine arm urn card")
CHANGES: Final = words("change drift fluctuate vary evolve shift cycle rotate alternate switch turn go")
NEUTRAL: Final = "status"


@dataclass(frozen=True, slots=True)
class Named:
    """A sense whose outcomes are named.

    Attributes:
        name: What it is called.
        labels: Its outcomes.
        index: Where in the text it stands.
    """

    name: str
    labels: tuple[str, ...]
    index: int = 0


@dataclass
class Told:
    """What is named value by value.

    Attributes:
        parts: State factors.
        places: Names of the places where the agent can be.
        lined: Whether these lie one after the other.
        choices: Names of things of which one is chosen: buttons, levers, boxes.
        seen: Names of what is seen of the first thing there is.
        senses: Further senses.
        likings: Labels, and whether they are wanted or shunned.
    """

    parts: list[Part] = field(default_factory=list)
    places: tuple[str, ...] = ()
    lined: bool = False
    choices: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    senses: list[Named] = field(default_factory=list)
    likings: list[tuple[str, bool]] = field(default_factory=list)


def take(
    text: Text, told: Told, found: Listing, name: str, begin: int, *, free: bool = False, places: bool = True
) -> None:
    """Keep a list as what its name says it is, and claim it."""
    if places and name in _CHOSEN and not told.choices:
        told.choices = found.items
    elif places and name in PLACED and not told.places:
        told.places = found.items
    elif name in INSTRUMENTS:
        told.senses.append(Named(name, found.items, begin))
    else:
        taken = {part.name for part in told.parts}
        base, count = name, 2
        while name in taken:
            name, count = f"{base}_{count}", count + 1
        told.parts.append(Part(name, len(found.items), found.items, free=free, index=begin))
    text.mark(begin, found.stop)


def thing_at(text: Text, index: int) -> str:
    """Return the name of the thing at ``index``, or "" where the word names none."""
    word = text.word(index)
    name = ALIASES.get(word, word)
    if not name.isalpha() or not name.isascii() or len(name) < 3 or name in USELESS | COPULAS:
        return ""
    return singular(name)


def singular(word: str) -> str:
    """Return a noun in the singular."""
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word

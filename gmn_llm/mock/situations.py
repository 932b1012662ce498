"""Whole situations and who is in them: bandits, mazes, markets and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gmn_llm.mock import manner
from gmn_llm.mock.numbers import number_at, share_at, whole_at
from gmn_llm.mock.vocabulary import words

if TYPE_CHECKING:
    from gmn_llm.mock.factors import Part
    from gmn_llm.mock.manner import Chance
    from gmn_llm.mock.tokens import Text

__all__ = [
    "CUES",
    "cue_of",
    "finish",
    "part_size",
    "read_scene",
    "read_shares",
    "read_subject",
    "read_tally",
    "read_team",
]

CUES: Final = {
    "trader": words(
        "market trading trader stock stocks shares share crypto forex broker invest investor portfolio exchange asset"
    ),
    "coordinator": words(
        "coordinator coordinate coordinates team teams teammate delegate dispatcher manager worker multi"
    ),
    "analyst": words(
        "analyst analyse analyze analysis diagnose diagnosis hypothesis hypotheses evidence "
        "investigate detective doctor"
    ),
    "creative": words(
        "creative artist idea ideas compose composer painter painting poet writer brainstorm invent inventor"
    ),
    "planner": words("planner schedule scheduler roadmap deadline"),
    "guardian": words(
        "guardian guard protect protects security patrol defend sentinel watchman safeguard intruder intruders"
    ),
    "explorer": words("explorer explore explores exploring"),
}


_OPENERS: Final = words(
    "create design make build generate write give me us please model develop construct define a an the i want need"
)


_BEINGS: Final = words(
    "robot agent animal creature drone cleaner vehicle car bird insect machine cat dog wolf player person bot"
)


_PREPOSITIONS: Final = words(
    "in on with that which who at for whose inside by to from can must moves lives wants , : ; . "
    "could should will is has may living walking moving move live want walk have and explore"
)


def read_subject(text: Text) -> str:
    """Claim the unknown words the agent is called by at the start (``a robot vacuum in ...``)."""
    index = 0
    while index < len(text) and text.word(index) in _OPENERS:
        index += 1
    begin = index
    while (
        index < len(text)
        and index < begin + 4
        and text.word(index).isalpha()
        and (text.word(index) not in text.known or text.word(index) in _BEINGS or text.word(index + 1) in _BEINGS)
    ):
        index += 1
    known_end = text.word(index) in _PREPOSITIONS or text.word(index) in _BEINGS
    if begin == 0 or text.word(begin - 1) not in {"a", "an", "the"} or index == begin or not known_end:
        return ""
    text.mark(begin, index)
    return " ".join(token.text for token in text.tokens[begin:index])


def read_scene(text: Text) -> tuple[str, int | None]:
    """Return ``bandit``, ``tmaze`` or "", and how many arms the bandit has where that is said."""
    for index in text.places({"t", "tmaze"}):
        if text.word(index) == "tmaze" or "maze" in {text.word(index + 1), text.word(index + 2)}:
            text.mark(index, index + 3)
            text.claim({"cue", "maze", "arm", "left", "right", "reward", "two"} if text.has({"cue"}) else {"maze"})
            return "tmaze", None
    arms = None
    for noun in ("arm", "arms", "armed", "lever", "levers", "machine", "machines", "bandit"):
        for index in text.places({noun}):
            for begin in (index - 1, index - 2, index - 3):
                number = whole_at(text, begin) if begin >= 0 and text.free(begin) and arms is None else None
                if number is not None and (
                    number[1] == index or text.word(index - 1) in {"-", "slot", "armed", "different"}
                ):
                    arms = number[0]
                    text.mark(begin, index + 1)
    bandit = text.claim({"bandit", "bandits"})
    slots = text.claim({"slot"}) and text.claim({"machine", "machines"})
    if bandit or slots or arms is not None:
        text.claim({"arm", "armed", "lever", "pull", "machine", "gambling", "casino"})
        if arms is not None and arms < 1:
            text.doubt("A bandit has one arm at least: it got one.")
        return "bandit", _at_most(text, max(arms, 1), 200, "arms") if arms is not None else None
    return "", None


def cue_of(text: Text) -> str:
    """Return the agent type that the words point at, or ""."""
    for kind, table in CUES.items():
        if kind != "explorer" and text.has(table):
            return kind
    return ""


def read_shares(text: Text, *, arms: int | None) -> tuple[tuple[Chance, ...], tuple[float, ...]]:
    """Return the shares of the time, and the payoffs of a bandit's arms where they are listed."""
    if arms is not None or text.has({"bandit", "payoff", "payoffs"}):
        for index in range(len(text)):
            payoffs, stop = _run_of_shares(text, index)
            if len(payoffs) >= 2:
                text.mark(index, stop)
                text.claim(words("reward probability payoff pay win pays rewards probabilities chance"))
                return manner.read_chances(text), payoffs
    return manner.read_chances(text), ()


_BETWEEN_SHARES: Final = words(
    ", and / ; the first second third fourth fifth of time arm one pay pays win wins other last left right"
)


def _run_of_shares(text: Text, index: int) -> tuple[tuple[float, ...], int]:
    shares: list[float] = []
    stop = index
    while True:
        while shares and text.word(stop) in _BETWEEN_SHARES:
            stop += 1
        found = share_at(text, stop) if text.free(stop) else None
        if found is None:
            plain = number_at(text, stop) if shares and text.free(stop) else None
            found = plain if plain is not None and plain[0] in {0.0, 1.0} else None
        if found is None or not 0 <= found[0] <= 1:
            return tuple(shares), stop
        shares.append(found[0])
        stop = found[1]


def read_tally(text: Text, noun: str, units: frozenset[str]) -> int | None:
    """Read ``10 price levels``, ``10 prices``, ``a price of 10 levels`` and ``three regimes``."""
    for index in text.places({noun}):
        for begin in (index - 1, index - 2):
            number = whole_at(text, begin) if begin >= 0 and text.free(begin) else None
            if number is None or (
                number[1] != index and text.word(index - 1) not in {"market", "different", "possible", "-"}
            ):
                continue
            stop = index + 2 if text.word(index + 1) in units else index + 1
            text.mark(begin, stop)
            if number[0] < 1:
                text.doubt(f"There is no market with {number[0]} {noun}s: it got one.")
            return _at_most(text, max(number[0], 1), 1000, f"{noun}s")
    return None


def part_size(parts: tuple[Part, ...], name: str) -> int | None:
    """Return the size said of the part called ``name``, or None."""
    return next((part.size for part in parts if part.name == name), None)


def read_team(text: Text) -> int | None:
    """Return how many members a team has, or None."""
    nouns = words("worker member agent teammate drone robot employee person people player machine staff")
    for index in text.places(nouns):
        for begin in (index - 1, index - 2):
            number = whole_at(text, begin) if begin >= 0 and text.free(begin) else None
            if (
                number is not None
                and (number[1] == index or text.word(index - 1) in {"team", "-", "different"})
                and number[0] > 1
            ):
                text.mark(begin, index + 1)
                return _at_most(text, number[0], 100, "members of a team")
    return None


def _at_most(text: Text, count: int, most: int, what: str) -> int:
    """Return ``count``, or ``most`` with a doubt where it is more than a model of this kind can hold."""
    if count > most:
        text.doubt(f"{count} {what} are too many for a model that can be written out: {most} were taken.")
    return min(count, most)


def finish(text: Text, scene: str) -> None:
    """Claim the words that name a scene or a kind of agent."""
    for table in CUES.values():
        text.claim(table)
    if text.has({"team", "worker"}):
        text.claim(words("worker member task tasks work together group crew colleague assign"))
    if scene or text.has({"market", "price", "trader", "trading", "stock"}):
        text.claim(
            words(
                "market price financial trade profit loss maximise maximize money stock asset "
                "reward win best level volatile bull bear sideways bullish bearish"
            )
        )
    if scene == "tmaze":
        text.claim(words("cue reward left right arm corridor where is in either"))
    for index, token in enumerate(text.tokens):
        if token.word == "price" or (token.word == "one" and text.word(index + 1) in {"of", "cell"}):
            text.mark(index, index + 1)

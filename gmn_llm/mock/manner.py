"""How the agent goes about it: temperament, planning, noise, slips and memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.numbers import share_at, whole_at
from gmn_llm.mock.vocabulary import NEGATIONS, words

if TYPE_CHECKING:
    from gmn_llm.mock.tokens import Text

__all__ = ["SENSE_WORDS", "WORDS", "Chance", "Manner", "read_chances", "read_manner"]

_CAUTIOUS: Final = words(
    "cautious careful prudent safe timid conservative wary shy anxious fearful risk-averse averse"
    " vigilant cautiously safer warier "
    "carefully safely defensive"
)
_CURIOUS: Final = words("curious curiosity inquisitive exploratory adventurous novelty curiously information-seeking")
_BOLD: Final = words(
    "bold bolder braver riskier reckless fearless daring aggressive greedy brave risky ambitious impulsive"
)
_DECISIVE: Final = words("decisive determined precise rational confident")
_ERRATIC: Final = words("erratic indecisive hesitant unpredictable playful")
_HORIZON: Final = words("plan look think horizon depth lookahead foresight policy consider reason plans")
_SENSING: Final = words(
    "see hear smell feel sense perceive observe detect measure accuracy accurate sensor camera sight vision eye "
    "observation correct right wrong noise noisy reliable correctly reading lidar sonar microphone error read confuse"
)
_SLIPPING: Final = words(
    "slip slippery slide fail skid ice icy stuck misstep stumble succeed success execute unreliable"
)
_PAYING: Final = words("reward pay payoff win pays arm lever payout probability jackpot")
_WRONG: Final = words("wrong error noise noisy confuse mistaken mistake fail incorrect misread err")
_RIGHT: Final = words("right correct correctly accurate accuracy accurately reliable reliably reliability")
_NOISY: Final = words("noisy blurry blurred unreliable foggy imprecise poor dim weak faulty inaccurate")
_PERFECT: Final = words("perfect perfectly exact exactly flawless noiseless noise-free error-free fully")
_MEMORY: Final = words("memory remember memorise memorize recall recollect")
_COMPARED: Final = words("more less better worse noisier clearer sharper")
_ANYTHING: Final = words("anything nothing")
SENSE_WORDS: Final = _SENSING
WORDS: Final = (
    _CAUTIOUS
    | _CURIOUS
    | _BOLD
    | _DECISIVE
    | _ERRATIC
    | _HORIZON
    | _SENSING
    | _SLIPPING
    | _PAYING
    | _WRONG
    | _NOISY
    | _PERFECT
    | _MEMORY
    | words(
        "ahead step future time out percent chance probability slightly very extremely blind blindly impatient "
        "patient farsighted myopic shortsighted risk more less accurate reliability stochastic deterministic"
    )
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the agent goes about it.

    Attributes:
        caution: ``cautious``, ``curious``, ``bold`` or "" where nothing is said.
        both: Whether it is said to be cautious and curious.
        gamma: Precision of the choice of policies, or None.
        horizon: Steps planned ahead, or None.
        memory: Whether it is to remember.
        blind: Whether it is said to see nothing.
    """

    caution: str = ""
    both: bool = False
    gamma: float | None = None
    horizon: int | None = None
    memory: bool = False
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Chance:
    """A share of the time and what it is about.

    Attributes:
        about: ``sense``, ``slip`` or ``reward``.
        share: Accuracy of a sense, chance to slip, or chance of a reward; 0 to 1.
        index: Where in the text it stands.
    """

    about: str
    share: float
    index: int


def read_manner(text: Text) -> Manner:
    """Return temperament, planning and memory as the sentence has them."""
    horizon = _horizon(text)
    cautious = text.claim(_CAUTIOUS)
    curious = text.claim(_CURIOUS)
    bold = text.claim(_BOLD)
    if cautious or bold:
        text.claim({"risk"})
    if cautious and bold:
        text.doubt("The agent is said to be cautious and bold at once: it was made cautious.")
    gamma = 32.0 if text.claim(_DECISIVE) else 4.0 if text.claim(_ERRATIC) else None
    if text.claim({"impatient", "myopic", "shortsighted"}):
        horizon = horizon or 1
    if text.claim({"patient", "farsighted"}):
        horizon = horizon or 4
    if cautious and curious:
        text.doubt("The agent is said to be cautious and curious at once: it keeps safe and yet looks for information.")
    blind = text.claim({"blind", "blindly"}) | _sees_nothing(text)
    return Manner(
        caution="cautious" if cautious else "curious" if curious else "bold" if bold else "",
        both=cautious and curious,
        gamma=gamma,
        horizon=horizon,
        memory=text.claim(_MEMORY),
        blind=blind,
    )


def _sees_nothing(text: Text) -> bool:
    """Read ``never sees anything``, ``observes nothing`` and ``without sensors``."""
    for index in text.places(words("see observe perceive sense")):
        told = text.word(index + 1)
        before = range(max(index - 4, 0), index)
        denied = next((back for back in before if text.word(back) in NEGATIONS), None)
        if text.word(index + 2) in {"but", "except", "else"}:
            continue
        if told == "nothing" or (denied is not None and told in _ANYTHING):
            text.mark(index if denied is None else denied, index + 2)
            return True
    for index in text.places(words("sense sensor observation sight vision")):
        back = index - 1 - (text.word(index - 1) in {"any", "all"})
        if text.word(back) in {"no", "without"} and not (_names(text, index + 1) or text.word(index + 1) == "of"):
            text.mark(back, index + 1)
            return True
    return False


def _names(text: Text, index: int) -> bool:
    """Return whether a sense's name goes on (``sensor noise``)."""
    return text.word(index) in _WRONG | _NOISY | words("cost limit range model rate")


def read_chances(text: Text) -> tuple[Chance, ...]:
    """Return the shares of the time in the order of the sentence; adjectives come with ``index`` of their word."""
    found = list(_figures(text))
    found.extend(_adjectives(text, told={chance.about for chance in found}))
    return tuple(sorted(found, key=lambda chance: chance.index))


def _horizon(text: Text) -> int | None:
    for index in text.places({"ahead", "horizon", "depth", "future", "length"}):
        if not text.free(index) or (text.word(index) == "length" and text.word(index - 1) != "policy"):
            continue
        before, after = range(index - 1, max(index - 6, -1), -1), range(index + 1, min(index + 4, len(text)))
        for begin in [*after, *before] if text.word(index) in {"horizon", "depth", "length"} else [*before, *after]:
            number = whole_at(text, begin) if text.free(begin) else None
            if number is not None and text.sentence(begin) == text.sentence(index):
                text.mark(min(begin, index), max(number[1], index + 1))
                for near in range(max(index - 7, 0), min(index + 5, len(text))):
                    if text.word(near) in _HORIZON | {"step", "steps", "move", "turn", "length"}:
                        text.mark(near, near + 1)
                if number[0] < 1:
                    text.doubt("A planning horizon is one step at least: one step was taken.")
                return max(number[0], 1)
    if text.has({"ahead"}) and text.claim({"ahead"}):
        text.claim({"plan", "look", "think"})
        return 3
    return None


def _figures(text: Text) -> list[Chance]:
    found: list[Chance] = []
    index = 0
    while index < len(text):
        share = share_at(text, index) if text.free(index) else None
        if share is None:
            index += 1
            continue
        value, stop = share
        if text.word(index - 1) == "by" or text.word(stop) in _COMPARED:
            text.doubt(f"{value * 100:g}% more or less is no share of the time: only the direction was taken.")
            text.mark(index, stop)
            index = stop
            continue
        about, near, wrong = _about(text, index, stop)
        if about:
            if value > 1:
                text.doubt(f"{value * 100:g}% is more than always: taken as 100%.")
            found.append(Chance(about, _settled(about, min(value, 1.0), wrong=wrong), near))
            text.mark(index, stop)
            _tidy(text, index, stop)
        index = stop
    return found


def _about(text: Text, start: int, stop: int) -> tuple[str, int, bool]:
    """Return what a share is about, where the word stands that says so, and whether it counts errors."""
    kinds = (("slip", _SLIPPING), ("sense", _SENSING), ("reward", _PAYING))
    for distance in range(1, 13):
        for place in (start - distance, stop + distance - 1):
            if text.sentence(place) != text.sentence(start):
                continue
            word = text.word(place)
            for about, table in kinds:
                if word in table and not (word == "right" and text.word(place - 1) in {",", "or"}):
                    window = range(max(start - 6, 0), min(stop + 6, len(text)))
                    kind = _kind(text, about, window)
                    return kind, place, _counts_errors(text, kind, start, stop)
    return "", start, False


def _counts_errors(text: Text, about: str, start: int, stop: int) -> bool:
    """Return whether a share is that of the other outcome: errors of a sense, successes of a step.

    The word nearest to the share decides; ``noisy`` only names the sensor where ``right`` stands by it too.
    """
    succeeding = _SLIPPING & {"succeed", "success", "execute"}
    signs = {True: succeeding, False: frozenset[str]()} if about == "slip" else {True: _WRONG, False: _RIGHT}
    for noisy in (False, True):
        for distance in range(1, 7):
            for place in (stop + distance - 1, start - distance):
                word = text.word(place)
                if text.sentence(place) != text.sentence(start) or (word == "noisy") != noisy:
                    continue
                for wrong, table in signs.items():
                    if word in table:
                        return wrong != (text.word(place - 1) in NEGATIONS)
    return False


def _kind(text: Text, about: str, window: range) -> str:
    """Return the kind of a share; ``fail`` belongs to a sensor where one stands by it."""
    if about == "slip" and any(text.word(near) in {"sensor", "camera", "see", "reading", "vision"} for near in window):
        return "slip" if any(text.word(near) in {"slip", "slippery"} for near in window) else "sense"
    if about == "reward" and any(text.word(near) in _SLIPPING | {"stay"} for near in window):
        return "slip"
    return about


def _settled(about: str, value: float, *, wrong: bool) -> float:
    if (about in {"sense", "slip"} and wrong) and not (about == "sense" and value == 1.0):
        return round(1 - value, 10)
    return value


def _tidy(text: Text, start: int, stop: int) -> None:
    """Claim the words that go with a share."""
    small = (_SENSING | _SLIPPING | _PAYING | _WRONG) - {
        "see",
        "hear",
        "smell",
        "feel",
        "arm",
        "lever",
        "observe",
    } | words("time of the its a chance rate only correct cell")
    for near in (*range(max(start - 5, 0), start), *range(stop, min(stop + 5, len(text)))):
        if text.word(near) in small and text.sentence(near) == text.sentence(start):
            text.mark(near, near + 1)


def _adjectives(text: Text, *, told: set[str]) -> list[Chance]:
    found: list[Chance] = []
    for index in text.places(_NOISY):
        if text.free(index) and text.word(index + 1) not in {
            "motor",
            "wheel",
            "movement",
            "actuator",
            "step",
        }:
            found.append(Chance("sense", _degree(text, index, plain=0.7), index))
            text.mark(index, index + 1)
        elif text.free(index):
            found.append(Chance("slip", 0.2, index))
            text.mark(index, index + 2)
    found.extend(_perfect(text))
    for index in text.places({"accurate", "reliable"}):
        if text.free(index):
            found.append(Chance("sense", 0.95, index))
            text.mark(index, index + 1)
    for index in text.places({"slippery", "icy", "ice", "slip", "stumble"}):
        if text.free(index) and "slip" not in told and text.word(index - 1) not in {"not", "never"}:
            found.append(Chance("slip", _degree(text, index, plain=0.8) and 0.2, index))
        text.mark(index, index + 1)
    if "sense" in told:
        figures = [chance for chance in found if chance.about == "sense"]
        if any(chance.share == 1.0 for chance in figures):
            text.doubt("Sight is said to be perfect and yet to be wrong at times: the share that was given was kept.")
        found = [chance for chance in found if chance.about != "sense"]
    shares = {chance.share for chance in found if chance.about == "sense"}
    if 1.0 in shares and len(shares) > 1:
        text.doubt("A sense is said to be perfect and noisy at once: it was taken as noisy.")
        found = [chance for chance in found if chance.share != 1.0]
    return found


def _perfect(text: Text) -> list[Chance]:
    """Read ``sees perfectly``, and ``not perfectly``."""
    found: list[Chance] = []
    for index in text.places(_PERFECT):
        near = {text.word(place) for place in range(max(index - 4, 0), min(index + 4, len(text)))}
        if text.free(index) and near & _SENSING and text.word(index - 1) not in NEGATIONS:
            found.append(Chance("sense", 1.0, index))
            text.mark(index, index + 1)
        elif text.free(index) and text.word(index - 1) in NEGATIONS:
            found.append(Chance("sense", 0.9, index))
            text.mark(index - 1, index + 1)
    return found


def _degree(text: Text, index: int, *, plain: float) -> float:
    before = text.word(index - 1)
    if before in {"very", "extremely", "highly"}:
        text.mark(index - 1, index)
        return 0.5
    if before in {"slightly", "little", "bit", "somewhat"}:
        text.mark(index - 1, index)
        return 0.85
    return plain

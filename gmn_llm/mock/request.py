"""What a sentence asks for, once all readers have been over it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock import (
    actions,
    factors,
    goals,
    likings,
    manner,
    numbers,
    places,
    senses,
    spots,
    starts,
    telling,
    told_chances,
)
from gmn_llm.mock.situations import (
    CUES,
    cue_of,
    finish,
    part_size,
    read_scene,
    read_shares,
    read_subject,
    read_tally,
    read_team,
)
from gmn_llm.mock.tokens import MAX_TOKENS, Text, tokenise
from gmn_llm.mock.told import Told
from gmn_llm.mock.told_actions import read_told_actions, with_told_actions
from gmn_llm.mock.told_parts import with_told_parts, with_told_places
from gmn_llm.mock.vocabulary import FILLER, JOINERS, MOVES, NEGATIONS, STOPS, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gmn_llm.mock.actions import Actions
    from gmn_llm.mock.factors import Part
    from gmn_llm.mock.goals import Goal
    from gmn_llm.mock.manner import Chance, Manner
    from gmn_llm.mock.places import Place
    from gmn_llm.mock.senses import Signal
    from gmn_llm.mock.spots import Spot
    from gmn_llm.mock.told import Named
    from gmn_llm.mock.told_chances import Share

__all__ = ["Request", "read", "text_of", "unread"]

_SCENE_WORDS: Final = words(
    "bandit bandits armed slot machine machines arm lever pull t maze tmaze cue tiger regime volatile price market "
    "financial trade profit loss maximise maximize money worker member staff task tasks employee job person people "
    "player robot drone agent machine work together group crew colleague"
)
KNOWN: Final = frozenset().union(
    FILLER,
    JOINERS,
    NEGATIONS,
    STOPS,
    actions.WORDS,
    factors.WORDS,
    goals.WORDS,
    likings.WORDS,
    manner.WORDS,
    numbers.WORDS,
    places.WORDS,
    senses.WORDS,
    spots.WORDS,
    telling.WORDS,
    _SCENE_WORDS,
    *CUES.values(),
)
_QUIET: Final = (
    FILLER
    | JOINERS
    | MOVES
    | NEGATIONS
    | words(
        "in on at to from where if then it there upon toward see its level move see near start while prefer want state "
        "action observation cell one st nd rd th side find reach through step time explore keep only actions lone seek "
        "say says may s d m able return stay control behind play position location place self"
    )
)
_LONE: Final = frozenset("上下左右中角格停二不か")
_PHRASE_LENGTH = 80
_PHRASES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a sentence asks for.

    Attributes:
        scene: ``bandit``, ``tmaze``, an agent type the words point at, or "".
        place: Where the agent can be, or None.
        walls: Walls on the board.
        start: Where it starts, or None.
        lost: Whether it is said not to know where it starts.
        actions: What it can do.
        parts: Further state factors.
        signals: Senses beside the sight of the place.
        named: Senses whose outcomes are named.
        seen: Names of what is seen, where they are listed.
        outcomes: Number of observations asked for, or None.
        goals: What is wanted and shunned.
        likings: Labels of states and outcomes that are wanted (True) or shunned.
        taboos: What is never to be done and when: an action, a factor and its level.
        chances: Shares of the time.
        told_shares: Chances of named outcomes in named states.
        stays: Named states, and how likely they stay as they are.
        manner: Temperament, planning, memory.
        arms: Number of a bandit's arms, or None.
        payoffs: Chance of a reward for each arm where it is given.
        prices: Price levels asked for, or None.
        regimes: Market regimes asked for, or None.
        regime_names: Their names where they are told.
        subject: What the agent is called (``robot vacuum``), or "".
        team: Members of a team, or None.
        empty: True where not a single content word was understood.
        unread: Phrases that no reader could use.
        doubts: What was assumed, in sentences.
    """

    scene: str
    place: Place | None
    walls: tuple[Spot, ...]
    start: Spot | None
    lost: bool
    actions: Actions
    parts: tuple[Part, ...]
    signals: tuple[Signal, ...]
    named: tuple[Named, ...]
    seen: tuple[str, ...]
    outcomes: int | None
    goals: tuple[Goal, ...]
    likings: tuple[tuple[str, bool], ...]
    taboos: tuple[tuple[str, str, str], ...]
    chances: tuple[Chance, ...]
    told_shares: tuple[Share, ...]
    stays: Mapping[str, float]
    manner: Manner
    arms: int | None
    payoffs: tuple[float, ...]
    prices: int | None
    regimes: int | None
    regime_names: tuple[str, ...]
    team: int | None
    subject: str
    empty: bool
    unread: tuple[str, ...]
    doubts: tuple[str, ...]

    def goals_on_place(self) -> bool:
        """Return whether a goal, a wall or the start speaks of a place."""
        return any(goal.spot is not None for goal in self.goals) or bool(self.walls) or self.start is not None


def text_of(description: str) -> Text:
    """Return ``description`` cut into tokens that every reader understands."""
    return tokenise(description, known=KNOWN)


def read(description: str, *, understood: Collection[str] = ()) -> Request:
    """Read a sentence; takes time linear in its length.

    Args:
        description: The sentence.
        understood: Further words that the caller has a use for, so that they do not count as unread.
    """
    text = text_of(description)
    if text.cut:
        text.doubt(f"Only the first {MAX_TOKENS} words were read.")
    subject = read_subject(text)
    scene, arms, doings, named = _scene(text)
    shares, stays = told_chances.read_told_chances(text, named)
    manner_read = manner.read_manner(text)
    chances, payoffs = read_shares(text, arms=arms)
    prices = read_tally(text, "price", words("level step state point value"))
    regimes = read_tally(text, "regime", frozenset()) if text.has({"regime"}) else None
    team = read_team(text)
    place = places.read_place(text) if scene not in {"bandit", "tmaze"} else None
    place = with_told_places(place, named.places, lined=named.lined)
    walls = places.read_walls(text)
    names = frozenset(place.names if place else ()) | {"kitchen", "bedroom", "garage"}
    start, lost = starts.read_start(text, names=names)
    parts = with_told_parts(factors.read_parts(text), named.parts)
    taken = {part.name for part in named.parts}
    goals_read = goals.read_goals(text, [part for part in parts if part.name not in taken], names=names)
    signals = senses.read_signals(text)
    actions_read = with_told_actions(actions.read_actions(text), doings)
    taboos = _taboos(text, parts, actions_read.labels)
    outcomes = senses.read_outcome_count(text)
    seen = named.seen or senses.read_seen(text)
    labels = [*(label for part in named.parts for label in part.labels), *named.places, *seen]
    liked = likings.read_likings(text, [*labels, *(label for sense in named.senses for label in sense.labels)])
    start, walls, goals_read = _settled(text, place, start, walls, goals_read)
    finish(text, scene)
    text.claim(understood)
    left = unread(text)
    content = [token for token in text.tokens if token.word not in FILLER and token.word.isalnum() and token.word]
    return Request(
        scene=scene or cue_of(text),
        place=place,
        walls=walls,
        start=start,
        lost=lost,
        actions=actions_read,
        parts=tuple(part for part in parts if part.name not in {"price", "regime"} or scene == "bandit"),
        signals=signals,
        named=tuple(named.senses),
        seen=seen,
        outcomes=outcomes,
        goals=goals_read,
        likings=(*liked, *named.likings),
        taboos=taboos,
        chances=chances,
        told_shares=tuple(shares),
        stays=stays,
        manner=manner_read,
        arms=arms,
        payoffs=payoffs,
        prices=prices or part_size(parts, "price"),
        regimes=regimes or part_size(parts, "regime"),
        regime_names=next((part.labels for part in parts if part.name == "regime"), ()),
        team=team,
        subject=subject,
        empty=(bool(left) and sum(len(phrase.split()) for phrase in left) >= len(content))
        or (not content and not text.has(FILLER)),
        unread=left,
        doubts=tuple(text.doubts),
    )


def _scene(text: Text) -> tuple[str, int | None, tuple[str, ...], Told]:
    """Return the scene, its arms, the actions that are told, and the values that are named; choices make a bandit."""
    scene, arms = read_scene(text)
    doings = read_told_actions(text)
    named = telling.read_told(text) if scene not in {"bandit", "tmaze"} else Told()
    if named.choices and scene == "":
        return "bandit", len(named.choices), named.choices, named
    return scene, arms, doings, named


def _settled(
    text: Text,
    place: places.Place | None,
    start: Spot | None,
    walls: tuple[Spot, ...],
    found: tuple[goals.Goal, ...],
) -> tuple[Spot | None, tuple[Spot, ...], tuple[goals.Goal, ...]]:
    """Return start, walls and goals counted from 0, and the goal as the start where the sentence says so."""
    if place is not None and _from_one(place, (start, *walls, *(goal.spot for goal in found))):
        text.doubt("Rows and columns were counted from 1, for they would not fit from 0.")
        start = _shifted(start)
        walls = tuple(shifted for shifted in map(_shifted, walls) if shifted is not None)
        found = tuple(replace(goal, spot=_shifted(goal.spot)) for goal in found)
    if start is None and _starts_at_goal(text):
        start = next((goal.spot for goal in found if goal.wanted and goal.spot is not None), None)
        if start is None:
            text.doubt("It is to start at the goal, and where that is was not said: it starts at the usual place.")
    return start, walls, found


def unread(text: Text) -> tuple[str, ...]:
    """Return the phrases no reader has claimed, without small words."""
    phrases: list[str] = []
    current: list[str] = []
    last = -1
    for index, token in enumerate(text.tokens):
        content = token.number is not None or (
            token.word[:1].isalpha() and token.word not in _QUIET and token.text not in _LONE
        )
        if not content or not text.free(index):
            continue
        if current and (index != last + 1 or len(" ".join(current)) > _PHRASE_LENGTH):
            phrases.append(" ".join(current)[:_PHRASE_LENGTH])
            current = []
        current.append(token.text)
        last = index
    if current:
        phrases.append(" ".join(current)[:_PHRASE_LENGTH])
    phrases = list(dict.fromkeys(phrases))
    more = len(phrases) - _PHRASES
    return (*phrases[:_PHRASES], f"{more} further phrases") if more > 0 else tuple(phrases)


def _taboos(text: Text, parts: Iterable[Part], labels: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """Read ``never to go on red``."""
    found = []
    levels = {label: part.name for part in parts for label in part.labels}
    for index in text.places(NEGATIONS):
        near = range(index + 1, min(index + 4, len(text)))
        verb = next((at for at in near if text.word(at) in labels), None)
        if verb is None or text.word(verb + 1) not in {"on", "at", "when", "while", "during", "if"}:
            continue
        level = next((at for at in range(verb + 2, verb + 6) if text.word(at) in levels), None)
        if level is not None and text.sentence(level) == text.sentence(index):
            found.append((text.word(verb), levels[text.word(level)], text.word(level)))
            text.mark(index, level + 1)
    return tuple(dict.fromkeys(found))


def _starts_at_goal(text: Text) -> bool:
    """Return whether the agent is said to start ``in the goal``."""
    for index in text.places({"start", "begin", "spawn"}):
        after = index + 1
        while after < index + 4 and text.word(after) in {"in", "at", "on", "inside", "the", "its", "a"}:
            after += 1
        if text.word(after) in {"goal", "target", "exit", "treasure"} and after > index + 1:
            return True
    return False


def _from_one(place: Place, spots: Iterable[Spot | None]) -> bool:
    """Return whether the numbers of rows, columns and cells fit when counted from 1, and do not from 0."""
    rows, cols, cells = [], [], []
    for spot in spots:
        if spot is not None and spot.counted:
            rows.extend([spot.row] if spot.row is not None else [])
            cols.extend([spot.col] if spot.col is not None else [])
            cells.extend([spot.index] if spot.index is not None and not spot.noun else [])
    numbers = (
        [(row, place.rows) for row in rows]
        + [(col, place.cols) for col in cols]
        + [(cell, place.size) for cell in cells]
    )
    return any(value == size for value, size in numbers) and all(0 < value <= size for value, size in numbers)


def _shifted(spot: Spot | None) -> Spot | None:
    """Return a spot that was counted from 1 as counted from 0."""
    if spot is None or not spot.counted:
        return spot
    index = spot.index - 1 if spot.index is not None and not spot.noun else spot.index
    row, col = (None if line is None else line - 1 for line in (spot.row, spot.col))
    return replace(spot, row=row, col=col, index=index)

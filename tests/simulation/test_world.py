"""The world alone, without an agent: what is seen follows A, what becomes follows B, where it begins follows D."""

from __future__ import annotations

from collections import Counter

import numpy as np

from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.completion import completed
from gmn_llm.simulation.world import World
from tests.gmn.builders import Graph
from tests.simulation.models import maze, shared

DRAWS = 4_000


def world_of(spec: GMNSpec) -> World:
    """The world of a document."""
    return World.of(completed(spec.structure))


def weather() -> World:
    """A world in which everything is a matter of chance; parents stand in another order than the nodes."""
    rng = np.random.default_rng(5)
    graph = Graph().axes("state", place=3, sky=2).axes("observation", seen=4).axes("action", go=2)
    a, b = rng.random((4, 2, 3)) + 0.1, rng.random((3, 2, 3, 2)) + 0.1
    graph.likelihood("A", "seen", ["sky", "place"], (a / a.sum(0)).tolist())
    graph.transition("B1", ["sky", "place", "go"], (b / b.sum(0)).tolist(), factor="place")
    graph.transition("B2", ["sky"], [[[0.9], [0.3]], [[0.1], [0.7]]])
    graph.subject("D", "belief", "place", vector=[0.2, 0.3, 0.5])
    return world_of(graph.spec)


def close(drawn: Counter[int], wanted: list[float]) -> bool:
    """Whether counts are within five standard deviations of what they are to be."""
    return all(
        abs(drawn[k] - DRAWS * p) <= 5 * np.sqrt(DRAWS * p * (1 - p)) + 1e-9 for k, p in enumerate(map(float, wanted))
    )


def test_what_is_seen_is_drawn_from_the_likelihood() -> None:
    """Outcomes come as often as the column of A for the state says, whatever the order of the edges."""
    world, rng = weather(), np.random.default_rng(1)
    for state in ((0, 0), (2, 1), (1, 0)):
        drawn = Counter(world.observe(state, rng)[0] for _ in range(DRAWS))
        assert close(drawn, world.numbers.A[0][:, state[0], state[1]])


def test_what_becomes_is_drawn_from_the_transition() -> None:
    """The next state of a factor comes as often as B says for the states of its parents and the action."""
    world, rng = weather(), np.random.default_rng(2)
    for state, go in (((0, 0), 0), ((2, 1), 1), ((1, 1), 0)):
        following = [world.move(state, {0: go}, rng) for _ in range(DRAWS)]
        assert close(Counter(place for place, _ in following), world.numbers.B[0][:, state[0], state[1], go])
        assert close(Counter(sky for _, sky in following), world.numbers.B[1][:, state[1], 0])


def test_it_begins_where_the_beliefs_say() -> None:
    """The first state is drawn from D, each factor by itself; without a belief any state is as likely."""
    world, rng = weather(), np.random.default_rng(3)
    begun = [world.begin(rng) for _ in range(DRAWS)]
    assert close(Counter(place for place, _ in begun), [0.2, 0.3, 0.5])
    assert close(Counter(sky for _, sky in begun), [0.5, 0.5])


def test_a_world_without_chance_goes_the_one_way_there_is() -> None:
    """Where A and B are certain, the path is the one that the rules of the document give."""
    world, rng = world_of(maze()), np.random.default_rng(0)
    arm = world.move((0, 1), {0: 2}, rng)
    assert arm == (2, 1)
    assert world.observe(arm, rng) == (2, 0, 1)  # at the right, told nothing, cheese
    assert world.move(arm, {0: 0}, rng) == arm  # an arm is not left again
    assert world.observe(world.move((0, 1), {0: 3}, rng), rng) == (3, 2, 0)  # at the cue, told right, nothing got


def test_actions_are_told_apart_by_the_document() -> None:
    """A world takes the number of each action of the document, in whatever order a transition names them."""
    world, rng = world_of(shared()), np.random.default_rng(0)
    for a in range(2):
        for b in range(3):
            assert world.move((1, 2, 0), {1: a, 2: b}, rng) == ((1 + 2 * a + b) % 4, (2 + a) % 3, 2)

"""The worked models are pymdp's own environments, compared array by array."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from tests.examples.worked import read

SINGLE = 1e-7  # pymdp's environments hold single precision


@pytest.fixture(scope="module")
def envs() -> Any:
    """Pymdp's environments, with its own warnings kept out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pymdp.envs")


def made(environment: Any, **settings: object) -> Any:
    """An environment of pymdp, made without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return environment(**settings)


def assert_same(mine: list[Any], theirs: list[Any]) -> None:
    """Hold that two lists have the same arrays, but for the precision."""
    assert [np.shape(array) for array in mine] == [np.shape(array) for array in theirs]
    for k, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        assert np.allclose(one, np.asarray(other), rtol=0, atol=SINGLE), k


def assert_is(given: dict[str, Any], world: Any, *, but: tuple[str, ...] = ()) -> None:
    """Hold that A, B and D are the environment's, with all axes and all labels in its order."""
    for key in {"A", "B", "D"} - set(but):
        assert_same(given[key], getattr(world, key))
    assert given["A_dependencies"] == world.A_dependencies
    assert given["B_dependencies"] == world.B_dependencies


def test_the_t_maze_is_pymdps(envs: Any) -> None:
    """A, B, D and who depends on whom are those of ``TMaze()``, in the same order throughout."""
    assert_is(read("t_maze").to_pymdp(), made(envs.TMaze))


def test_the_t_maze_with_arms_that_never_let_go(envs: Any) -> None:
    """With the rule that the text names on top, B is that of ``TMaze()`` but for the arms, where each move stays."""
    document = json.loads(read("t_maze").to_json())
    moving = next(node for node in document["nodes"] if node["id"] == "moving")
    moving["properties"]["matrix"]["rules"].insert(0, {"when": {"location": ["left_arm", "right_arm"]}, "then": {}})
    expected = np.array(made(envs.TMaze).B[0])
    for arm in (1, 2):
        expected[:, arm, :] = 0.0
        expected[arm, arm, :] = 1.0
    spec = GMNSpec.parse(document)
    assert spec.warnings == ()
    assert_same([spec.to_pymdp()["B"][0]], [expected])


def test_epistemic_chaining_is_pymdps(envs: Any) -> None:
    """A, B, D and who depends on whom are those of ``CueChainingEnv()``, in the same order throughout."""
    assert_is(read("epistemic_chaining").to_pymdp(), made(envs.CueChainingEnv))


def test_the_small_board_has_the_cues_of_pymdps(envs: Any) -> None:
    """A, D and the factors that nothing drives are those of ``CueChainingEnv`` with the places of the small board."""
    world = made(
        envs.CueChainingEnv,
        grid_shape=(3, 5),
        start_location=(1, 0),
        cue1_location=(2, 0),
        cue2_locations=((0, 2), (2, 2)),
        reward_locations=((0, 4), (2, 4)),
    )
    given = read("grid_world_with_cue").to_pymdp()
    assert_is(given, world, but=("B",))
    assert_same(given["B"][1:], world.B[1:])


def test_the_small_board_has_the_steps_of_pymdps_grid(envs: Any) -> None:
    """B is ``GridWorld``'s, its moves (up, right, down, left, stay) in our order; only from a wall, where nobody is, not."""
    world = made(envs.GridWorld, shape=(3, 5), walls=[(1, 1), (1, 3)], initial_position=(1, 0), success_prob=0.9)
    theirs = np.array(world.B[0])[:, :, [0, 2, 3, 1, 4]]
    for wall in (6, 8):
        assert not theirs[wall, [cell for cell in range(15) if cell != wall], :].any()
        theirs[:, wall, :] = 0.0
        theirs[wall, wall, :] = 1.0
    assert_same([read("grid_world_with_cue").to_pymdp()["B"][0]], [theirs])

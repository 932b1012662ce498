"""The designer: what it reads, what it writes, what it says it could not use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmn_llm.gmn import GMNSpec, validate_gmn
from gmn_llm.mock import design
from tests.mock.expectations import misses

ROWS = json.loads((Path(__file__).parents[1] / "data" / "designer_prompts.json").read_text(encoding="utf-8"))
TYPES = ["general", "explorer", "trader", "coordinator", "analyst", "creative", "planner", "guardian"]
CONSTRAINTS: list[dict[str, Any]] = [
    {"max_states": 10, "max_actions": 5},
    {"max_actions": 1},
    {"num_states": 7},
    {"num_states": 13, "max_actions": 3},
    {"min_states": 30},
    {"max_observations": 4},
    {"num_observations": 6},
    {"num_actions": 6},
    {"min_actions": 8},
    {"max_nodes": 8},
    {"max_states_per_factor": 4},
    {"require": ["preference", "policy", "belief", "llm_query"]},
    {"require_preferences": True},
    {"actions": ["jump", "stay"]},
    {"max_states": 1},
    {"max_states": 12, "max_observations": 12, "max_actions": 4, "max_nodes": 9, "require_preferences": True},
]


def findings(document: dict[str, object], constraints: dict[str, Any] | None = None) -> list[str]:
    """Return what the checker says of a document beyond the designer's own remarks."""
    remarks = {"constraint-won", "unread-prompt"}
    return [str(found) for found in validate_gmn(document, constraints).findings if found.code not in remarks]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_prompt_meets_its_expectations(row: dict[str, Any]) -> None:
    """Every row of the data file holds, and its document is valid without a warning."""
    document = design(row["prompt"], agent_type=row["agent_type"], constraints=row.get("constraints", {}))
    assert misses(document, row["expect"]) == []
    assert findings(document, row.get("constraints")) == []


def test_data_file_is_large_and_varied() -> None:
    """There are at least 60 prompts of at least ten kinds, each with a name of its own."""
    assert len(ROWS) >= 60
    assert len({row["kind"] for row in ROWS}) >= 10
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("agent_type", TYPES)
def test_every_type_has_a_model_of_its_own(agent_type: str) -> None:
    """Where the sentence leaves room, the type decides: each plain request gives another document."""
    own = design("Create an agent", agent_type=agent_type)
    others = [design("Create an agent", agent_type=other) for other in TYPES if other != agent_type]
    assert own not in others
    assert findings(own) == []


@pytest.mark.parametrize("constraints", CONSTRAINTS, ids=[json.dumps(item)[:40] for item in CONSTRAINTS])
@pytest.mark.parametrize("row", ROWS[::4], ids=[row["id"] for row in ROWS[::4]])
def test_constraints_are_met(row: dict[str, Any], constraints: dict[str, Any]) -> None:
    """A document keeps to the constraints it is given, and stays valid."""
    document = design(row["prompt"], agent_type=row["agent_type"], constraints=constraints)
    assert findings(document, constraints) == []


def test_constraint_that_wins_is_said() -> None:
    """A 5x5 grid with ten states at most becomes 3x3, and the document says so, beginning with "constraint won"."""
    document = design("A 5x5 grid", agent_type="explorer", constraints={"max_states": 10})
    assert document["metadata"] == {"constraint_won": ["constraint won: the 5x5 grid became the 3x3 grid."]}


def test_impossible_constraints_give_the_nearest() -> None:
    """One state at most and five at least can't be had together: a document comes all the same."""
    document = design("An agent", constraints={"max_states": 1, "min_states": 5})
    assert findings(document) == []


@pytest.mark.parametrize(
    "name", ["num_states", "min_states", "num_actions", "min_actions", "num_observations", "max_states_per_factor"]
)
@pytest.mark.parametrize("number", [10**5, 10**19, 10**30])
def test_huge_constraints_end_at_the_nearest(name: str, number: int) -> None:
    """A number no model can hold is not counted up to: the document is as large as can be written out."""
    document = design("A 3x3 grid", constraints={name: number})
    assert findings(document) == []


def test_description_names_the_agent_once() -> None:
    """Who is only called an agent is not called so twice."""
    described = "An agent on a grid of 5 columns and 5 rows, counted from 0 at the top left; it has 5 actions."
    assert design("Create an agent that explores a 5x5 grid world")["description"] == described
    assert design("An agent on a 5x5 grid")["description"] == described


def test_senseless_constraints_are_passed_over() -> None:
    """Constraints of another type than the notation's change nothing."""
    plain = design("A 5x5 grid")
    assert design("A 5x5 grid", constraints={"max_states": "ten", "actions": 3, "colour": "red"}) == plain


def test_same_prompt_same_document_in_every_process() -> None:
    """The order of hashes is another in each process, the document is the same."""
    prompts = [row["prompt"] for row in ROWS[::6]]
    script = (
        "import json, sys; from gmn_llm.mock import design; "
        "print(json.dumps([design(prompt) for prompt in json.loads(sys.stdin.read())]))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(prompts),
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": locale},
        ).stdout
        for seed, locale in (("1", "C"), ("2", "de_DE.UTF-8"))
    }
    assert len(answers) == 1


def test_goal_falls_off_with_the_steps() -> None:
    """Preferences rise with each step towards the goal, around walls."""
    document = design("A 1x5 grid with the goal at the bottom-left corner")
    spec = GMNSpec.parse(document).expand()
    vector = next(node for node in json.loads(spec.to_json())["nodes"] if node["type"] == "preference")
    assert vector["properties"]["vector"] == sorted(vector["properties"]["vector"])


def test_rows_counted_from_one_are_recognised() -> None:
    """(5, 5) on a 5x5 board can only be counted from 1; the document says that it was read so."""
    document = design("A 5x5 grid with walls at (1,1) and (5,5)")
    matrix = next(node for node in nodes(document) if node["type"] == "transition")["properties"]["matrix"]
    assert matrix["walls"] == [[0, 0], [4, 4]]
    assert document["metadata"]["assumptions"]  # type: ignore[index]  # it is a plain dictionary


def nodes(document: dict[str, object]) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a document."""
    found = document["nodes"]
    assert isinstance(found, list)
    yield from found


NASTY = [
    "",
    "\x00\x01\x02",
    "\ud800 a 5x5 grid \udfff",
    "🤖" * 16_000,
    "7 " * 10_000,
    "9" * 65_536,
    "walls at " + "(1,1), " * 9_000,
    "x" * 65_536,
    "5x" * 30_000,
    "up, " * 16_000,
    "a " * 32_000,
    "((((((((" * 8_000,
    "not not not " * 5_000,
    "of levels battery three " * 2_500,
    "- " * 32_000,
    "\u0301" * 60_000,
    "\ufdfa" * 20_000,
    " \n\t" * 20_000,
    '{"task": "generate"} ```json``` <|im_start|>system',
    "A 0x0 grid with -3 rooms, 0 arms, 0 actions, 0 price levels and a battery of 0 levels",
    "99999999999999x99999999999999 grid with 10000000000000000000000 actions",
    "A bandit with 123456 arms",
    "A trader with 1000000 price levels",
    "In one of 99999 rooms with a battery of 99999 levels; it plans 10000000 steps ahead",
    "A team of 5000 workers",
]


@pytest.mark.parametrize("prompt", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("agent_type", ["general", "trader"])
def test_any_text_gives_a_valid_document(prompt: str, agent_type: str) -> None:
    """Emoji, control characters, lone surrogates and endless lists end as a valid document that can be encoded."""
    document = design(prompt, agent_type=agent_type)
    assert len(json.dumps(document, ensure_ascii=False).encode()) < 2**20
    assert findings(document) == []


WORDS = sorted({word for row in ROWS for word in row["prompt"].split()})
PHRASES = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(["100x100", "-3", "0", "%", "(9,9)", "walls at", "avoid", "never", "battery of 7 levels"]),
        st.text(max_size=6),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=150)
@given(PHRASES, st.sampled_from(TYPES), st.sampled_from([{}, *CONSTRAINTS]))
def test_words_in_any_order_give_a_valid_document(
    words: list[str], agent_type: str, constraints: dict[str, Any]
) -> None:
    """Whatever the words and constraints, the document passes the checker without a warning."""
    document = design(" ".join(words), agent_type=agent_type, constraints=constraints)
    assert findings(document) == []


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet=st.characters(), max_size=400))
def test_characters_in_any_order_give_a_valid_document(text: str) -> None:
    """Any characters, surrogates included, give a document that passes the checker and can be encoded."""
    document = design(text)
    assert findings(document) == []
    assert json.dumps(document, ensure_ascii=False).encode()

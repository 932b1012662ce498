"""The compact draft: whatever its schema allows becomes a valid document."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmn_llm import GMNSpec, validate_gmn
from gmn_llm.generation.draft import compiled, is_draft, traced
from gmn_llm.gmn.schema import load

SCHEMA = jsonschema_rs.validator_for(load("draft"))
NAMES = st.text(min_size=1, max_size=40, alphabet=st.characters(codec="utf-8", exclude_characters="\x00"))
LABELS = st.lists(st.one_of(st.sampled_from(["a", "b", "0", "stay", "uniform"]), st.text(max_size=40)), max_size=6)
REFERENCES = st.one_of(st.sampled_from(["", "0", "1", "7", "a", "b", "99999999999"]), st.text(max_size=5))
SHARES = st.one_of(st.sampled_from([0, 1, 0.3]), st.floats(0, 1))
WISHES = st.lists(st.fixed_dictionaries({"value": REFERENCES, "strength": st.floats(-9, 9)}), max_size=3)
RULES = st.lists(
    st.fixed_dictionaries({
        "when": st.lists(
            st.fixed_dictionaries({
                "name": st.sampled_from(["x", "y", "action", "nobody"]),
                "values": st.lists(REFERENCES, min_size=1, max_size=3),
            }),
            max_size=2,
        ),
        "then": st.lists(
            st.fixed_dictionaries({"value": REFERENCES, "probability": SHARES}), min_size=1, max_size=3
        ),
    }),
    max_size=3,
)  # fmt: skip
FACTORS = st.fixed_dictionaries({
    "name": st.one_of(st.sampled_from(["x", "y"]), NAMES),
    "size": st.integers(1, 12),
    "labels": LABELS,
    "change": st.fixed_dictionaries({
        "kind": st.sampled_from(["grid", "line", "cycle", "set", "random_walk", "identity", "rules"]),
        "rows": st.integers(0, 4),
        "cols": st.integers(0, 4),
        "slip": SHARES,
        "walls": st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), max_size=3),
        "rules": RULES,
    }),
    "actions": st.lists(st.sampled_from(["up", "down", "move_left", "right", "stay", "jump", "a"]), max_size=5),
    "start": REFERENCES,
    "accuracy": SHARES,
    "prefer": WISHES,
})  # fmt: skip
DRAFTS = st.fixed_dictionaries({
    "name": NAMES,
    "description": st.text(max_size=50),
    "factors": st.lists(FACTORS, min_size=1, max_size=3),
    "senses": st.lists(
        st.fixed_dictionaries({
            "name": NAMES,
            "labels": st.lists(st.sampled_from(["loud", "quiet", "a", "0"]), min_size=2, max_size=4),
            "depends_on": st.lists(st.sampled_from(["x", "y", "nobody"]), min_size=1, max_size=3),
            "rules": RULES,
            "prefer": WISHES,
        }),
        max_size=2,
    ),
    "steps_ahead": st.integers(1, 3),
    "unread": st.lists(st.text(max_size=20), max_size=2),
})  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DRAFTS)
def test_every_draft_its_schema_allows_becomes_a_valid_document(draft: dict[str, object]) -> None:
    """The lenient compilation of any draft is valid, expands and gives arrays; a strict one breaks nothing else."""
    if not SCHEMA.is_valid(draft):  # a name of blanks, say, is shorter to draw than to avoid
        raise AssertionError("the strategy left the schema")
    document = compiled(draft, lenient=True)
    verdict = validate_gmn(document)
    policies = [finding for finding in verdict.errors if finding.code == "size-limit"]
    assert verdict.errors == tuple(policies), verdict.errors[:3]
    if not policies:
        GMNSpec.parse(document).to_pymdp()
    strict = {finding.code for finding in validate_gmn(compiled(draft)).errors}
    assert strict <= {"bad-reference", "not-normalised", "size-limit"}


def test_the_draft_of_a_grid_is_a_tenth_of_it_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The compact draft of the 5x5 grid takes at most a tenth of the tokens of the document written out."""
    import tiktoken

    litellm = find_spec("litellm")
    assert litellm is not None
    assert litellm.origin is not None
    # The vocabulary that LiteLLM brings along; tiktoken alone would fetch it.
    vocabulary = Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(vocabulary))

    draft = {
        "name": "grid_explorer", "description": "Explores a grid.",
        "factors": [{
            "name": "position", "size": 25, "labels": [],
            "change": {"kind": "grid", "rows": 5, "cols": 5, "slip": 0, "walls": [], "rules": []},
            "actions": ["up", "down", "left", "right", "stay"], "start": "0", "accuracy": 0.9,
            "prefer": [{"value": "24", "strength": 3}],
        }],
        "senses": [], "steps_ahead": 2, "unread": [],
    }  # fmt: skip
    assert is_draft(draft)
    count = tiktoken.get_encoding("cl100k_base").encode
    written = len(count(str(GMNSpec.parse(compiled(draft)).expand())))
    assert len(count(json.dumps(draft))) * 10 <= written


def test_a_grid_without_rows_is_a_line() -> None:
    """What contradicts itself is mended and told in metadata."""
    factor = {"name": "spot", "size": 4, "change": {"kind": "grid", "rows": 0, "cols": 0}, "actions": ["left", "right"]}
    document = compiled({"name": "m", "factors": [factor]})
    spec = GMNSpec.parse(document)
    assert spec.findings() == ()
    assert "a grid without rows" in str(spec.metadata["assumptions"])


def test_composed_names_of_moves_mean_moves() -> None:
    """``move_up`` moves up, though the notation's own label is ``up``."""
    change = {"kind": "grid", "rows": 2, "cols": 2}
    factor = {"name": "cell", "size": 4, "change": change, "actions": ["move_up", "go right", "wait"]}
    b = GMNSpec.parse(compiled({"name": "m", "factors": [factor]})).to_pymdp()["B"][0]
    assert b[0, 2, 0] == 1.0
    assert b[1, 0, 1] == 1.0
    assert b[3, 3, 2] == 1.0


@pytest.mark.parametrize("kind", ["line", "set", "cycle", "rules", "grid"])
def test_no_size_costs_memory_before_it_is_checked(kind: str) -> None:
    """A billion states are a few lines of a document, whatever else is said of them, and a finding."""
    change = {
        "kind": kind,
        "rows": 10**5,
        "cols": 10**4,
        "rules": [{"when": [], "then": [{"value": "7", "probability": 1}]}],
    }
    factor = {"name": "x", "size": 10**9, "change": change, "prefer": [{"value": "999999999", "strength": 2}]}
    for lenient in (False, True):
        document = compiled({"name": "m", "factors": [factor]}, lenient=lenient)
        assert len(json.dumps(document)) < 200_000
        assert "size-limit" in {finding.code for finding in validate_gmn(document).errors}


def test_senses_without_factors_are_no_crash() -> None:
    """A draft without a factor is a document without a state, which the checks tell of."""
    sense = {"name": "bell", "labels": ["loud", "quiet"], "depends_on": ["x"], "rules": []}
    codes = {finding.code for finding in validate_gmn(compiled({"name": "m", "factors": [], "senses": [sense]})).errors}
    assert "missing-node" in codes


def test_what_names_nothing_is_kept_for_the_checks_and_left_out_at_last() -> None:
    """A wish and a start that are not there are findings; a lenient compilation does without them and says so."""
    factor = {
        "name": "room", "size": 2, "labels": ["hall", "exit"], "change": {"kind": "line"}, "actions": ["left", "right"],
        "start": "cellar", "prefer": [{"value": "garden", "strength": 2}],
    }  # fmt: skip
    draft = {"name": "m", "factors": [factor]}
    assert [finding.code for finding in validate_gmn(compiled(draft)).errors] == ["bad-reference"] * 2
    lenient = compiled(draft, lenient=True)
    assert validate_gmn(lenient).ok
    assert "garden" in str(lenient["metadata"])
    assert "cellar" in str(lenient["metadata"])


def test_each_node_knows_what_it_was_made_from() -> None:
    """The pointers lead from the nodes of the document into the draft."""
    factor = {
        "name": "room", "size": 2, "change": {"kind": "line"}, "actions": ["left", "right"], "start": "0",
        "prefer": [{"value": "1", "strength": 2}],
    }  # fmt: skip
    sense = {"name": "bell", "labels": ["loud", "quiet"], "depends_on": ["room"], "rules": []}
    document, origins = traced({"name": "m", "factors": [factor], "senses": [sense], "steps_ahead": 2})
    nodes = document["nodes"]
    assert isinstance(nodes, list)
    told = {node["id"]: origin for node, origin in zip(nodes, origins, strict=True)}
    assert told["room"] == told["room_sight"] == told["room_seen"] == "/factors/0"
    assert told["room_change"] == "/factors/0/change"
    assert told["room_seen_wish"] == "/factors/0/prefer"
    assert told["room_start"] == "/factors/0/start"
    assert told["bell"] == told["bell_sight"] == "/senses/0"
    assert told["policy"] == "/steps_ahead"

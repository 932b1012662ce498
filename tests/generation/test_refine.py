"""From feedback to the changed document: patches, documents and drafts, repairs, history, and what a model is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gmn_llm import GMNSpec, GMNValidationError, create_llm_factory, validate_gmn
from gmn_llm.config import Group
from gmn_llm.generation.compact import compact, restored
from gmn_llm.generation.keys import key_of_task
from gmn_llm.generation.making import making
from gmn_llm.generation.refining import MOST_KEPT
from gmn_llm.generation.task import Task
from gmn_llm.gmn.schema import load
from gmn_llm.messages import LLMResponse
from gmn_llm.mock import design, refine
from tests.generation.refining import ARRAYS, DOCUMENTS, GRID, answered, node, refined, texts
from tests.wire.client import Step, WireServer

EMPTY: dict[str, Any] = {"say": "", "change_nodes": [], "add_nodes": [], "remove_nodes": [], "add_edges": [], "remove_edges": [], "name": "", "description": "", "unread": []}  # fmt: skip
SLIP = {**node(GRID, "position_transition")["properties"]["matrix"], "slip": 0.2}
PATCH = {**EMPTY, "say": "It slips.", "change_nodes": [{"id": "position_transition", "properties": {"matrix": SLIP}}]}
SLIPS = "it slips 20% of the time"


def changed(before: Any, after: GMNSpec) -> set[str]:
    """Ids of nodes whose text is another, that are new or that are gone."""
    was, now = texts(before), texts(after.document)
    return {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}


@pytest.mark.parametrize(
    "dress",
    ["{}", "Sure, here it is:\n```json\n{}\n```\nAnything else?", "<think>a patch {{ maybe</think>{}", '{{"patch": {}}}', "[{}]"],
    ids=["bare", "fence", "thoughts", "envelope", "list"],
)  # fmt: skip
def test_a_patch_is_done_in_any_dress(dress: str) -> None:
    """What the patch names is changed, the rest is the same byte for byte, and the warnings say what was changed."""
    result = refined(GRID, SLIPS, dress.format(json.dumps(PATCH)))
    assert changed(GRID, result) == {"position_transition"}
    assert result.document["edges"] == GRID["edges"]
    assert result.warnings == ("changed as asked: position_transition (matrix)",)


def test_a_patch_is_held_to_the_words_too() -> None:
    """What a patch changes beside what the feedback speaks of is as it was, byte for byte, and that is told."""
    more = [{"id": "position_start", "properties": {"state": 7}}, {"id": "move", "properties": {"labels": [*"abcde"]}}]
    result = refined(GRID, SLIPS, {**PATCH, "change_nodes": [*PATCH["change_nodes"], *more]})
    assert changed(GRID, result) == {"position_transition"}
    assert any("put back" in each and "move" in each and "position_start" in each for each in result.warnings)


@pytest.mark.parametrize(
    ("feedback", "kept"),
    [
        ("the position matters", {"position_start"}),  # named is what it belongs to
        ("Der Anfang ist woanders", {"position_start", "seen_wish"}),  # nothing is named that is known
        ("the goal is elsewhere", {"seen_wish"}),
        ("looks great, thanks", set()),
    ],
)
def test_what_a_patch_changes_is_a_guess_at_what_was_meant(feedback: str, kept: set[str]) -> None:
    """Where none of it is spoken of by name, what stands right beside what is named counts, and else all of it."""
    wish = {"id": "seen_wish", "type": "preference", "properties": {"preferred_observation": 24}}
    edge = {"source": "seen_wish", "target": "seen_position", "type": "depends_on"}
    others = [each for each in GRID["nodes"] if each["type"] != "preference"]
    ids = {each["id"] for each in others}
    edges = [each for each in GRID["edges"] if {each["source"], each["target"]} <= ids]
    document = {**GRID, "nodes": [*others, wish], "edges": [*edges, edge]}
    changes = [
        {"id": "position_start", "properties": {"state": 7}},
        {"id": "seen_wish", "properties": {"preferred_observation": 7}},
    ]
    result = refined(document, feedback, {**EMPTY, "change_nodes": changes})
    assert changed(document, result) == kept


def test_a_patch_in_the_strict_dialects_is_read() -> None:
    """Free keys as pairs, nulls and lists of one are undone."""
    matrix = {"kind": "grid", "rows": 5, "cols": 5, "slip": [0.2], "walls": [[1, 1]], "wrap": None, "action": []}
    entry = {"id": "position_transition", "properties": [{"key": "matrix", "value": matrix}]}
    result = refined(GRID, SLIPS, {**EMPTY, "change_nodes": [entry]})
    assert node(result.document, "position_transition")["properties"] == {"matrix": SLIP}


def test_a_draft_as_an_answer_is_read() -> None:
    """A model that writes a draft of the whole ends with a valid document all the same."""
    factor = {
        "name": "room", "size": 3, "labels": [], "change": {"kind": "line"}, "actions": ["left", "right"],
        "start": "", "accuracy": 1, "prefer": [],
    }  # fmt: skip
    first = refined(GRID, "something else: three rooms", {"name": "rooms", "factors": [factor]})
    assert first.valid() is first
    assert "room" in {each.id for each in first.nodes}


def test_an_empty_patch_changes_nothing_and_says_why() -> None:
    """The document comes back byte for byte, its metadata too, and the model's reason is a warning."""
    before = {**GRID, "metadata": {"unread": ["old"], "author": "me"}}
    result = refined(before, "thanks", {**EMPTY, "say": "There is nothing to change."})
    assert result.to_json() == GMNSpec.parse(before).to_json()
    assert result.warnings == ("nothing was changed: There is nothing to change.",)


def test_what_a_patch_sets_to_what_it_was_is_no_change() -> None:
    """A patch that repeats what is there changes nothing, numbers in another form included."""
    same = {"id": "position", "properties": {"num_states": 25.0}}
    result = refined(GRID, "25 states", {**EMPTY, "change_nodes": [same]})
    assert result.to_json() == GMNSpec.parse(GRID).to_json()


BAD = {
    "unknown id": {"change_nodes": [{"id": "positon_transition", "properties": {"matrix": SLIP}}]},
    "edge to nowhere": {"add_edges": [{"source": "position", "target": "mind", "type": "depends_on"}]},
    "removed though needed": {"remove_nodes": ["seen_position"]},
    "another size": {"change_nodes": [{"id": "position", "properties": {"num_states": 30}}]},
    "id that is taken": {"add_nodes": [{"id": "move", "type": "state", "properties": {"num_states": 2}}]},
    "no schema": {"change_nodes": [{"id": "position", "properties": {"num_states": "many"}}]},
}


@pytest.mark.parametrize("patch", BAD.values(), ids=BAD)
def test_a_bad_patch_goes_back_with_its_findings(patch: dict[str, Any]) -> None:
    """The model is told what is wrong; a good patch on the second try is the result, with nothing of the first."""
    task = Task(description=SLIPS, document=GRID)
    steps = making(task)
    next(steps)
    again = steps.send(LLMResponse(content=json.dumps({**EMPTY, **patch}), provider="scripted"))
    said = json.loads(again.messages[-1].content)
    assert said["findings"]
    assert said["task"] in ("refine", "repair")
    if said["task"] == "refine":
        assert said["document"] == json.loads(json.dumps(compact(GRID)))
        assert changed(GRID, answered(task, {**EMPTY, **patch}, PATCH)[0]) == {"position_transition"}


def test_a_part_that_was_mended_leaves_the_rest_of_the_patch() -> None:
    """Where a part was asked for again, what the patch changed before stays, and nothing else is touched."""
    both = {**EMPTY, "change_nodes": [*PATCH["change_nodes"], {"id": "position_start", "properties": {"state": 99}}]}
    mended = {"nodes": [{**node(GRID, "position_start"), "properties": {"state": 9}}], "edges": []}
    steps = making(Task(description=f"{SLIPS}, and it starts elsewhere", document=GRID))
    next(steps)
    again = steps.send(LLMResponse(content=json.dumps(both), provider="scripted"))
    assert json.loads(again.messages[-1].content)["task"] == "repair"
    with pytest.raises(StopIteration) as done:
        steps.send(LLMResponse(content=json.dumps(mended), provider="scripted"))
    assert changed(GRID, done.value.value.spec) == {"position_transition", "position_start"}


def test_constraints_hold_for_the_result() -> None:
    """A patch that breaks a constraint goes back; what meets it in the end is the result."""
    larger = [
        {"id": "position", "properties": {"num_states": 100}},
        {"id": "seen_position", "properties": {"num_observations": 100}},
        {"id": "position_transition", "properties": {"matrix": {"kind": "grid", "rows": 10, "cols": 10}}},
        {"id": "seen_position_preference", "properties": {"preferred_observation": 99}},
    ]
    task = Task(description="a 10x10 grid", document=GRID, constraints={"max_states": 40}, max_repairs=1)
    with pytest.raises(GMNValidationError) as raised:
        answered(task, {**EMPTY, "change_nodes": larger}, {**EMPTY, "change_nodes": larger})
    assert {finding.code for finding in raised.value.findings} >= {"constraint"}
    assert answered(Task(description="a 10x10 grid", document=GRID), {**EMPTY, "change_nodes": larger})[0].valid()


def test_refinements_are_kept_in_the_metadata() -> None:
    """Each refinement adds what was asked and which nodes it changed; the last 20 are kept."""
    spec = GMNSpec.parse(GRID)
    for k in range(MOST_KEPT + 3):
        entry = {"id": "move", "properties": {"description": f"version {k}"}}
        spec = refined(spec.document, f"describe the moves, version {k}", {**EMPTY, "change_nodes": [entry]})
    history = spec.metadata["history"]
    assert [each["feedback"] for each in history] == [
        f"describe the moves, version {k}" for k in range(3, MOST_KEPT + 3)
    ]
    assert all(each["changed"] == ["move"] for each in history)
    for text in (spec.to_json(), spec.to_text()):
        assert GMNSpec.parse(text).metadata["history"] == history


def test_the_history_goes_to_no_model() -> None:
    """A question is as long after ten refinements as before them, and the words of earlier ones are not in it."""
    history = [{"feedback": f"secret wish {k}", "changed": ["move"]} for k in range(10)]
    plain, old = Task(description=SLIPS, document=GRID), {**GRID, "metadata": {"history": history, "unread": ["zork"]}}
    assert Task(description=SLIPS, document=old).ask() == plain.ask()


def test_a_history_of_someone_else_is_left_alone() -> None:
    """Metadata of that name that holds something else stays as it is; ours is kept beside it."""
    result = refined({**GRID, "metadata": {"history": "long and sad"}}, SLIPS, PATCH)
    assert result.metadata["history"] == "long and sad"
    assert result.metadata["refinements"] == [{"feedback": SLIPS, "changed": ["position_transition"]}]


def test_feedback_in_the_history_is_bounded_and_can_be_encoded() -> None:
    """Long feedback is cut, and half a character does not make the document one that can't be written."""
    result = refined(GRID, f"it slips \ud800 {'very ' * 2000}", PATCH)
    assert len(result.metadata["history"][0]["feedback"]) == 500
    assert result.to_json().encode()


def test_a_small_document_is_shown_whole_and_a_large_one_without_its_arrays() -> None:
    """Arrays are shown up to a size; beyond it their shape is, and a whole answer that copies that is read."""
    assert compact(ARRAYS)["nodes"] == ARRAYS["nodes"]
    large = GMNSpec.parse(design("A 9x9 grid; reach the centre")).expand().document
    shown: Any = compact(large)
    matrix = next(each for each in shown["nodes"] if each["type"] == "transition")["properties"]["matrix"]
    assert matrix == "81 x 81 x 5 numbers, not shown"
    assert len(json.dumps(shown)) < 16_000 < len(json.dumps(large))
    assert restored(shown, large)["nodes"] == large["nodes"]
    other = {
        **shown,
        "nodes": [
            ({**each, "properties": {**each["properties"], "gamma": 4}} if each["type"] == "policy" else each)
            for each in shown["nodes"]
        ],
    }
    result = refined(large, "a policy with gamma 4", other)
    assert changed(large, result) == {each["id"] for each in large["nodes"] if each["type"] == "policy"}  # type: ignore[attr-defined]


def test_the_question_is_held_to_the_patch() -> None:
    """The answer is asked for as a patch, and a patch costs a fraction of the document."""
    request = Task(description=SLIPS, document=GRID).ask()
    assert request.schema == load("patch")
    assert len(json.dumps(PATCH)) * 4 < len(json.dumps(GRID))


def test_the_key_has_document_and_feedback() -> None:
    """Another document, another history in it or other feedback is another key of the cache."""
    group = Group(name="mock", provider="mock", model="designer", deployments=())
    tasks = [
        Task(description=SLIPS, document=GRID),
        Task(description="plan ahead", document=GRID),
        Task(description=SLIPS, document={**GRID, "name": "other"}),
        Task(description=SLIPS, document={**GRID, "metadata": {"history": []}}),
    ]
    assert len({key_of_task(task, group) for task in tasks}) == len(tasks)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize(
    "feedback", ["Add memory capabilities", "make the grid 7x7", "plan three steps ahead", "blorp"]
)
async def test_the_mock_refines_with_patches(name: str, feedback: str) -> None:
    """The designer's refinement arrives: valid, with its nodes as they were made, and in a chain."""
    async with create_llm_factory({"provider": "mock", "mock": {}}) as factory:
        provider = await factory.get_provider()
        once = await provider.refine_gmn(GMNSpec.parse(DOCUMENTS[name]), feedback, use_cache=False)
        twice = await provider.refine_gmn(once, "it slips 10% of the time", use_cache=False)
    assert texts(once.document) == texts(refine(DOCUMENTS[name], feedback))
    assert validate_gmn(once).ok
    assert validate_gmn(twice).ok


@pytest.mark.parametrize("kind", ["openai", "anthropic", "ollama"])
async def test_patches_come_over_every_wire(wire: WireServer, kind: str) -> None:
    """A scripted patch changes the document, and what was asked has the document and the patch's schema."""
    section: dict[str, Any] = {
        "openai": {"model": "gpt-4o", "base_url": wire.openai_base, "api_key": wire.openai_key},
        "anthropic": {"model": "claude-haiku-4-5", "base_url": wire.anthropic_base, "api_key": wire.anthropic_key},
        "ollama": {"model": "llama3.2", "base_url": wire.ollama_base},
    }[kind]
    wire.script([Step(text=json.dumps(PATCH))])
    async with create_llm_factory({"provider": kind, kind: section}) as factory:
        provider = await factory.get_provider(kind)
        result = await provider.refine_gmn(GMNSpec.parse(GRID), SLIPS, use_cache=False)
    assert changed(GRID, result) == {"position_transition"}
    asked = [text for request in wire.requests() if "position_transition" in (text := json.dumps(request.body))]
    assert len(asked) == 1
    assert "change_nodes" in asked[0]


async def test_a_refinement_from_the_cache_is_the_same(tmp_path: Any) -> None:
    """The second time nobody is asked, and document and warnings are equal."""
    settings = {"provider": "mock", "mock": {}, "cache": {"dir": str(tmp_path)}}
    async with create_llm_factory(settings) as factory:
        provider = await factory.get_provider()
        first = await provider.refine_gmn(GMNSpec.parse(GRID), SLIPS)
        second = await provider.refine_gmn(GMNSpec.parse(GRID), SLIPS)
    assert second.provenance is not None
    assert second.provenance.cached
    assert first.to_json() == second.to_json()
    assert first.warnings == second.warnings


@pytest.mark.parametrize("odd", [["a"], {"a": 1}, None], ids=repr)
def test_a_document_with_an_odd_id_goes_back(odd: object) -> None:
    """A whole document as an answer, of which an id is no text, is a finding for the model and nothing that breaks."""
    nodes = [{**GRID["nodes"][0], "id": odd}, *GRID["nodes"][1:]]
    steps = making(Task(description=SLIPS, document=GRID))
    next(steps)
    again = steps.send(LLMResponse(content=json.dumps({**GRID, "nodes": nodes}), provider="scripted"))
    assert "findings" in json.loads(again.messages[-1].content)

"""The benchmark harness: each part runs and prints its table; no time is judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import PARTS
from benchmarks.documents import board, broken, misled, of_nodes
from benchmarks.goals import Goal, verdicts
from benchmarks.job import Job, answer, question, schema
from benchmarks.peers.ours import configuration
from benchmarks.peers.through_litellm import deployments, options
from benchmarks.report import KEPT, Surroundings, written
from benchmarks.tables import HEADINGS, Spread, Table, as_markdown, as_text, rows
from gmn_llm import validate_gmn

ROOT = Path(__file__).resolve().parents[2]
CHEAP = ("server", "validation")
"""Parts that take seconds; the others need environments of their own, and `python -m benchmarks --tiny` runs them all."""
FIGURES = {
    "server": "answers a second of the server",
    "imports": "import in a fresh process",
    "calls": "p95 ms of a sequential call, answers after 50 ms",
    "plain": "CPU ms a plain answer",
    "concurrency": "calls a second, 512 at a time",
    "cached": "cached hits in a CPU second",
    "validation": "CPU ms for all findings on a bad document of 30 nodes",
    "streams": "p50 ms to the first event of a stream",
    "nodes": "CPU ms a call, an answer of 300 nodes",
    "deployments": "CPU ms a call, 2 deployments",
    "processes": "calls a second of 2 processes",
    "memory": "memory MB held after 4 calls",
    "profile": "of the call under the profiler",
}


@pytest.mark.parametrize("part", CHEAP)
def test_each_part_prints_its_figure(part: str) -> None:
    """A part runs with the least counts in the environment of the tests and prints its figure."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny", "--only", part, "--python", f"package={sys.executable}"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert FIGURES[part] in run.stdout


def test_every_part_has_a_figure() -> None:
    """What each part is known by is written down for all of them."""
    assert {*PARTS, "profile"} == set(FIGURES)


def test_both_routers_have_the_same_options(tmp_path: Path) -> None:
    """The Router that the package is measured beside has the package's own options and deployments."""
    from gmn_llm.config import load_settings, resolve_chain
    from gmn_llm.routing.options import router_options
    from gmn_llm.routing.quiet import litellm
    from gmn_llm.routing.router import build_router, discard

    job = Job(origin="http://127.0.0.1:9", folder=str(tmp_path), tree=str(ROOT))
    settings = load_settings(configuration(job), environ={})
    chain = resolve_chain(settings, environ={})
    ours = build_router(
        chain.groups,
        chain=chain.names,
        settings=settings,
        router_id=lambda deployment: deployment.id,
        model_name=lambda deployment: deployment.model,
    )
    theirs = litellm.Router(model_list=deployments(job), **options())
    try:
        assert options() == router_options(chain.groups, chain=chain.names, settings=settings)
        assert ours.model_group_retry_policy == theirs.model_group_retry_policy
        (one,), (other,) = ours.model_list, theirs.model_list
        assert one["litellm_params"] == {**other["litellm_params"], "model": one["litellm_params"]["model"]}
        assert one["model_info"]["allowed_fails_policy"] == other["model_info"]["allowed_fails_policy"]
    finally:
        discard(ours)
        theirs.discard()


def test_the_answer_is_two_kilobytes_and_needs_no_change() -> None:
    """What the server answers has about 2 KB and is valid without a warning."""
    assert 1900 < len(str(dict(answer()))) < 2400
    assert not validate_gmn(answer()).findings


@pytest.mark.parametrize("nodes", [10, 30, 300])
def test_documents_have_the_nodes_that_are_asked_for(nodes: int) -> None:
    """Documents of any size are valid and as large as they are said to be; the bad ones are not valid."""
    document = of_nodes(nodes)
    assert len(document["nodes"]) == nodes
    assert validate_gmn(document).ok
    assert not validate_gmn(broken(document)).ok
    assert not validate_gmn(misled(document)).ok
    assert validate_gmn(board(3)).ok


def test_what_is_frozen_is_whole() -> None:
    """The frozen question has its messages and its form, the frozen schema says which draft it is of."""
    assert [message["role"] for message in question()["messages"]] == ["system", "user"]
    assert question()["response_format"]["type"] == "json_schema"
    assert schema()["$schema"].endswith("2020-12/schema")


def test_a_ratio_is_taken_within_a_repeat() -> None:
    """Noise that hits all of one repeat alike does not show in a ratio."""
    table = Table("t", "figure", {"a": [1.0, 10.0, 3.0], "b": [2.0, 20.0, 6.0]}, "b")
    assert table.ratio("a", "b") == Spread(0.5, 0.5, 0.5)
    assert [row[1:] for row in rows(table)] == [
        ("a", "3", "1..10", "0.5", "0.5..0.5"),
        ("b", "6", "2..20", "1", ""),
    ]
    assert "figure  a" in as_text(HEADINGS, rows(table))
    assert as_markdown(HEADINGS, rows(table)).count("\n") == 3


@pytest.mark.parametrize(
    ("middle", "limit", "at_least", "said"),
    [(0.5, 1, False, "met"), (1.2, 1, False, "missed by 20 %"), (1.9, 1.8, True, "met"), (0.9, 1.8, True, "missed by 50 %")],
)  # fmt: skip
def test_a_verdict_says_by_how_much(middle: float, limit: float, at_least: bool, said: str) -> None:
    """A goal is met or missed by a part of what was wanted."""
    spread = Spread(middle, middle, middle)
    assert Goal("g", lambda _: spread, limit, at_least=at_least).verdict(spread) == said


def test_goals_that_were_not_measured_are_left_out() -> None:
    """A run of some parts judges the goals of these alone."""
    seconds = {"import gmn_llm": [0.01], "import litellm": [2.0]}
    (only,) = verdicts({"import": Table("import", "s", seconds, "import litellm")})
    assert only[0].startswith("import")
    assert only[-1] == "met"


def test_what_a_person_wrote_into_the_results_stays(tmp_path: Path) -> None:
    """Results are written anew, the section on what holds the package back is kept."""
    file = tmp_path / "RESULTS.md"
    file.write_text(f"of last year\n\n{KEPT}\n\nThe Router.\n", encoding="utf-8")
    table = Table("t", "figure", {"a": [1.0]}, "a")
    written(file, {"t": table}, Surroundings("python -m benchmarks", {"package": {"litellm": "1.2.3"}}, tmp_path))
    text = file.read_text(encoding="utf-8")
    assert text.endswith(f"{KEPT}\n\nThe Router.\n")
    assert "litellm 1.2.3" in text
    assert "| figure | a | 1 |" in text
    assert "of last year" not in text

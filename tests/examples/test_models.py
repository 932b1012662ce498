"""The worked models say what their descriptions say, to the last number, in both notations."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.notation import print_section
from tests.examples.worked import MODELS, WORKED, Model, read

NAMES = list(WORKED)
BOTH = [(name, notation) for name in NAMES for notation in ("json", "gmn")]
README = (MODELS / "README.md").read_text(encoding="utf-8")


def same(mine: Any, theirs: Any) -> bool:
    """Whether two arrays have the same shape and the same numbers."""
    mine, theirs = np.asarray(mine), np.asarray(theirs)
    return mine.shape == theirs.shape and np.allclose(mine, theirs, rtol=0, atol=1e-12)


def in_expanded(spec: GMNSpec) -> Model:
    """The arrays of an expanded document, by the order of its nodes, and the parents of each by that of its edges."""
    nodes = {node.id: node for node in spec.expand().nodes}
    keys = {"likelihood": "A", "transition": "B", "preference": "C", "belief": "D"}
    states = [node.id for node in nodes.values() if node.type == "state"]
    model: Model = {"A": [], "B": [], "C": [], "D": [], "A_dependencies": [], "B_dependencies": []}
    for node in nodes.values():
        if node.type in keys:
            model[keys[node.type]].append(
                node.properties["matrix" if node.type in ("likelihood", "transition") else "vector"]
            )
        if node.type in ("likelihood", "transition"):
            parents = [edge.source for edge in spec.expand().edges if edge.target == node.id]
            model[f"{keys[node.type]}_dependencies"].append([states.index(name) for name in parents if name in states])
        if "habits" in node.properties:
            model["E"] = node.properties["habits"]
    return model


def test_these_are_all() -> None:
    """Each model has a file in each notation, a place in README and arrays of its own here, and there are no others."""
    assert {file.name for file in MODELS.iterdir()} == {
        "README.md", *(f"{name}.{notation}" for name, notation in BOTH),
    }  # fmt: skip
    assert re.findall(r"^## `(\w+)`$", README, re.MULTILINE) == NAMES


@pytest.mark.parametrize(("name", "notation"), BOTH)
def test_an_agent_gets_the_arrays_that_the_words_describe(name: str, notation: str) -> None:
    """Every array, dependency list and setting for pymdp is the one built from the description by hand."""
    expected, given = WORKED[name](), read(name, notation).to_pymdp()
    assert set(given) == set(expected)
    for key in ("A", "B", "C", "D"):
        assert len(given[key]) == len(expected[key])
        for k, (mine, theirs) in enumerate(zip(given[key], expected[key], strict=True)):
            assert same(mine, theirs), f"{key}[{k}]"
    for key in set(expected) - {"A", "B", "C", "D"}:
        assert same(given[key], expected[key]) if key == "E" else given[key] == expected[key], key


@pytest.mark.parametrize(("name", "notation"), BOTH)
def test_the_expanded_document_holds_the_same_arrays(name: str, notation: str) -> None:
    """Written out, the k-th node of each kind has the k-th array, and its edges name the axes in their order."""
    expected, written = WORKED[name](), in_expanded(read(name, notation))
    assert set(written) == set(expected) - {"num_controls", "policy_len", "gamma", "alpha"}
    for key, mine in written.items():
        if key.endswith("dependencies"):
            assert mine == expected[key], key
        elif key == "E":
            assert same(mine, expected[key])
        else:
            assert [same(*pair) for pair in zip(mine, expected[key], strict=True)] == [True] * len(mine), key


@pytest.mark.parametrize("name", NAMES)
def test_both_notations_hold_one_document(name: str) -> None:
    """The text is the JSON document, with nothing missing, and neither leaves anything to be warned of."""
    text, document = read(name, "gmn"), read(name)
    assert text == document
    assert (text.findings(), document.findings()) == ((), ())
    assert text.name == document.name == name


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_is_read_back(name: str) -> None:
    """What is printed of a model and of its expansion, as JSON and in both notations, is the same document again."""
    for spec in (read(name), read(name).expand()):
        assert GMNSpec.parse(spec.to_json()) == spec
        assert GMNSpec.parse(spec.to_text()) == spec
        assert GMNSpec.parse(print_section(spec.document)) == spec


@pytest.mark.parametrize("name", NAMES)
def test_the_arrays_make_the_model_again(name: str) -> None:
    """A document made of the arguments for pymdp gives the same arguments, and so does the expanded one."""
    given = read(name).to_pymdp()
    for again in (GMNSpec.from_arrays(**given).to_pymdp(), read(name).expand().to_pymdp()):
        assert set(again) == set(given)
        for key, value in given.items():
            if key in ("A", "B", "C", "D"):
                assert all(np.array_equal(*pair) for pair in zip(value, again[key], strict=True)), key
            else:
                assert np.array_equal(value, again[key]) if key == "E" else value == again[key], key


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_said_in_words(name: str) -> None:
    """The document and each of its nodes have a description, and each axis its labels."""
    spec = read(name)
    assert spec.description
    for node in spec.nodes:
        assert node.properties["description"].endswith(".")
        if node.type in ("state", "observation", "action"):
            assert node.properties["labels"]


def test_together_they_show_the_notation() -> None:
    """Several factors, sparse and full A, a B with another parent, C over time, habits, rules, kinds, slip and walls."""
    arguments = {name: read(name).to_pymdp() for name in NAMES}
    assert all(1 in given["num_controls"] and len(given["B"]) > 1 for given in arguments.values())
    assert max(len(parents) for given in arguments.values() for parents in given["A_dependencies"]) == 3
    assert arguments["market_with_regimes"]["B_dependencies"][1] == [0, 1]
    assert arguments["market_with_regimes"]["C"][1].shape == (arguments["market_with_regimes"]["policy_len"], 3)
    assert arguments["market_with_regimes"]["E"].shape == (27,)
    matrices = [node.properties["matrix"] for name in NAMES for node in read(name).nodes if "matrix" in node.properties]
    kinds = {str(matrix.get("kind", "of")) for matrix in matrices if isinstance(matrix, dict)}
    assert kinds == {"identity", "of", "rules", "grid", "set", "random_walk"}
    assert any(isinstance(matrix, list) for matrix in matrices)
    assert any({"slip", "walls"} <= set(matrix) for matrix in matrices if isinstance(matrix, dict))


@pytest.mark.parametrize("line", re.findall(r"^gmn-llm ((?:validate|convert) .*)$", README, re.MULTILINE))
def test_the_commands_of_readme_run(line: str, tmp_path: Path) -> None:
    """Each command that validates or converts succeeds without a word of warning."""
    words = [str(tmp_path / word) if word.endswith(".npz") else word for word in line.split()]
    files = [str(file) for word in words if "*" in word for file in sorted(MODELS.glob(Path(word).name))]
    words = [*(word for word in words if "*" not in word), *files]
    command = [sys.executable, "-W", "error", "-m", "gmn_llm", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=MODELS.parents[1])
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr

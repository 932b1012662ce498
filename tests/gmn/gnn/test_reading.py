"""GNN files as documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gmn_llm import GMNSpec, GMNValidationError
from gmn_llm.findings import Finding
from gmn_llm.gmn import Limits
from gmn_llm.gmn.gnn import looks_like_gnn, read
from tests.gmn.gnn.files import LAMP

A = np.array([[0.9, 0.2], [0.1, 0.8]])
B = np.array([[[1.0, 0.0], [0.25, 1.0]], [[0.0, 1.0], [0.75, 0.0]]])


def findings(text: str, **more: object) -> list[Finding]:
    """All that is to be said of a text."""
    return list(read(text, **more).findings)  # type: ignore[arg-type]  # for short


def places(text: str) -> set[tuple[str, int | None, int | None]]:
    """Code, line and column of all that is to be said of a text."""
    return {(finding.code, finding.line, finding.column) for finding in findings(text)}


def line_of(text: str, part: str) -> int:
    """The line in which a part of a text begins."""
    return text[: text.index(part)].count("\n") + 1


def test_the_lamp() -> None:
    """A small file in the form of the pages: the arrays as written, and ids from the names."""
    spec = GMNSpec.from_gnn(LAMP).valid()
    arguments = spec.to_pymdp()
    assert np.array_equal(arguments["A"][0], A)
    assert np.array_equal(arguments["B"][0], B)
    assert np.array_equal(arguments["C"][0], [1.5, 0.0])
    assert np.array_equal(arguments["D"][0], [0.5, 0.5])
    assert spec.name == "A lamp with two states"
    assert [node.id for node in spec.nodes] == ["s", "o", "u", "A", "B", "C", "D"]
    assert spec.findings() == ()


def test_comments_are_descriptions_and_the_rest_is_metadata() -> None:
    """What a document has no place for is kept."""
    spec = GMNSpec.from_gnn(LAMP)
    assert spec.nodes[3].properties["description"] == "what is seen of the lamp"
    assert spec.metadata["gnn"] == {
        "GNNSection": "ActInfPOMDP",
        "GNNVersionAndFlags": "GNN v1",
        "Time": "Time=t\nDynamic\nDiscrete\nModelTimeHorizon=Unbounded",
        "ActInfOntologyAnnotation": "A=LikelihoodMatrix\ns=HiddenState",
        "Footer": "The end of the lamp.",
        "ModelParameters": {"num_hidden_states": 2},
        "comments of InitialParameterization": ["the switch: stay, toggle"],
    }


def test_bytes_line_ends_and_a_mark() -> None:
    """UTF-8 bytes with a byte-order mark and the line ends of Windows are the same file."""
    data = b"\xef\xbb\xbf" + LAMP.replace("\n", "\r\n").encode()
    assert GMNSpec.from_gnn(data) == GMNSpec.from_gnn(LAMP)
    assert [finding.code for finding in findings(b"\xff\xfe")] == ["text-syntax"]  # type: ignore[arg-type]


def test_what_the_pages_call_the_same() -> None:
    """Tuples of ends, labels behind a connection, sizes by name, vectors without a row, spaces anywhere."""
    text = LAMP.replace("s-A\nA-o\ns-B\n", "(s)>A:seen_by\n A - o \n(s, u)>B\n")
    text = text.replace("A[2,2,type=float]", "A[ num_obs , num_hidden_states, type=float ]")
    text = text.replace("num_hidden_states: 2", "num_hidden_states: 2  # two\nnum_obs: 2")
    text = text.replace("C={(1.5, 0.0)}", "C={1.5, 0.0}").replace("D={(0.5, 0.5)}", "D = { ( .5 , 5e-1 , ) }")
    assert GMNSpec.from_gnn(text).to_pymdp().keys() == GMNSpec.from_gnn(LAMP).to_pymdp().keys()
    assert np.array_equal(GMNSpec.from_gnn(text).to_pymdp()["C"][0], [1.5, 0.0])
    assert np.array_equal(GMNSpec.from_gnn(text).to_pymdp()["D"][0], [0.5, 0.5])


SEVERAL = """\
## GNNSection
Maze
## GNNVersionAndFlags
GNN v1.1
## ModelName
Maze
## StateSpaceBlock
s_loc[3,1,type=float]
s_ctx[2,1,type=float]
o_loc[3,1,type=int]
o_rew[2,1,type=int]
A_loc[3,3,type=float,default=eye]
A_rew[2,3,2,type=float,default=uniform]
B_loc[3,3,4,type=float,default=uniform]
B_ctx[2,2,1,type=float]
D_ctx[2,type=float,default=uniform]
pi[4,type=float]
u[1,type=int]
## Connections
s_loc-A_loc
A_loc-o_loc
s_ctx-A_rew
s_loc-A_rew
A_rew-o_rew
s_loc-B_loc
s_ctx-B_ctx
pi>u
B_loc>u
## InitialParameterization
B_ctx={ ((1.0,), (0.0,)), ((0.0,), (1.0,)) }
"""


def test_several_factors_by_their_endings() -> None:
    """Endings tie arrays to what they are about, connections and sizes say what they depend on."""
    spec = GMNSpec.from_gnn(SEVERAL).valid()
    arguments = spec.to_pymdp()
    assert arguments["A_dependencies"] == [[0], [0, 1]]
    assert arguments["num_controls"] == [4, 1]
    assert [array.shape for array in arguments["A"]] == [(3, 3), (2, 3, 2)]
    assert np.array_equal(arguments["A"][0], np.eye(3))
    assert np.array_equal(arguments["B"][1][..., 0], np.eye(2))
    edges = [edge.source for edge in spec.edges if edge.target == "A_rew"]
    assert edges == ["s_loc", "s_ctx"]  # as the sizes have it, not the connections


def test_a_factor_that_depends_on_another() -> None:
    """A B with the states of another factor has the axes that its connections say."""
    text = SEVERAL.replace("B_ctx[2,2,1", "B_ctx[2,2,3,1").replace("s_ctx-B_ctx", "s_ctx-B_ctx\ns_loc>B_ctx")
    text = text[: text.index("B_ctx={")]
    spec = GMNSpec.from_gnn(text).valid()
    assert spec.to_pymdp()["B_dependencies"] == [[0], [0, 1]]
    assert {node.id: node.properties.get("factor") for node in spec.nodes}["B_ctx"] == "s_ctx"


def test_arrays_of_different_choices_have_actions_of_their_own() -> None:
    """One ``u`` that is a mere index stands for the action of each array."""
    text = SEVERAL.replace("B_ctx[2,2,1,type=float]", "B_ctx[2,2,3,type=float,default=uniform]")
    spec = GMNSpec.from_gnn(text[: text.index("B_ctx={")]).valid()
    assert spec.to_pymdp()["num_controls"] == [4, 3]
    assert [node.id for node in spec.nodes if node.type == "action"] == ["u", "u_ctx"]


def test_a_chain_without_action() -> None:
    """Without an axis for actions a factor is uncontrolled; one action with a single choice stands in, and is told."""
    text = LAMP.replace("B[2,2,2,", "B[2,2,").replace("u[1,type=int]\n", "").replace("π>u\n", "")
    start, end = text.index("B={"), text.index("C={")
    spec = GMNSpec.from_gnn(text[:start] + "B={(0.5, 0.1), (0.5, 0.9)}\n" + text[end:]).valid()
    assert spec.to_pymdp()["B"][0].shape == (2, 2, 1)
    assert [finding.code for finding in spec.findings()] == ["added-default"]


def test_axes_that_only_the_arrays_have() -> None:
    """Where no s, o or u is declared, A and B say how large they are."""
    text = "\n".join(line for line in LAMP.split("\n") if not line.startswith(("s[", "o[", "u[", "π[", "t[")))
    spec = GMNSpec.from_gnn(text).valid()
    assert np.array_equal(spec.to_pymdp()["B"][0], B)


def test_variables_by_their_terms() -> None:
    """A variable with a name of its own is known by its term of the ontology."""
    text = SEVERAL.replace("s_ctx", "context").replace("pi>u\n", "pi>u\nD_ctx>context\n")
    text += "## ActInfOntologyAnnotation\ncontext=HiddenState\n"
    spec = GMNSpec.from_gnn(text).valid()
    assert [node.id for node in spec.nodes if node.type == "state"] == ["s_loc", "context"]


def test_the_horizon_of_the_plan() -> None:
    """``policy_len`` and ``planning_horizon`` are how far an agent plans; ModelTimeHorizon is how long it runs."""
    for key in ("policy_len", "planning_horizon"):
        assert GMNSpec.from_gnn(LAMP.replace("num_hidden_states", key)).to_pymdp()["policy_len"] == 2
    spec = GMNSpec.from_gnn(LAMP.replace("=Unbounded", "=20"))
    assert spec.to_pymdp()["policy_len"] == 1
    assert [finding.code for finding in spec.findings()] == ["added-default"]


WRONG: dict[str, tuple[str, str, str, str]] = {
    "no section": ("## Connections\n", "## Conections\n", "schema", "## GNNSection"),
    "capitals": ("## StateSpaceBlock", "## Statespaceblock", "schema", "## GNNSection"),
    "section twice": ("## Footer", "## Time", "duplicate-key", "## Time\nThe end"),
    "empty name": ("A lamp with two states", "", "schema", "## ModelName"),
    "version": ("GNN v1", "GNN v2", "unsupported", "GNN v2"),
    "second model": ("## Footer\n", "---\n## GNNSection\nOther\n", "unsupported", "## GNNSection\nOther"),
    "declaration": ("C[2,type=float]", "C[2 type=float]", "text-syntax", "C[2 "),
    "no bracket": ("C[2,type=float]", "C[2,type=float", "text-syntax", "C[2,"),
    "connection": ("D>s", "D=>s", "text-syntax", "D=>s"),
    "assignment": ("C={(1.5, 0.0)}", "C={(1.5 0.0)}", "text-syntax", "C={"),
    "a word for a number": ("C={(1.5, 0.0)}", "C={(1.5, high)}", "text-syntax", "C={"),
    "open brace": ("D={(0.5, 0.5)}", "D={(0.5, 0.5)", "text-syntax", "D={"),
    "no pair": ("num_hidden_states: 2", "num_hidden_states 2", "text-syntax", "num_hidden_states 2"),
    "declared twice": ("D[2,type=float]", "C[2,type=int]", "duplicate-id", "C[2,type=int]"),
    "given twice": ("D={(0.5, 0.5)}", "C={(0.5, 0.5)}", "duplicate-key", "C={(0.5"),
    "not declared": ("D[2,type=float]\n", "", "shape", "D={"),
    "other sizes": ("D[2,type=float]", "D[3,type=float]", "shape", "D={"),
    "ragged": ("C={(1.5, 0.0)}", "C={(1.5, 0.0), (1.0)}", "shape", "C={"),
    "no size": ("C[2,type=float]", "C[type=float]", "shape", "C[type"),
    "size of nothing": ("C[2,type=float]", "C[0,type=float]", "shape", "C[0"),
    "unknown size": ("C[2,type=float]", "C[many,type=float]", "bad-reference", "C[many"),
    "two sizes": ("s[2,1,type=float]", "s[2,2,type=float]", "shape", "s[2,2"),
    "sizes that differ": ("s[2,1,type=float]", "s[3,1,type=float]", "shape", "A={"),
    "continuous": ("Discrete", "Continuous", "unsupported", "Continuous"),
    "agents": ("num_hidden_states: 2", "nr_agents: 3", "unsupported", "nr_agents"),
    "levels": ("D[2,type=float]", "D[2,type=float]\nA_level1[2,2,type=float]", "unsupported", "A_level1["),
    "sums": ("(0.9, 0.2)", "(0.4, 0.2)", "not-normalised", "A={"),
    "negative": ("(0.9, 0.2)", "(1.9, -0.2)", "negative-probability", "A={"),
    "overflow": ("(0.9, 0.2)", "(1e999, 0.2)", "not-finite", "A={"),
    "a note": ("D[2,", "# gmn D {'id': 'x'}\nD[2,", "text-syntax", "# gmn D"),
    "a note of another kind": ("D[2,", '# gmn D {"ids": "x"}\nD[2,', "schema", "# gmn D"),
    "id": ("s[2,", '# gmn s {"id": "o 1"}\ns[2,', "schema", "s[2,"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "finding", "where"), WRONG.values(), ids=WRONG)
def test_each_wrong_thing_with_its_line(old: str, new: str, finding: str, where: str) -> None:
    """Every fault is a finding with a hint, at the line it is in, and the file is refused."""
    assert LAMP.count(old) == 1 or old.startswith(("GNN v1", "D[2"))
    text = LAMP.replace(old, new, 1)
    reading = read(text)
    assert reading.document is None
    found = next(item for item in reading.findings if item.code == finding)
    assert found.hint
    assert found.line == line_of(text, where)
    assert (found.column or 0) >= 1
    with pytest.raises(GMNValidationError) as caught:
        GMNSpec.from_gnn(text)
    assert caught.value.findings == reading.findings


@pytest.mark.parametrize("name", ["A", "C"])
def test_a_default_has_to_be_a_distribution(name: str) -> None:
    """One that is none is refused at its declaration."""
    text = LAMP[: LAMP.index("A={")].replace(f"{name}[2,", f"{name}[2,default=random,", 1)
    assert places(text) == {("unsupported", line_of(text, f"{name}[2,default"), 1)}


def test_labels_are_checked_as_in_any_document() -> None:
    """Labels in a comment have to be as many as the values."""
    text = LAMP.replace("s[2,", '# gmn s {"labels": ["on"]}\ns[2,')
    (found,) = GMNSpec.from_gnn(text).findings()
    assert (found.code, found.line) == ("label-count", line_of(text, "s[2,"))


def test_all_mistakes_come_at_once() -> None:
    """Reading goes on behind a mistake, with line and column of each."""
    text = LAMP.replace("C[2,type", "C[2;type").replace("s-A", "s~A").replace("(0.9, 0.2)", "(0.9; 0.2)")
    assert places(text) == {
        ("text-syntax", line_of(text, "C[2;"), 4),
        ("text-syntax", line_of(text, "s~A"), 2),
        ("text-syntax", line_of(text, "(0.9;"), 7),
    }


def test_numbers_are_checked_as_in_any_document() -> None:
    """What only the checks of a document see has the line of the numbers as well."""
    text = LAMP.replace("D={(0.5, 0.5)}", "D={(0.5, 0.6)}")
    (found,) = GMNSpec.from_gnn(text).findings()
    assert (found.code, found.line) == ("not-normalised", line_of(text, "D={"))


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("## Footer", "## Verification\nby hand\n## Footer", "## Verification"),
        ("## Footer", "## Equations\nx = y\n## Footer", "## Equations"),
        ("t[1,type=int]", "t[1,type=int]\nomega[1,type=float]", "omega["),
        ("D>s", "D>s\nD>nothing", "D>nothing"),
        ("t[1,type=int]", "t[1,type=int]\ns_tau1[2,1,type=float]", "s_tau1["),
        ("C={(1.5", "prior_mean={(0.0)}\nC={(1.5", "prior_mean="),
        ("C={(1.5", "dirichlet_A={(3.0, 1.0)}\nC={(1.5", "dirichlet_A="),
        ("t[1,type=int]", 't[1,type=int]\n# gmn x {"id": "y"}', "# gmn x"),
    ],
)
def test_what_is_left_out_is_told(old: str, new: str, where: str) -> None:
    """Parts that mean nothing here do not stop the reading; each is a warning with its line."""
    text = LAMP.replace(old, new)
    spec = GMNSpec.from_gnn(text).valid()
    assert [(found.code, found.line) for found in spec.findings()] == [("unknown-property", line_of(text, where))]
    assert np.array_equal(spec.to_pymdp()["B"][0], B)


def test_texts_without_meaning_are_kept() -> None:
    """Equations, sections of other names and what stands before the first one are in the metadata."""
    text = "---\nauthor: me\n---\n" + LAMP.replace("## Footer", "## Equations\nx = y\n---\n## Odd\nz\n## Footer")
    kept = GMNSpec.from_gnn(text).metadata["gnn"]
    assert (kept["Equations"], kept["Odd"], kept["before"]) == ("x = y", "z", "---\nauthor: me\n---")


def test_a_gaussian_model_is_refused() -> None:
    """Without discrete arrays there is nothing to make a document of."""
    text = LAMP[: LAMP.index("A={")] + "F={(1.0, 0.0), (0.0, 1.0)}\n"
    assert ("unsupported", line_of(text, "F={"), 1) in places(text)


def test_limits_hold_before_memory_is_taken() -> None:
    """Bytes, nesting and sizes have the limits of any document."""
    assert [found.code for found in findings(LAMP, limits=Limits(document_bytes=100))] == ["size-limit"]
    assert [found.code for found in findings(LAMP.replace("C={(", "C={" + "(" * 10_000))] == ["size-limit"]
    huge = LAMP.replace("s[2,1,", "s[1000000000,1,")[: LAMP.index("A={")]
    huge = huge.replace("A[2,2,", "A[2,1000000000,default=uniform,").replace("B[2,2,2,", "b[2,").replace("D[2,", "d[2,")
    assert "size-limit" in [found.code for found in GMNSpec.from_gnn(huge).findings()]


def test_a_gnn_file_is_known_by_its_headings() -> None:
    """Any other Markdown is none."""
    assert looks_like_gnn(LAMP)
    assert not looks_like_gnn("# GNNSection\ntext\n## Models")
    with pytest.raises(GMNValidationError):
        GMNSpec.parse(LAMP)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(LAMP)), st.integers(0, 60), st.text(max_size=20))
def test_a_damaged_file_never_crashes(start: int, length: int, put: str) -> None:
    """Whatever is cut out or put in, the answer is a document or findings with places."""
    reading = read(LAMP[:start] + put + LAMP[start + length :])
    assert reading.document is not None or reading.findings


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*LAMP.split("\n"), "(", "{", "A={", "B_x[2]", "s-A", "u>B", "s_x[3]", "A_x[2,2]"])))
def test_lines_in_any_order_never_crash(lines: list[str]) -> None:
    """The lines of a file in any order and number are a document or findings."""
    text = LAMP[: LAMP.index("## StateSpaceBlock")] + "## StateSpaceBlock\n" + "\n".join(lines)
    reading = read(text)
    assert reading.document is not None or reading.findings


def test_comments_of_another_hand_are_kept() -> None:
    """GNN has no place for labels but comments, so those of a foreign file stay in the metadata, by section."""
    text = LAMP.replace("## Connections\n", "# labels: off, on\n## Connections\n# who made what\n", 1)
    kept = GMNSpec.from_gnn(text, axes="documented").metadata["gnn"]

    assert kept["comments of StateSpaceBlock"] == ["labels: off, on"]
    assert kept["comments of Connections"] == ["who made what"]


def test_a_family_that_is_only_declared_is_told() -> None:
    """A variable of a linear-Gaussian model is told even where it has no numbers."""
    text = LAMP.replace("## Connections\n", "Q[2,2,type=float]\n## Connections\n", 1)
    found = GMNSpec.from_gnn(text, axes="documented").findings()

    assert [finding.code for finding in found if finding.message.startswith("Q belongs")] == ["unknown-property"]

from __future__ import annotations

import subprocess
import sys

import pytest

from gmn_llm.gmn.notation import which_notation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"name": "x"}', "json"),
        ("\ufeff \n\t{}", "json"),
        ("model x\nnode state s { size: 2 }", "brace"),
        ("# a comment\n\n  node state s { size: 2 }", "brace"),
        ("\ufeff# a comment\r\nnode state s { size: 2 }", "brace"),
        ("[nodes]\ns: state", "section"),
        ("# a comment\n[edges]\n", "section"),
        ("[model]\nname: x\n[nodes]\n", "section"),
        ("  [Nodes]\n", "section"),
        ("Here is the model:\nnode state s { size: 2 }", "brace"),
        ("nodes:\n  - id: s\n    type: state\n", None),
        ("models of the world", None),
        ("[1, 2]", None),
        ("hello", None),
        ("", None),
    ],
)
def test_first_signs_tell_the_notation(text: str, expected: str | None) -> None:
    """The first sign, the first word or a section's line tells the notation; anything else is none."""
    assert which_notation(text) == expected


def test_json_by_its_name() -> None:
    """A file named .json is JSON whatever it holds."""
    assert which_notation("node state s {}", filename="a/b.JSON") == "json"
    assert which_notation("node state s {}", filename="a/b.gmn") == "brace"


def test_telling_loads_no_parser() -> None:
    """Telling the notation loads neither lark nor NumPy."""
    program = (
        "import sys\nfrom gmn_llm.gmn.notation import which_notation\nwhich_notation('{}')\n"
        "sys.exit(any(name in sys.modules for name in ('lark', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

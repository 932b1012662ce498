"""Documents as data: what each of them is told, and that every code has its document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gmn_llm import GMNSpec, GMNValidationError, validate_gmn
from gmn_llm.findings import ERROR_CODES, QUOTED, WARNING_CODES, Finding, Validation
from gmn_llm.gmn import Limits
from gmn_llm.gmn.reading import read
from tests.gmn.builders import Document, cases

ELSEWHERE = {"constraint-won", "unread-prompt"}  # said where a model is asked
BOTH = [pytest.param(kind, case, id=f"{kind}/{name}") for kind in ("valid", "invalid") for name, case in cases(kind)]
MODELS = [pytest.param(case["document"], id=name) for name, case in cases("valid")]
# Levels are counted before a text is read, so that it has no pointer to where there are too many.
VALUES = [
    pytest.param(case, id=f"{kind}/{name}")
    for kind in ("valid", "invalid")
    for name, case in cases(kind)
    if "text" not in case and "nesting" not in case.get("limits", {})
]


def checked(case: Document, **more: Any) -> Validation:
    """The verdict on a case."""
    source = case["text"] if "text" in case else case["document"]
    limits = Limits.of(case.get("limits", {}))
    return validate_gmn(source, case.get("constraints"), filename=case.get("filename"), limits=limits, **more)


def in_order(expected: list[Document], found: tuple[Finding, ...]) -> tuple[list[Document], list[Document]]:
    """What was expected and what was found, in one order, each with the keys that the case names."""
    keys = sorted({key for entry in expected for key in entry} | {"code", "path"})
    got = sorted(({key: finding.as_dict()[key] for key in keys} for finding in found), key=str)
    return sorted(expected, key=str), got


@pytest.mark.parametrize(("kind", "case"), BOTH)
def test_a_case_is_told_what_it_says(kind: str, case: Document) -> None:
    """A document has the findings that its case names, at their places, and no others."""
    verdict = checked(case)
    expected, found = in_order(case["expect"], verdict.findings)
    assert found == expected
    assert verdict.ok == (kind == "valid")


@pytest.mark.parametrize(("kind", "case"), BOTH)
def test_a_finding_can_be_acted_on(kind: str, case: Document) -> None:
    """Every finding has a message, a hint, a path that is a pointer, and quotes no more than a line of input."""
    for finding in checked(case).findings:
        assert finding.message
        assert finding.hint
        assert finding.path == "" or finding.path.startswith("/")
        assert len(finding.message) < 4 * QUOTED
        assert "\n" not in str(finding)


@pytest.mark.parametrize("case", VALUES)
def test_text_and_value_are_judged_alike(case: Document) -> None:
    """A document handed in as text has the findings of the same document handed in as a mapping, and places."""
    as_text = checked({**case, "text": json.dumps(case["document"], indent=1)}).findings
    assert [(f.code, f.path) for f in as_text] == [(f.code, f.path) for f in checked(case).findings]
    assert all(finding.line and finding.column for finding in as_text)


def test_every_code_has_a_document() -> None:
    """Each code that the core gives stands in at least one case."""
    seen = {entry["code"] for kind in ("valid", "invalid") for _, case in cases(kind) for entry in case["expect"]}
    assert seen == (ERROR_CODES | WARNING_CODES) - ELSEWHERE


@pytest.mark.parametrize("document", MODELS)
def test_a_document_with_warnings_only_is_valid(document: Document) -> None:
    """Warnings alone keep nothing from being read, expanded and made into arrays."""
    spec = GMNSpec.parse(document).valid()
    assert {finding.code for finding in spec.expand().findings()} <= {"unused-action", "unknown-property"}
    assert set(spec.to_pymdp()) >= {"A", "B", "C", "D", "num_controls", "gamma", "alpha", "policy_len"}


@pytest.mark.parametrize("document", MODELS)
def test_written_and_read_again_it_is_the_same(document: Document) -> None:
    """The JSON of a document reads back as the same document, without a word."""
    spec = GMNSpec.parse(document)
    again = GMNSpec.parse(spec.to_json())
    assert again == spec
    assert again.document == spec.document
    assert hash(again) == hash(spec)


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in cases("invalid")])
def test_parse_raises_for_what_cannot_be_read(case: Document) -> None:
    """A document that does not meet the schema is no GMNSpec; one that means nothing is, and tells its findings."""
    source = case["text"] if "text" in case else case["document"]
    limits = Limits.of(case.get("limits", {}))
    reading = read(source, filename=case.get("filename"), limits=limits)
    if reading.document is None:
        with pytest.raises(GMNValidationError) as caught:
            GMNSpec.parse(source, filename=case.get("filename"), limits=limits)
        assert caught.value.findings == reading.findings
        assert caught.value.draft == source
    else:
        spec = GMNSpec.parse(source, filename=case.get("filename"), limits=limits)
        without = {key: value for key, value in case.items() if key not in ("constraints", "limits")}
        assert [f.code for f in spec.findings()] == [f.code for f in checked(without).findings]

"""Any value at all, and documents with something changed in them: never a crash, and one truth about the schema."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gmn_llm import GMNSpec, validate_gmn
from gmn_llm.findings import Severity
from gmn_llm.gmn import schema
from tests.gmn.builders import cases

DOCUMENTS = [case["document"] for kind in ("valid", "invalid") for _, case in cases(kind) if "document" in case]
WORDS = st.sampled_from([
    "", "id", "type", "name", "state", "observation", "action", "likelihood", "transition", "preference", "belief",
    "policy", "llm_query", "depends_on", "generates", "updates", "light", "seen", "press", "A1", "B1", "kind", "grid",
    "rules", "identity", "of", "matrix", "vector", "values", "labels", "num_states", "size", "stay", "uniform", "emission",
    "on", "0", "-1", "1.5", "NaN", "STATE", "é", "a b", "x" * 100,
])  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-3, 30),
    st.sampled_from([10**9, 10**30, -(10**400), 2**63, 0.5, 25.0, 1e308, -0.0, 1e-320]),
    st.floats(),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, st.text(max_size=5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=20,
)
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """A document of the cases with up to three values in it replaced, taken out, doubled or moved."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        part: Any = document
        while isinstance(part, dict | list) and part:
            key = draw(st.sampled_from(sorted(part)) if isinstance(part, dict) else st.integers(0, len(part) - 1))
            inner = part[key]
            if isinstance(inner, dict | list) and inner and draw(st.integers(0, 3)):
                part = inner
                continue
            what = draw(st.integers(0, 3))
            if what == 0:
                del part[key]
            elif what == 1 and isinstance(part, list):
                part.insert(key, copy.deepcopy(inner))
            elif what == 2 and isinstance(part, dict):
                part[draw(WORDS)] = part.pop(key)
            else:
                part[key] = draw(VALUES)
            break
    return document


def judged(source: Any) -> None:
    """A document gets a verdict, in whatever way it is asked for, and what is valid can be used."""
    verdict = validate_gmn(source)
    assert all(finding.message and str(finding) for finding in verdict.findings)
    assert all(len(finding.message) < 1000 for finding in verdict.findings)
    if verdict.ok:
        spec = GMNSpec.parse(source)
        assert [finding.severity for finding in spec.findings()].count(Severity.ERROR) == 0
        expanded = spec.expand()
        assert expanded.expand() == expanded
        assert expanded.findings() == () or {f.code for f in expanded.findings()} <= {
            "unused-action",
            "unknown-property",
        }
        spec.to_pymdp()


@given(VALUES)
@MANY
def test_any_value_gets_a_verdict(value: Any) -> None:
    """Whatever is handed in, there is a verdict."""
    judged(value)


@given(changed())
@MANY
def test_any_change_gets_a_verdict(document: Any) -> None:
    """Whatever is changed in a document, there is a verdict, and what is valid can be expanded."""
    judged(document)


@given(changed())
@settings(MANY, max_examples=100)
def test_any_change_gets_a_verdict_as_text(document: Any) -> None:
    """So there is for its text, with a place for every finding that has a pointer."""
    text = json.dumps(document)
    judged(text)
    assert all(finding.line for finding in validate_gmn(text).findings)


@given(st.text(alphabet='{}[]",:\\ \n\t-+.0123456789eEnultrafsNI#model node', max_size=60))
@MANY
def test_any_text_gets_a_verdict(text: str) -> None:
    """Whatever the text, there is a verdict: valid, or with words for what is wrong."""
    verdict = validate_gmn(text)
    assert verdict.ok or all(finding.message for finding in verdict.errors)


@given(changed())
@MANY
def test_the_schema_and_the_model_accept_the_same(document: Any) -> None:
    """A document that meets the schema is a GMNSpec by its constructor, and none other is."""
    try:
        document = json.loads(json.dumps(document, allow_nan=False))
    except ValueError:  # a number that JSON has no form for, or one beyond what can be written
        return
    try:
        GMNSpec.model_validate(document)
    except ValidationError:
        accepted = False
    else:
        accepted = True
    overflowing = "not-finite" in {finding.code for finding in validate_gmn(document).findings}
    assert accepted == (schema.is_valid(document) and not overflowing)


@pytest.mark.parametrize("document", DOCUMENTS[::5])
def test_the_schema_says_in_words_what_it_refuses(document: Any) -> None:
    """Where the schema says no there is at least one finding, and where it says yes there is none."""
    assert bool(schema.schema_findings(document)) == (not schema.is_valid(document))


def test_the_schema_is_one_of_the_draft_it_names() -> None:
    """The schema is itself valid, has an id and a version, and its kinds are those the package names."""
    import jsonschema_rs

    loaded: Any = schema.load()
    jsonschema_rs.meta.validate(loaded)
    assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert loaded["$id"]
    assert loaded["version"]
    kinds = {
        name: loaded["$defs"][f"{name}_matrix"]["then"]["properties"]["kind"]["enum"]
        for name in ("likelihood", "transition")
    }
    assert kinds == {"likelihood": list(schema.LIKELIHOOD_KINDS), "transition": list(schema.TRANSITION_KINDS)}
    assert loaded["$defs"]["node"]["properties"]["type"]["enum"] == list(schema.NODE_TYPES)

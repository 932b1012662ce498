"""The page as text: whole, bounded, escaped, and asked for lazily."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gmn_llm import GMNSpec, Provenance, Usage
from gmn_llm.messages import Attempt
from tests.page import documents

VOID = {"meta", "img", "input", "br"}
ASKING = {"src", "href", "action", "data", "poster", "srcset"}


class Elements(HTMLParser):
    """Collects what a page has, and holds that its elements are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("make", [documents.explorer, documents.invalid, documents.strange, documents.senses])
def test_elements_are_closed_in_order(make: object) -> None:
    """A page is well formed, whatever the document says."""
    page = Elements(make().to_html())  # type: ignore[operator]
    assert page.open == []


@pytest.mark.parametrize("make", [documents.explorer, documents.strange])
def test_a_page_asks_nobody(make: object) -> None:
    """Addresses in a page lead to the page itself, or are images within it; there is no script and no handler."""
    for tag, attributes in Elements(make().to_html()).found:  # type: ignore[operator]
        assert tag not in {"script", "link", "iframe", "object", "embed", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            if name in ASKING:
                assert str(value).startswith(("#", "data:image/png;base64,"))


def test_the_policy_of_the_page_allows_its_style_alone() -> None:
    """The page's content security policy is there, and has neither a host nor ``unsafe-inline``."""
    policies = [a["content"] for t, a in Elements(documents.explorer().to_html()).found if a.get("http-equiv")]
    assert len(policies) == 1
    said = str(policies[0])
    assert said.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in said
    assert "http" not in said


def test_the_same_document_gives_the_same_page() -> None:
    """Two pages of one document are the same, byte for byte."""
    assert documents.t_maze().to_html() == documents.t_maze().to_html()


def test_signs_that_turn_the_direction_of_writing_are_shown() -> None:
    """No sign that can't be seen and turns the writing direction is in a page; its escape is."""
    page = documents.strange().to_html()
    assert "\u202e" not in page
    assert "\u200f" not in page
    assert "\\u202eright to left" in page
    assert "👩‍👩‍👧" in page


def test_a_board_of_20_by_20_stays_small() -> None:
    """The page of 960,000 numbers takes less than half a megabyte, and says what it does not write out."""
    page = GMNSpec.parse(documents.grid(20, 20)).to_html()
    assert len(page.encode()) < 500_000
    assert "too many numbers to write out" in page
    assert page.count("data:image/png") == 6


def test_a_page_has_a_bound() -> None:
    """A hundred factors with two million numbers make a page of less than three megabytes, which says what is left out."""
    spec = documents.many_nodes(100, size=24)
    page = spec.to_html()
    assert len(page.encode()) < 3_000_000
    assert "would make the page too large" in page


def test_a_document_with_errors_is_drawn_without_its_arrays() -> None:
    """Findings come first, with place and hint; the graph is drawn, heat maps are not."""
    spec = documents.invalid()
    page = Elements(spec.to_html())
    for finding in spec.findings():
        assert finding.message in page.text
        assert finding.hint in page.text
        assert finding.path in page.text
    headings = page.text.index("Findings"), page.text.index("Factor graph")
    assert headings[0] < headings[1]
    assert "gmn-heat" not in {str(attributes.get("class")) for _, attributes in page.found}


def test_the_page_tells_where_a_document_comes_from() -> None:
    """Provider, model, cache, repairs, tokens, cost, attempts and what was assumed are on the page."""
    tried = (
        Attempt(
            provider="openai", model="gpt-4o", error="RateLimitError", status=429, seconds=0.25, message="slow down"
        ),
        Attempt(provider="ollama", model="llama3.2", seconds=1.5),
    )
    made = Provenance(
        provider="ollama",
        model="llama3.2",
        attempts=tried,
        repairs=1,
        usage=Usage(prompt_tokens=1234, completion_tokens=56),
        cost=0.0123,
        latency=1.75,
        templates=("generate@1",),
    )
    text = Elements(documents.explorer().told(provenance=made, said=["assumed: four moves"]).to_html()).text
    for said in ("ollama", "llama3.2", "1 time", "1,234 read, 56 written", "$0.0123", "1.75 s", "generate@1", "RateLimitError (429): slow down", "assumed: four moves", "Valid, with 1 remark"):  # fmt: skip
        assert said in text


def test_a_price_that_nobody_knows_is_not_free() -> None:
    """A cost of None is told as not known, and a cached document as cached."""
    text = Elements(
        documents.explorer().told(provenance=Provenance(provider="x", cost=None, cached=True)).to_html()
    ).text
    assert "not known" in text
    assert "yes; the figures are those of its first making" in text


def test_a_notebook_gets_what_it_asks_for() -> None:
    """The bundle has HTML and one line of text, or the one of them that is wanted."""
    spec = documents.explorer()
    bundle = spec._repr_mimebundle_()
    assert bundle["text/plain"] == repr(spec)
    assert bundle["text/html"].startswith('<div class="gmn-page gmn-cell">')
    assert set(spec._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert set(spec._repr_mimebundle_(exclude={"text/plain"})) == {"text/html"}
    assert "<nav" not in bundle["text/html"]
    assert "<main" not in bundle["text/html"]


def test_two_pictures_in_one_notebook_share_no_id() -> None:
    """A document that is shown twice has ids and groups of its own each time."""
    spec = documents.t_maze()
    ids = [{a["id"] for _, a in Elements(spec._repr_html_()).found if "id" in a} for _ in range(2)]
    assert ids[0]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("make", [documents.explorer, documents.t_maze, documents.many_nodes])
def test_ids_are_unique(make: object) -> None:
    """No id stands twice on a page, and what refers to one finds it."""
    found = Elements(make().to_html()).found  # type: ignore[operator]
    ids = [str(a["id"]) for _, a in found if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in found:
        wanted = [str(attributes.get("for") or ""), *str(attributes.get("aria-labelledby") or "").split()]
        wanted += [str(attributes["href"])[1:]] if str(attributes.get("href", "")).startswith("#") else []
        assert {name for name in wanted if name} <= set(ids)


def test_drawing_is_loaded_when_it_is_asked_for() -> None:
    """Reading and checking a document loads neither the page nor its templates' library."""
    code = "import json, sys; from gmn_llm import GMNSpec; GMNSpec.parse(sys.argv[1]).findings(); print(json.dumps([n for n in sys.modules if n.startswith(('gmn_llm.page', 'jinja2'))]))"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(documents.grid(2, 2))], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_the_command_line_writes_the_page(tmp_path: Path) -> None:
    """``generate --format html`` writes the whole page to the file that is named."""
    place = tmp_path / "agent.html"
    command = [sys.executable, "-m", "gmn_llm", "generate", "a 3x3 grid world", "--provider", "mock", "--quiet", "--format", "html", "-o", str(place)]  # fmt: skip
    subprocess.run(command, check=True, cwd=tmp_path)
    text = place.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.rstrip().endswith("</html>")

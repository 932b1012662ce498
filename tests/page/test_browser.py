"""The page as a browser renders it: where things are, what they look like, how keys and screen readers get on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from gmn_llm import GMNSpec
from gmn_llm.page.words import MINUS
from tests.page import documents
from tests.page.looking import CONTRAST, FOCUS, OVERFLOWING, OVERLAPS, chromium, launched

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium is installed")

PHONE, DESK = 360, 1180
MAKERS = [documents.explorer, documents.t_maze, documents.senses, documents.invalid, documents.strange, documents.many_nodes]  # fmt: skip
# What Jupyter's own style sheet does to tables and headings within an output, in its selectors.
JUPYTER = """
.jp-RenderedHTMLCommon table { border-collapse: collapse; border: none; font-size: 12px; table-layout: fixed; margin-left: auto; }
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr { vertical-align: middle; padding: 0.5em; line-height: normal; white-space: normal; }
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td, :not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon th { text-align: right; }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: rgb(1, 2, 3); }
.jp-RenderedHTMLCommon :is(h1, h2, h3) { margin: 16px 0; font-size: 40px; }
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module: an event loop runs in this thread as long as it is open."""
    with launched() as found:
        yield found


Opening = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opening]:
    """Opens a document's page from a file; a request beyond it, a message on the console or an error fails the test."""
    contexts, told = [], []

    def opening(html: str, *, width: int = DESK, scheme: str = "light") -> Page:
        place = tmp_path / "page.html"
        place.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: told.append(f"error: {error}"))
        page.on("request", lambda asked: told.append(asked.url) if not asked.url.startswith((place.as_uri(), "data:image/png")) else None)  # fmt: skip
        page.goto(place.as_uri())
        return page

    yield opening
    for context in contexts:
        context.close()
    assert told == []


def heat_tables(page: Page, letter: str) -> list[list[list[float]]]:
    """The numbers in the tables of a letter's section, in the order they stand."""
    found = page.evaluate(
        """letter => [...document.getElementById('gmn-' + letter).closest('section').querySelectorAll('.gmn-heat')]
        .map(t => [...t.tBodies[0].rows].map(r => [...r.cells].slice(1).map(c => c.textContent)))""",
        letter,
    )
    signs = str.maketrans({MINUS: "-", "≈": ""})
    return [[[float(text.translate(signs)) for text in row] for row in table] for table in found]


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_in_the_graph_covers_another(opened: Opening, make: Callable[[], GMNSpec]) -> None:
    """Nodes and labels of edges keep apart, and names stay within their shapes."""
    assert opened(make().to_html()).evaluate(OVERLAPS) == []


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_sticks_out(opened: Opening, make: Callable[[], GMNSpec]) -> None:
    """Text stays in its cell, and the page is never wider than the screen; wide things scroll in a box of their own."""
    page = opened(make().to_html())
    for width in (DESK, 768, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("make", MAKERS)
def test_text_can_be_told_from_its_ground(opened: Opening, make: Callable[[], GMNSpec]) -> None:
    """Every text has the contrast of WCAG's AA, by light and in the dark, on every level of a heat map."""
    page = opened(make().to_html())
    for scheme, ground in (("light", "rgb(246, 247, 248)"), ("dark", "rgb(16, 19, 24)")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
        seen = page.evaluate(CONTRAST)
        assert seen["found"] == []
        assert seen["count"] > 60


def test_every_level_can_be_read(opened: Opening) -> None:
    """The strongest colours there are, of probabilities and of preferences, leave their numbers readable."""
    document = documents.grid(2, 6)
    nodes = document["nodes"]
    assert isinstance(nodes, list)
    shares = np.array([[k / 11 for k in range(12)], [1 - k / 11 for k in range(12)]])
    nodes[3] = documents.node("sight", "likelihood", matrix=np.vstack([shares, np.zeros((10, 12))]).tolist())
    nodes[5] = documents.node("goal", "preference", vector=[-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 4.5])
    page = opened(GMNSpec.parse(document).to_html())
    assert page.locator(".gmn-heat .p10, .gmn-heat .n10, .gmn-heat .p5").count() > 4
    assert page.evaluate(CONTRAST)["found"] == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(CONTRAST)["found"] == []


@pytest.mark.parametrize("make", [documents.t_maze, documents.senses])
def test_the_numbers_shown_are_those_of_the_arrays(opened: Opening, make: Callable[[], GMNSpec]) -> None:
    """Every number of A, B, D and of the preferences there are stands on the page, to the digits it has room for."""
    spec = make()
    page, arrays = opened(spec.to_html()), spec.to_pymdp()
    for letter in "ABD":
        wanted = [m for array in arrays[letter] for m in slices(array)]
        shown = heat_tables(page, letter)
        assert len(shown) == len(wanted)
        for table, matrix in zip(shown, wanted, strict=True):
            assert np.abs(np.array(table) - matrix).max() <= 0.0005
    wishes = [np.atleast_2d(array) for array in arrays["C"] if array.any()]
    for table, wish in zip(heat_tables(page, "C"), wishes, strict=True):
        assert np.abs(np.array(table) - wish).max() <= 0.0005


def slices(array: np.ndarray) -> list[np.ndarray]:
    """An array of two or more axes as matrices over the first two, in the order of the others; a vector as a row."""
    if array.ndim == 1:
        return [array[None, :]]
    return [array[(slice(None), slice(None), *place)] for place in np.ndindex(array.shape[2:])]


def test_arrow_keys_show_one_action_after_another(opened: Opening) -> None:
    """Within the actions of B an arrow key shows the next, the last is followed by the first, and one table is seen."""
    page = opened(documents.explorer().to_html())
    tabs = page.get_by_role("group", name="One of 5 slices")
    tabs.get_by_role("radio").first.focus()
    seen = []
    for _ in range(6):
        checked = tabs.locator("input:checked + label").inner_text()
        assert tabs.locator("table:visible").count() == 1
        assert checked in tabs.locator("table:visible caption").inner_text()
        seen.append(checked)
        page.keyboard.press("ArrowRight")
    assert seen == [*(f"move = {name}" for name in documents.MOVES), "move = up"]


def test_arrow_keys_show_the_moves_on_the_board(opened: Opening) -> None:
    """The board shows all moves first, then by key those of one action, and the picture says which."""
    page = opened(documents.explorer().to_html())
    board = page.get_by_role("group", name="Moves shown")
    assert "all moves: lead out of 23 cells" in str(board.locator("svg.gmn-board:visible > title").text_content())
    board.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    picture = board.locator("svg.gmn-board:visible")
    assert picture.count() == 1
    assert "up: leads out of" in str(picture.locator("> title").text_content())
    tiles = page.evaluate("getComputedStyle(document.querySelector('.gmn-tile.p10')).fill")
    assert tiles == "color(srgb 0.341176 0.717647 0.552941)"


def test_every_control_can_be_reached_by_tab(opened: Opening) -> None:
    """Tab leads through everything that does something, in the order of the page, each with a visible focus."""
    page = opened(documents.explorer().to_html())
    steps = []
    for _ in range(80):
        page.keyboard.press("Tab")
        step = page.evaluate(FOCUS)
        if step is None:
            break
        steps.append(step)
    assert [step["place"] for step in steps] == sorted(step["place"] for step in steps)
    assert [step["name"] for step in steps if not step["visible"]] == []
    names = [step["name"] for step in steps]
    assert names[:2] == ["Skip to the model", "Model"]
    for wanted in ("all moves", "Grid world, all moves", "Factor graph", "The edges as a table", "move = up", "B, movement, move = up", "The document in the text notation", "JSON"):  # fmt: skip
        assert wanted in names


def test_a_screen_reader_finds_its_way(opened: Opening) -> None:
    """Landmarks, headings in order, named pictures, groups and tables are in the accessibility tree."""
    page = opened(documents.explorer().to_html())
    tree = page.locator("body").aria_snapshot()
    for part in ("- banner:", '- navigation "On this page":', "- main:", "- contentinfo:", '- heading "grid_explorer" [level=1]', '- region "Model"', '- region "Factor graph"', 'img "Factor graph of grid_explorer', '- radio "move = up" [checked]', '- rowheader "0"', '- columnheader "position now"'):  # fmt: skip
        assert part in tree
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    described = page.evaluate("document.getElementById('gmn-graph-words').textContent")
    assert "movement drives position" in described


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", [documents.t_maze, documents.invalid])
def test_axe_finds_nothing(opened: Opening, make: Callable[[], GMNSpec], scheme: str) -> None:
    """axe-core, which knows WCAG and good practice, has no objection."""
    page = opened(make().to_html(), scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_text_of_others_stays_text(opened: Opening) -> None:
    """Names and labels with markup in them run nothing and add no element; the page says them as they are."""
    page = opened(documents.strange().to_html())
    assert page.title().startswith("<script>document.title=")
    assert page.locator("script, img").count() == 0
    assert page.locator("main table").count() > 5
    assert page.locator("h1").inner_text().startswith("<script>document.title=")


def test_print_shows_every_slice(opened: Opening) -> None:
    """On paper all actions are there, on white, and a browser makes a PDF of it."""
    page = opened(documents.explorer().to_html(), scheme="dark")
    page.emulate_media(media="print")
    assert page.locator("#gmn-B").locator("xpath=..").locator("table:visible").count() == 5
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.gmn-card')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert page.pdf().startswith(b"%PDF")


def test_nothing_moves(opened: Opening) -> None:
    """The page has no animation and no transition; scrolling is smooth only for those who do not mind."""
    page = opened(documents.explorer().to_html())
    assert page.evaluate("document.getAnimations().length") == 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.body).scrollBehavior") == "auto"


def test_a_large_board_is_usable(opened: Opening) -> None:
    """A board of 20 by 20 is drawn whole, its arrays as images with the likeliest values as tables."""
    page = opened(GMNSpec.parse(documents.grid(20, 20)).to_html())
    assert page.locator("svg.gmn-board:visible").bounding_box()["width"] == 502  # type: ignore[index]
    images = page.locator("#gmn-B").locator("xpath=..").locator("img:visible")
    assert images.count() == 1
    assert images.evaluate("e => [e.naturalWidth, e.naturalHeight]") == [400, 400]
    brief = page.locator("#gmn-B").locator("xpath=..").locator("details table")
    assert brief.locator("tbody tr").count() == 400
    assert brief.locator("tbody tr").nth(21).locator("td").first.text_content() == "1 (1)"
    assert page.evaluate(OVERFLOWING) == []


def test_a_notebook_keeps_its_style_and_the_picture_its_own(opened: Opening) -> None:
    """Two pictures in a notebook change nothing around them, and its rules for tables do not reach into them."""
    spec = documents.t_maze()
    outside = "<h1>Mine</h1><table><tbody><tr><td>1</td></tr></tbody></table><p><code>x</code></p>"
    probe = "[...document.querySelectorAll('#mine *')].map(e => { const s = getComputedStyle(e); return [s.color, s.font, s.margin, s.padding, s.textAlign, s.background].join() })"
    start = f'<!doctype html><meta charset="utf-8"><title>n</title><style>{JUPYTER}</style><body data-jp-theme-light="false"><div id="mine" class="jp-RenderedHTMLCommon">{outside}</div>'
    alone = opened(start).evaluate(probe)
    output = '<div class="jp-RenderedHTMLCommon">{}</div>'
    page = opened(start + output.format(spec._repr_html_()) + output.format(spec._repr_html_()))
    assert page.evaluate(probe) == alone
    own = opened(spec.to_html(), scheme="dark")
    look = "(() => { const s = getComputedStyle(document.querySelector('.gmn-heat tbody td')), r = getComputedStyle(document.querySelector('.gmn-heat tbody tr')); return [s.backgroundColor, s.textAlign, s.padding, s.whiteSpace, r.backgroundColor].join() })()"
    assert page.evaluate(look) == own.evaluate(look)
    assert page.evaluate("getComputedStyle(document.querySelector('.gmn-page')).backgroundColor") == "rgb(16, 19, 24)"


def test_what_a_notebook_lets_through_still_says_it(opened: Opening) -> None:
    """Without style and drawings, as an output that is not trusted, names and all numbers can be read."""
    page = opened(documents.t_maze()._repr_html_())
    page.evaluate("document.querySelectorAll('style, svg').forEach(e => e.remove())")
    assert page.get_by_role("heading", name="t_maze").is_visible()
    assert page.get_by_role("table").first.is_visible()
    assert page.locator("table:visible").count() >= 10

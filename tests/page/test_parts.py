"""What is worked out before a page is written: layouts, levels, words, boards and images."""

from __future__ import annotations

import base64
import struct
import zlib
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmn_llm import GMNSpec
from gmn_llm.gmn.arrays import arrays
from gmn_llm.gmn.completion import completed
from gmn_llm.page.board_picture import board_picture
from gmn_llm.page.boards import Board, boards
from gmn_llm.page.graph import Box, Tie, arranged, boxes, ties
from gmn_llm.page.heat import drawn
from gmn_llm.page.images import image
from gmn_llm.page.routes import routes
from gmn_llm.page.words import MINUS, number, seen, width_of
from tests.page import documents


def board_of(spec: GMNSpec) -> Board:
    """The one board of a document."""
    full = completed(spec.valid().structure)
    (board,) = boards(full, arrays(full))
    return board


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1.0, "1"), (0.9, "0.9"), (1 / 3, "0.333"), (0.99999, "≈1"), (0.0001, "1e-4"), (-2.0, "-2"),
        (1e-15, "1e-15"), (1 - 1e-12, "1"), (2.25, "2.25"), (1234567.0, "1e6"), (-0.5, "-0.5"), (0.0004, "4e-4"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    """A number takes few signs, and what is not quite a whole number does not look like one."""
    assert number(value).replace(MINUS, "-") == text


def test_text_is_cut_and_made_visible() -> None:
    """Text on a page is one line with no invisible signs but those that join emoji."""
    assert seen("a\n b\x00\u202e") == "a b\\x00\\u202e"
    assert seen("x" * 200) == "x" * 119 + "…"
    assert seen("👩‍👧") == "👩‍👧"
    assert (width_of("abc"), width_of("日本")) == (3, 4)


def test_levels_follow_the_numbers() -> None:
    """A stronger number has a higher level; 0 has none, and the sign has a class of its own."""
    cells = drawn([0.0, 0.004, 0.5, 1.0, -0.5], scale=1.0)
    assert [cell.level for cell in cells] == ["", "p0", "p5", "p10", "n5"]
    assert [cell.text.replace(MINUS, "-") for cell in cells] == ["0", ".004", ".5", "1", "-.5"]


def test_an_image_has_a_point_for_each_number() -> None:
    """The PNG of a matrix decodes to its numbers in fifteen steps, row by row."""
    matrix = np.linspace(0, 1, 35).reshape(5, 7)
    data = base64.b64decode(image(matrix).source.partition(",")[2])
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (7, 5)
    place = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[place - 4 : place])
    rows = np.frombuffer(zlib.decompress(data[place + 4 : place + 4 + length]), dtype=np.uint8).reshape(5, -1)
    points = np.stack([rows[:, 1:] >> 4, rows[:, 1:] & 15], axis=-1).reshape(5, -1)[:, :7]
    assert np.array_equal(points, np.ceil(matrix * 15))


def test_a_large_image_keeps_what_stands_out() -> None:
    """A matrix past 512 to a side is merged in blocks that show their largest number."""
    made = image(np.eye(1100))
    assert made.merged == 3
    assert (made.width, made.height) == (367, 367)


def test_a_board_shows_walls_start_goal_and_moves() -> None:
    """Walls, start, goal, wishes and the moves of each action are those of the document."""
    board = board_of(documents.explorer())
    assert (board.rows, board.cols) == (5, 5)
    assert [place.name for place in board.places if place.wall] == ["6", "18"]
    assert [place.name for place in board.places if place.start] == ["0"]
    assert [place.name for place in board.places if place.goal] == ["24"]
    assert board.places[12].wanted < 0 < board.places[24].wanted
    moves = {move.name: move.steps for move in board.moves}
    assert moves["stay"] == ()
    assert (0, 0, 0, 1) in moves["right"]
    assert (0, 1, 1, 0) not in moves["down"]  # a wall is below
    assert all(step[2:] == (-1, 0) for step in moves["up"])


def test_a_board_written_out_is_the_same_board() -> None:
    """A grid is found by what its numbers do where they are written out, slips and walls included."""
    spec = GMNSpec.parse(documents.grid(4, 6, walls=[[1, 1], [2, 4]], slip=0.2))
    assert board_of(spec.expand()) == board_of(spec)


def test_what_moves_over_no_board_is_none() -> None:
    """A transition without moves over a board is not drawn as one."""
    for spec in (documents.t_maze(), documents.senses()):
        full = completed(spec.structure)
        assert not list(boards(full, arrays(full)))


def test_a_wrapping_move_points_out_of_the_board() -> None:
    """On a board that wraps, the move over an edge is an arrow out of that edge."""
    document = documents.grid(3, 3)
    document["nodes"][4]["properties"]["matrix"]["wrap"] = True  # type: ignore[index]
    board = board_of(GMNSpec.parse(document))
    moves = {move.name: set(move.steps) for move in board.moves}
    assert (0, 0, -1, 0) in moves["up"]
    assert (1, 2, 0, 1) in moves["right"]


def test_every_move_is_an_arrow() -> None:
    """The drawing has as many arrow heads as there are moves, and one drawing for all together."""
    board = board_of(documents.explorer())
    picture = board_picture(board)
    counts = [arrows.heads.count("Z") for arrows in picture.arrows]
    assert counts == [sum(counts[1:]), *(len(move.steps) for move in board.moves)]


def overlaps(one: Box, other: Box) -> bool:
    """Whether two boxes cover a point both."""
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


KINDS = ("action", "policy", "transition", "belief", "state", "likelihood", "observation", "preference", "llm_query")


@given(st.data())
def test_no_layout_overlaps(data: st.DataObject) -> None:
    """Whatever the nodes and edges, no box covers another, and all are within the drawing."""
    kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=14))
    names = [f"n{k}" for k in range(len(kinds))]
    letters = {"likelihood": "A", "transition": "B", "preference": "C", "belief": "D"}
    found = [
        Box(name, kind, letters.get(kind, ""), name, "", "", wrong=False)
        for name, kind in zip(names, kinds, strict=True)
    ]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=20))
    placed = arranged(found, [Tie(*pair, "depends_on") for pair in pairs])
    assert not [pair for pair in combinations(placed, 2) if overlaps(*pair)]
    assert min(min(box.x, box.y) for box in placed) >= 0


def test_edges_are_all_drawn() -> None:
    """Each edge of the document between two nodes is a curve, and so is what a transition drives."""
    spec = documents.t_maze()
    links = ties(spec, spec.structure, ())
    drawn_links = [route.tie for route in routes(links, arranged(boxes(spec, ()), links))]
    assert len(links) == len(spec.edges) + 2
    assert drawn_links == list(links)
    assert [link.words for link in links[-2:]] == ["walk drives location", "fate drives reward_side"]


def test_an_error_marks_its_node_and_its_edge() -> None:
    """What an error is about is marked in the graph."""
    spec = documents.invalid()
    wrong = [finding.path for finding in spec.findings()]
    assert [box.id for box in boxes(spec, wrong) if box.wrong] == ["start"]
    assert [tie.words for tie in ties(spec, spec.structure, wrong) if tie.wrong] == [
        "start depends_on nowhere",
        "seen generates sight",
    ]

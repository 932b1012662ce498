"""What a caller may hand in as an image, and what is refused with a reason."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from gmn_llm.errors import InputError
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.messages import Picture
from gmn_llm.pictures import Seen, look
from tests.pictures.made import FORMATS, gif, png

FLOW = "flowchart LR\n  a --> b\n"


async def seen(*images: object, limits: Limits = DEFAULT_LIMITS) -> Seen:
    """What is made of these images."""
    return await look(images, limits=limits, seconds=10)


@pytest.mark.parametrize("media_type", FORMATS)
async def test_a_file_is_read_whatever_its_name(tmp_path: Path, media_type: str) -> None:
    """The bytes say what it is, by a path as text and as a path."""
    file = tmp_path / "sketch.txt"
    file.write_bytes(FORMATS[media_type]())

    found = await seen(str(file), file)

    assert found.pictures == (Picture(media_type, FORMATS[media_type]()),) * 2
    assert found.diagrams == ()


async def test_bytes_and_data_addresses_are_read() -> None:
    """Bytes in memory and a data: address, in base64 or percent signs, are the picture itself."""
    packed = base64.b64encode(png()).decode()

    found = await seen(png(), bytearray(png()), f"data:image/png;base64,{packed}", "data:,graph TD%0Aa-->b")

    assert [picture.data for picture in found.pictures] == [png()] * 3
    assert len(found.diagrams) == 1


async def test_a_diagram_is_read_from_a_file_bytes_or_text(tmp_path: Path) -> None:
    """Whichever way it comes, and in a fence of a Markdown file too."""
    (tmp_path / "a.mmd").write_text(FLOW)
    (tmp_path / "b.gv").write_text("digraph { a -> b }")
    (tmp_path / "c.md").write_text(f"# Notes\n\n```mermaid\n{FLOW}```\n")

    found = await seen(tmp_path / "a.mmd", tmp_path / "b.gv", tmp_path / "c.md", FLOW, FLOW.encode())

    assert found.pictures == ()
    assert [len(diagram.boxes) for diagram in found.diagrams] == [2] * 5


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"", "picture 1 is empty"),
        (b"   \n ", "picture 1 is empty"),
        ("", "picture 1 is empty"),
        (7, "picture 1 is of the type int"),
        (None, "picture 1 is of the type NoneType"),
        (png()[:-3], "picture 1 ends before its end: it was cut short"),
        (gif(frames=2), "picture 1 moves"),
        (b"%PDF-1.7 ...", "picture 1 is a PDF"),
        (b"\x1f\x8b\x08\0", "picture 1 is compressed with gzip"),
        (b"<!DOCTYPE html><html></html>", "picture 1 is a web page"),
        (b"\xfe\xed\xfa\xce", "picture 1 is no picture of a format that is known, and no text"),
        (b"a poem about\nnothing", "picture 1 is text, and neither SVG nor a diagram"),
        (b"sequenceDiagram\n a->>b: hi", "picture 1 is a Mermaid diagram of a kind that is not read"),
        (b"flowchart LR\n a[ --> b", "picture 1 is no Mermaid flowchart that can be read: line 2, column 3"),
        ("nowhere/sketch.png", "there is no picture nowhere/sketch.png"),
        ("a\0b.png", "can't be read"),
        ("ftp://example.org/a.png", "ftp is no way to fetch one"),
        ("data:image/png;base64,????", "is a data: address that is not base64"),
        ("data:image/png;base64", "without a comma"),
    ],
)
async def test_what_can_not_be_shown_is_refused_with_a_reason(image: object, words: str) -> None:
    """Each says what it is and what would do, and is a ValueError."""
    with pytest.raises(InputError) as caught:
        await seen(image)

    assert words in str(caught.value)
    assert caught.value.hint
    assert isinstance(caught.value, ValueError)


async def test_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    """A folder is no picture, and nobody waits for a pipe."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(InputError, match="is a folder"):
        await seen(tmp_path)
    with pytest.raises(InputError, match="is no regular file"):
        await seen(tmp_path / "pipe")


@pytest.mark.parametrize("images", ["sketch.png", b"...", 5, {"a": 1}, None])
async def test_images_is_a_list(images: object) -> None:
    """A single path in place of a list would be read letter by letter."""
    with pytest.raises(InputError, match="images is a list"):
        await look(images, limits=DEFAULT_LIMITS, seconds=1)


async def test_bytes_pixels_and_number_are_bounded(tmp_path: Path) -> None:
    """Past each limit it is an error that says how to change it, before more is read."""
    big = tmp_path / "big.png"
    big.write_bytes(png() + bytes(5000))

    with pytest.raises(InputError, match="more than the 1000 bytes"):
        await seen(big, limits=Limits(picture_bytes=1000))
    with pytest.raises(InputError, match="more than the 10 bytes"):
        await seen("data:image/png;base64," + "A" * 100, limits=Limits(picture_bytes=10))
    with pytest.raises(InputError, match=r"31 x 3 pixels where 30"):
        await seen(png(31, 3), limits=Limits(picture_side=30))
    with pytest.raises(InputError, match="3 pictures where 2"):
        await seen(FLOW, FLOW, FLOW, limits=Limits(pictures=2))


def test_a_picture_is_not_shown_by_its_repr() -> None:
    """A log line has what it is and none of its bytes."""
    assert repr(Picture("image/png", png())) == "Picture(media_type='image/png')"

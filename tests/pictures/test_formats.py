"""The formats of pictures, told by their bytes."""

from __future__ import annotations

import pytest

from gmn_llm.pictures.formats import measured, other_format
from tests.pictures.made import FORMATS, gif, png, webp


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_picture_is_told_by_its_bytes(media_type: str) -> None:
    """Format, width and height come from the bytes alone."""
    found = measured(FORMATS[media_type](31, 17))

    assert found is not None
    assert (found.media_type, found.width, found.height) == (media_type, 31, 17)


@pytest.mark.parametrize("kind", ["VP8L", "VP8X"])
def test_all_kinds_of_webp_are_measured(kind: str) -> None:
    """WebP without loss and the extended kind have their sizes elsewhere."""
    found = measured(webp(31, 17, kind=kind))

    assert found is not None
    assert (found.width, found.height) == (31, 17)


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_picture_cut_anywhere_is_told(media_type: str) -> None:
    """Whatever is missing at the end, it is an error that says so, and no other exception."""
    whole = FORMATS[media_type]()
    begins = 12  # what tells the longest of the formats

    for length in range(begins, len(whole)):
        with pytest.raises(ValueError, match=r"cut short|damaged|pixels"):
            measured(whole[:length])


def test_a_damaged_png_is_told() -> None:
    """A byte that changed on the way is found by the checksum."""
    data = bytearray(png())
    data[20] ^= 1

    with pytest.raises(ValueError, match="checksum"):
        measured(bytes(data))


@pytest.mark.parametrize("moving", [gif(frames=2), webp(kind="VP8X", moves=True)])
def test_a_picture_that_moves_is_refused(moving: bytes) -> None:
    """Providers look at one frame, so which one is the caller's to say."""
    with pytest.raises(ValueError, match="moves"):
        measured(moving)


def test_a_picture_without_pixels_is_refused() -> None:
    """A width of nought is no picture."""
    with pytest.raises(ValueError, match="no pixels"):
        measured(png(0, 3))


def test_text_and_unknown_bytes_are_none_of_the_formats() -> None:
    """What is no picture is left to others, and well-known formats that are not taken have a name."""
    assert measured(b"flowchart LR") is None
    assert measured(b"") is None
    assert other_format(b"%PDF-1.7") == "a PDF"
    assert other_format(b"\0\0\0\x18ftypheic") == "a HEIC or AVIF picture, or a film"
    assert other_format(b"flowchart LR") is None

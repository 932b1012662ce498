"""SVG becomes PNG, and nothing outside of it is ever read."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from gmn_llm.errors import InputError
from gmn_llm.gmn.limits import DEFAULT_LIMITS, Limits
from gmn_llm.pictures import look
from gmn_llm.pictures.formats import measured

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
HAS_RESVG = importlib.util.find_spec("resvg_py") is not None
needs_resvg = pytest.mark.skipif(not HAS_RESVG, reason="needs the extra images")


def drawing(inside: str, head: str = 'width="20" height="10"') -> bytes:
    """An SVG around some elements."""
    return f'<?xml version="1.0"?>\n<svg {SVG} {head}>{inside}</svg>'.encode()


async def png_of(svg: bytes, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The PNG that is made of an SVG."""
    (picture,) = (await look([svg], limits=limits, seconds=30)).pictures
    assert picture.media_type == "image/png"
    return picture.data


@needs_resvg
@pytest.mark.parametrize(
    ("head", "size"),
    [
        ('width="20" height="10"', (1568, 784)),
        ('viewBox="0 0 10 20"', (784, 1568)),
        ('width="1000000" height="1000000"', (1568, 1568)),
        ('width="1cm" height="20mm" viewBox="0 0 9 9"', (784, 1568)),
    ],
)
async def test_it_is_drawn_at_a_size_that_models_look_at(head: str, size: tuple[int, int]) -> None:
    """Whatever size it says, the longer side is what providers scale down to."""
    found = measured(await png_of(drawing('<rect width="5" height="5"/>', head)))

    assert found is not None
    assert (found.width, found.height) == size


@needs_resvg
async def test_text_is_drawn_in_a_typeface_that_is_there() -> None:
    """A typeface that nobody has does not make the words disappear in silence."""
    try:
        with_text = await png_of(drawing('<text y="9" font-family="No Such Face">M</text>'))
    except InputError as error:
        assert "typeface" in str(error)  # noqa: PT017  # a machine without any says so
        return
    assert with_text != await png_of(drawing(""))


@needs_resvg
async def test_the_smaller_side_of_the_limits_holds() -> None:
    """Where fewer pixels are allowed, it is drawn smaller."""
    found = measured(await png_of(drawing(""), limits=Limits(picture_side=100)))

    assert found is not None
    assert max(found.width, found.height) == 100


@pytest.mark.parametrize(
    "element",
    [
        '<image href="{file}" width="5" height="5"/>',
        '<image xlink:href="file://{file}" width="5" height="5"/>',
        '<image href="http://127.0.0.1:1/a.png"/>',
        '<image href="//127.0.0.1/a.png"/>',
        '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
        '<feImage href="{file}"/>',
        '<use href="{file}#a"/>',
    ],
)
async def test_what_refers_outside_is_refused(tmp_path: Path, element: str) -> None:
    """A file or an address in a drawing is neither read nor left out in silence."""
    from tests.pictures.made import png

    file = tmp_path / "secret.png"
    file.write_bytes(png())

    with pytest.raises(InputError, match="what is outside of a drawing is not read"):
        await look([drawing(element.format(file=file))], limits=DEFAULT_LIMITS, seconds=10)


@pytest.mark.parametrize(
    ("svg", "words"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"/>', "declares the entity a"),
        (
            b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]><svg xmlns="http://www.w3.org/2000/svg"/>',
            "declares the entity a",
        ),
        (drawing("<g>"), "is not well-formed SVG"),
        (drawing("<foreignObject><p>words</p></foreignObject>"), "has text as HTML"),
        (drawing('<image href="data:image/png;base64,iVBORw0KGgo="/>'), "cut short"),
    ],
)
async def test_what_would_not_be_drawn_as_it_is_meant_is_refused(svg: bytes, words: str) -> None:
    """Entities, text as HTML and broken parts are told, with what to do."""
    with pytest.raises(InputError, match=words) as caught:
        await look([svg], limits=DEFAULT_LIMITS, seconds=10)

    assert caught.value.hint


@needs_resvg
@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(
            '<filter id="f">' + '<feGaussianBlur stdDeviation="400"/>' * 2000 + "</filter>"
            '<rect filter="url(#f)" width="900" height="900"/>',
            marks=pytest.mark.slow,
        ),
        '<g id="a0"><rect width="1" height="1"/></g>'
        + "".join(f'<g id="a{k}">' + f'<use href="#a{k - 1}"/>' * 10 + "</g>" for k in range(1, 9))
        + '<use href="#a8"/>',
    ],
)
async def test_a_drawing_that_takes_all_there_is_ends_in_an_error(inside: str) -> None:
    """A small text that asks for endless work is stopped, and this process goes on."""
    with pytest.raises(InputError, match=r"to draw|can't be drawn"):
        await look([drawing(inside, 'width="1000" height="1000"')], limits=DEFAULT_LIMITS, seconds=60)


@pytest.mark.skipif(HAS_RESVG, reason="the extra images is there")
async def test_without_the_extra_its_name_is_told() -> None:
    """The message has what to install."""
    with pytest.raises(InputError, match=r"gmn-llm\[images\]") as caught:
        await look([drawing("")], limits=DEFAULT_LIMITS, seconds=10)

    assert isinstance(caught.value.__cause__, ImportError)

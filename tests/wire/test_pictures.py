"""Pictures in a request, as each protocol's public reference has them."""

from __future__ import annotations

import base64

import pytest

from tests.pictures.made import png
from tests.wire.client import WireServer
from tests.wire.conftest import Ask

GOOD = base64.b64encode(png()).decode()
WORDS = {"type": "text", "text": "what is it?"}


def post(ask: Ask, wire: WireServer, name: str, picture: object) -> int:
    """The status of a request with one picture in the form of its protocol."""
    if name == "ollama":
        message = {"role": "user", "content": "what is it?", "images": [picture]}
        return ask(f"{wire.url}/api/chat", {"model": "llava", "stream": False, "messages": [message]}).status
    if name == "anthropic":
        body = {"model": "claude-haiku-4-5", "max_tokens": 9,
                "messages": [{"role": "user", "content": [{"type": "image", "source": picture}, WORDS]}]}  # fmt: skip
        headers = {"x-api-key": wire.anthropic_key, "anthropic-version": "2023-06-01"}
        return ask(f"{wire.anthropic_base}/v1/messages", body, headers).status
    part = {"type": "image_url", "image_url": picture}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part, WORDS]}]}
    return ask(f"{wire.url}/v1/chat/completions", body, {"authorization": f"Bearer {wire.openai_key}"}).status


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("openai", {"url": f"data:image/png;base64,{GOOD}"}),
        ("openai", {"url": "https://example.org/a.png", "detail": "low"}),
        ("anthropic", {"type": "base64", "media_type": "image/png", "data": GOOD}),
        ("anthropic", {"type": "url", "url": "https://example.org/a.png"}),
        ("ollama", GOOD),
    ],
)
def test_a_picture_in_the_protocols_form_is_taken(ask: Ask, wire: WireServer, name: str, picture: object) -> None:
    """The forms of the references are no breach."""
    assert post(ask, wire, name, picture) == 200
    assert wire.violations() == []


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("openai", f"data:image/png;base64,{GOOD}"),
        ("openai", {"url": f"data:image/bmp;base64,{GOOD}"}),
        ("openai", {"url": "data:image/png;base64,????"}),
        ("openai", {"url": "a.png"}),
        ("anthropic", {"type": "base64", "media_type": "image/svg+xml", "data": GOOD}),
        ("anthropic", {"type": "base64", "media_type": "image/png", "data": f"data:image/png;base64,{GOOD}"}),
        ("anthropic", {"url": "https://example.org/a.png"}),
        ("ollama", f"data:image/png;base64,{GOOD}"),
        ("ollama", {"url": GOOD}),
    ],
)
def test_another_protocols_form_is_refused(ask: Ask, wire: WireServer, name: str, picture: object) -> None:
    """What would get 400 from the service gets it here, and is kept as a violation."""
    assert post(ask, wire, name, picture) == 400
    assert len(wire.violations()) == 1
    wire.forgive()

"""Is Ollama there?"""

from __future__ import annotations

import pytest

from gmn_llm.config import ollama_answers
from tests.wire.client import Fault, Step, WireServer, closed_port


def test_a_server_that_answers_is_there(wire: WireServer) -> None:
    """`/api/version` answered with 200 is an Ollama server."""
    assert ollama_answers(wire.ollama_base)


def test_a_closed_port_is_not(wire: WireServer) -> None:
    """A refused connection is an answer too: no."""
    assert not ollama_answers(f"http://127.0.0.1:{closed_port()}")


def test_a_server_that_hangs_is_not(wire: WireServer) -> None:
    """One that takes the connection and says nothing is given up."""
    wire.script([Step(fault=Fault.HANG, times=0)], path="/api/version")

    assert not ollama_answers(wire.ollama_base)


@pytest.mark.parametrize("address", ["", "http://", "http://localhost:notaport", "nonsense"])
def test_a_strange_address_is_not(address: str) -> None:
    """An address that is none is no server."""
    assert not ollama_answers(address)

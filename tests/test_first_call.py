"""The first call of a process, which has LiteLLM to load: its deadline holds from its very beginning."""

from __future__ import annotations

import pytest

from tests.programs import played
from tests.routing.conftest import section
from tests.wire.client import Fault, Step, WireServer

FIRST = """
async def read(pieces):
    async for piece in pieces:
        raise SystemExit("a piece came")

async def main():
    # In front of LiteLLM's own import, so that it can't be done before the deadline, however fast the machine is.
    held = threading.Event()
    class Gate:
        def find_spec(self, name, path=None, target=None):
            if name == "litellm":
                held.wait()
    sys.meta_path.insert(0, Gate())
    factory = create_llm_factory(configuration)
    try:
        await CALL
        raise SystemExit("it answered")
    except LLMError as error:
        print(type(error).__name__, error.attempts, "litellm.main" in sys.modules)
        print(error)
    finally:
        held.set()
    try:
        await factory.generate(talk, timeout=60)
    except LLMError as error:
        print(type(error).__name__, [attempt.provider for attempt in error.attempts])
    await factory.aclose()

asyncio.run(main())
"""

CALLS = {
    "generate": "factory.generate(talk, timeout=0.3)",
    "stream": "read(factory.stream(talk, timeout=0.3))",
    "generate_gmn": "factory.generate_gmn('a grid', timeout=0.3, use_cache=False)",
    "stream_gmn": "read(factory.stream_gmn('a grid', timeout=0.3, use_cache=False))",
    "refine_gmn": "(await factory.get_provider()).refine_gmn(json.loads(configuration.pop('x-document')), "
    "'another name', timeout=0.3, use_cache=False)",
}

BLOCKING = """
held = threading.Event()
class Gate:
    def find_spec(self, name, path=None, target=None):
        if name == "litellm":
            held.wait()
sys.meta_path.insert(0, Gate())

try:
    gmn_llm.generate("a grid", config=configuration, timeout=0.3, use_cache=False)
    raise SystemExit("it answered")
except LLMError as error:
    print(type(error).__name__, error.attempts, "litellm.main" in sys.modules)
    print(error)
finally:
    held.set()
try:
    gmn_llm.generate("a grid", config=configuration, timeout=60, use_cache=False)
except LLMError as error:
    print(type(error).__name__, [attempt.provider for attempt in error.attempts])
"""


def hanging(wire: WireServer) -> dict[str, object]:
    """A server that hangs, with one second for an attempt."""
    wire.script([Step(fault=Fault.HANG, times=0)], deployment="openai")
    return {"provider": "openai", "openai": section(wire, "openai", timeout=1, max_retries=0)}


def check(stdout: str) -> None:
    """Assert that the first call ended for want of time before anybody was asked, and the second did ask."""
    told, words, then = stdout.splitlines()
    assert told == "ProviderTimeoutError () False"
    # A refinement has the document to read first, for which other libraries are loaded.
    assert "before a provider could be asked" in words or words == "the deadline passed before the document was valid"
    assert then == "ProviderTimeoutError ['openai']"


@pytest.mark.parametrize("call", CALLS)
def test_the_deadline_of_the_first_call_holds_while_litellm_is_loaded(wire: WireServer, call: str) -> None:
    """LiteLLM can't be loaded before the call has ended: it ends all the same, and the loading serves the next call."""
    configuration = {**hanging(wire), "x-document": wire.default_text}

    done = played(FIRST.replace("CALL", CALLS[call]), configuration)

    assert done.stderr == ""
    check(done.stdout)


def test_the_one_liners_deadline_holds_while_litellm_is_loaded(wire: WireServer) -> None:
    """The same of the call without asyncio, which has an event loop of its own that must not wait for the loading."""
    done = played(BLOCKING, hanging(wire))

    assert done.stderr == ""
    check(done.stdout)


THREADS = """
from gmn_llm.deadline import Deadline
from gmn_llm.workshop import Workshop

async def main():
    gate, begun, shop = threading.Event(), [], Workshop()

    def work():
        begun.append(1)
        gate.wait()

    waiting = [asyncio.create_task(shop.done("key", work)) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    gate.set()
    await asyncio.gather(*waiting[1:])
    print(len(begun), threading.active_count() <= 2)

asyncio.run(main())
"""


def test_what_is_opened_is_opened_once_for_all_who_wait() -> None:
    """Fifty who wait for the same have one thread between them, and one who gives up takes it from nobody."""
    done = played(THREADS, {})

    assert done.stderr == ""
    assert done.stdout.split() == ["1", "True"]

"""What a hit costs, beside diskcache's own ``get`` as the floor and LiteLLM's disk cache behind its Router.

``python benchmarks/cache_hits.py`` prints, from one run so that the ratios hold on a busy machine too, the median of
one call in microseconds and the calls in one second of one core. LiteLLM's cache raises at its first hit on a base
install, so it is measured in an environment of the benchmark's own, and left out elsewhere:

    python3 -m venv /tmp/bench && /tmp/bench/bin/pip install . "litellm[caching,proxy]"
    /tmp/bench/bin/python benchmarks/cache_hits.py
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import os
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import diskcache

from gmn_llm import create_llm_factory
from gmn_llm.cache import DiskStore, PromptCache

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

PROMPT = "Create an agent that explores a 5x5 grid world"
ROUNDS = 5
CALLS = 1000
SLOW_CALLS = 200
NEEDED_BY_LITELLM = ("fastapi", "orjson")
KEY = "0123456789abcdef" * 4


@dataclass
class Taken:
    """What calls took: the seconds of each, and those of the processor for all."""

    each: list[float] = field(default_factory=list)
    processor: float = 0.0

    async def time(self, call: Callable[[], Awaitable[object]], calls: int) -> None:
        """Take the time of ``calls`` calls, that of taking it included."""
        begun = time.process_time()
        times = [time.perf_counter()]
        for _ in range(calls):
            await call()
            times.append(time.perf_counter())
        self.each += [after - before for before, after in pairwise(times)]
        self.processor += time.process_time() - begun


async def never() -> str:
    """Stand where a text would be made: a hit makes nothing."""
    raise AssertionError("a hit makes nothing")


async def measure(folder: Path) -> dict[str, Taken]:
    """Return what the calls took, by what was called; the calls take turns, round by round."""
    factory = create_llm_factory({"provider": "mock", "cache": {"dir": str(folder / "factory")}})
    await factory.generate_gmn(PROMPT, agent_type="explorer")
    ((_, text),) = DiskStore(folder / "factory", size_limit=2**30).items()
    cache = PromptCache(DiskStore(folder / "ours", size_limit=2**30), ttl=3600)
    plain = diskcache.Cache(str(folder / "theirs"))
    await cache.set(KEY, text)
    plain.set(KEY, text, expire=3600)

    async def theirs() -> object:
        return plain.get(KEY)

    async def theirs_read() -> object:
        return json.loads(plain.get(KEY))

    async def document() -> object:
        spec = await factory.generate_gmn(PROMPT, agent_type="explorer")
        if spec.provenance is None or not spec.provenance.cached:
            raise AssertionError("it is no hit")
        return spec

    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "diskcache get": theirs,
        "diskcache get + json.loads": theirs_read,
        "PromptCache.get": lambda: cache.get(KEY),
        "PromptCache.fetch": lambda: cache.fetch(KEY, never),
        "factory.generate_gmn": document,
    }
    with litellm_call(folder / "litellm", text) as call:
        if call is not None:
            calls["litellm Router, disk cache"] = call
            await call()
            await asyncio.sleep(1)  # it stores behind the caller's back
        taken = {name: Taken() for name in calls}
        for _ in range(ROUNDS):
            for name, one in calls.items():
                await taken[name].time(one, SLOW_CALLS if name.startswith("litellm") else CALLS)
    plain.close()
    await cache.aclose()
    await factory.aclose()
    return taken


@contextmanager
def litellm_call(folder: Path, text: str) -> Iterator[Callable[[], Awaitable[object]] | None]:
    """Give a call that LiteLLM's disk cache answers with ``text`` from the second time on; None without its extra."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED_BY_LITELLM):
        yield None
        return
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # its prices are not asked for over the network
    import litellm

    litellm.suppress_debug_info = True
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    litellm.cache = litellm.Cache(type="disk", disk_cache_dir=str(folder))
    asked: list[str] = []
    with answering(text, asked) as url:
        router = litellm.Router(
            model_list=[
                {
                    "model_name": "gmn",
                    "litellm_params": {"model": "openai/gpt-4o", "api_base": url, "api_key": "no-key"},
                }
            ],
            num_retries=0,
        )

        async def call() -> object:
            answer = await router.acompletion(model="gmn", messages=[{"role": "user", "content": PROMPT}], caching=True)
            if answer.choices[0].message.content != text:
                raise AssertionError("it is not what was stored")
            return answer

        yield call
    if len(asked) != 1:
        raise AssertionError(f"the server was asked {len(asked)} times: these were no hits")


@contextmanager
def answering(text: str, asked: list[str]) -> Iterator[str]:
    """Give the address of a server on the loopback that speaks OpenAI's protocol and always says ``text``."""
    body = json.dumps({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }).encode()  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        """Answers."""

        def do_POST(self) -> None:
            """Say it."""
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        taken = asyncio.run(measure(Path(folder)))
    medians = {name: statistics.median(of.each) for name, of in taken.items()}
    ours = medians["factory.generate_gmn"]
    for name, of in taken.items():
        print(
            f"{name:28} p50 {medians[name] * 1e6:8.1f} us  {len(of.each) / of.processor:9,.0f} a second of one core"
            f"  {medians[name] / ours:7.2f} of factory.generate_gmn"
        )
    if "litellm Router, disk cache" not in medians:
        print("litellm's cache was not measured: it needs litellm[caching,proxy]", file=sys.stderr)


if __name__ == "__main__":
    main()

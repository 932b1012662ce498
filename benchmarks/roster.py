"""Who is measured: a name, the environment it needs, and the module and function that open it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CACHED", "CALLS", "OURS", "PLAIN", "ROUTER", "ROUTER_RS", "STREAMS", "Client"]

OURS = "gmn_llm generate_gmn"
ROUTER = "litellm.Router + jsonschema"
ROUTER_RS = "litellm.Router + jsonschema-rs"


@dataclass(frozen=True, slots=True)
class Client:
    """A client.

    Attributes:
        name: What the table calls it.
        environment: The name of its environment.
        module: The module below ``benchmarks.peers``.
        function: What opens it there.
        load: The statement that loads what it needs.
    """

    name: str
    environment: str
    module: str
    function: str
    load: str = ""


CALLS = (
    Client(OURS, "package", "ours", "generated", "import gmn_llm"),
    Client(ROUTER, "package", "through_litellm", "router_jsonschema", "import litellm"),
    Client(ROUTER_RS, "package", "through_litellm", "router_jsonschema_rs"),
    Client("litellm.acompletion + jsonschema", "package", "through_litellm", "acompletion"),
    Client("instructor over litellm", "instructor", "instructors", "over_litellm", "import instructor, litellm"),
    Client("instructor over openai", "instructor", "instructors", "over_openai", "import instructor, openai"),
    Client(
        "pydantic-ai",
        "pydantic-ai",
        "agents",
        "by_pydantic_ai",
        "import pydantic_ai, pydantic_ai.models.openai, pydantic_ai.providers.openai",
    ),
    Client("langchain-openai", "langchain", "agents", "by_langchain", "import langchain_openai"),
    Client("openai SDK + pydantic", "openai", "openai_sdk", "checked", "import openai"),
    Client("httpx + jsonschema", "httpx", "raw", "through_httpx", "import httpx, jsonschema"),
    Client(
        "aiohttp + orjson + jsonschema-rs",
        "aiohttp",
        "raw",
        "through_aiohttp",
        "import aiohttp, orjson, jsonschema_rs",
    ),
)
PLAIN = (
    Client("gmn_llm generate", "package", "ours", "plain"),
    Client("litellm.Router", "package", "through_litellm", "router_plain"),
)
CACHED = (
    Client(OURS, "package", "ours", "cached"),
    Client("litellm.Router, disk cache", "caching", "through_litellm", "cached"),
    Client("diskcache get + json.loads", "package", "plain_cache", "got_and_read"),
    Client("diskcache get", "package", "plain_cache", "got"),
)
STREAMS = (
    Client("gmn_llm stream_gmn", "package", "ours", "first_gmn_event"),
    Client("gmn_llm stream", "package", "ours", "first_event"),
    Client("litellm.Router", "package", "through_litellm", "first_event"),
    Client("openai SDK", "openai", "openai_sdk", "first_event"),
)

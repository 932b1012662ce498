"""What of JSON Schema each kind of server takes: one frozen value a dialect, and nothing that acts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

__all__ = ["Dialect", "Free", "Missing", "Rules"]

STRINGS = frozenset({"minLength", "maxLength", "pattern", "format"})
NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
LISTS = frozenset({"minItems", "maxItems"})


class Missing(Enum):
    """How a property that may be missing is written."""

    LEFT_OUT = "it is not among the required ones"
    NULL = "it is required, and null where it is missing"
    LISTED = "a scalar is required in a list of one or none, free keys as a list of pairs; others may be left out"


class Free(Enum):
    """What stands where a schema allows any value."""

    ANY = "any value"
    SIMPLE = "a scalar, or a list of strings"
    TEXT = "a string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one dialect takes.

    In all of them references are inlined, ``const`` is an ``enum`` of one, and ``oneOf``, ``allOf`` and ``if`` are
    ``anyOf`` or gone.

    Attributes:
        keywords: The bounds, patterns and formats it takes; others are told in the description.
        missing: How a property that may be missing is written.
        free: What stands where any value may.
        free_keys: Whether ``additionalProperties`` may be a schema; else an object of free keys is a list of
            {"key", "value"} pairs.
        open_objects: Whether an object may have more keys than its schema names, where the original lets it.
        says_closed: Whether ``additionalProperties: false`` may be said.
        string_enums: Whether ``enum`` is for strings alone.
        anchored: Whether a pattern has to run from ``^`` to ``$``.
    """

    keywords: frozenset[str]
    missing: Missing = Missing.LEFT_OUT
    free: Free = Free.ANY
    free_keys: bool = True
    open_objects: bool = False
    says_closed: bool = True
    string_enums: bool = False
    anchored: bool = False


class Dialect(StrEnum):
    """The kinds of servers.

    ``OPENAI``: strict mode (guide "Structured model outputs", supported schemas): all keys required, objects closed,
    no bounds on the length of strings, at most ten levels.

    ``ANTHROPIC``: structured outputs (guide "Structured outputs", JSON Schema limitations): objects closed, no bounds,
    no recursion, at most 24 optional properties and 16 unions, which leaves no room for a null for each. ``minItems``
    of 0 and 1 would be taken, but LiteLLM moves them to the description itself.

    ``ANTHROPIC_TOOL``: the input of a tool that is not strict: any JSON Schema of draft 2020-12 with an object on top.
    LiteLLM breaks its references (``#/$defs/x`` loses its ``#``), so there are none.

    ``GEMINI``: what ``responseSchema`` and ``responseJsonSchema`` (reference of the Gemini API, "Schema" and
    "GenerationConfig") both take. Bounds are documented, but a schema with several of them has "too many states for
    serving" (googleapis/python-genai#2170, vercel/ai#21192), so they are told in words.

    ``OLLAMA``, ``LLAMA_CPP``: llama.cpp's converter from a schema to a grammar (its ``grammars/README.md``). It takes
    bounds, and they are needed: a small model fills a string or a list without a bound to the end of its room. Bounds
    of numbers that are no integers it skips. Ollama does not hold to unions with null (ollama/ollama#8063).

    ``PLAIN``: a server of unknown make gets what the standard has, but for references and conditions, which many a
    maker of grammars skips.
    """

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    ANTHROPIC_TOOL = "anthropic_tool"
    GEMINI = "gemini"
    OLLAMA = "ollama"
    LLAMA_CPP = "llama_cpp"
    PLAIN = "plain"

    @property
    def rules(self) -> Rules:
        """What it takes."""
        return RULES[self]


ALL = STRINGS | NUMBERS | LISTS
GRAMMAR = Rules(keywords=ALL - {"format", "multipleOf"}, anchored=True)
RULES = {
    Dialect.OPENAI: Rules(
        keywords=frozenset({"pattern", "format"}) | NUMBERS | LISTS,
        missing=Missing.NULL,
        free=Free.SIMPLE,
        free_keys=False,
    ),
    Dialect.ANTHROPIC: Rules(
        keywords=frozenset({"pattern", "format"}), missing=Missing.LISTED, free=Free.TEXT, free_keys=False
    ),
    Dialect.ANTHROPIC_TOOL: Rules(keywords=ALL, open_objects=True),
    Dialect.GEMINI: Rules(
        keywords=frozenset(), free=Free.SIMPLE, free_keys=False, says_closed=False, string_enums=True
    ),
    Dialect.OLLAMA: GRAMMAR,
    Dialect.LLAMA_CPP: GRAMMAR,
    Dialect.PLAIN: Rules(keywords=ALL, open_objects=True),
}

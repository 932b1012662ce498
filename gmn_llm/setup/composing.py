"""A configuration file for what was found, with comments on what else it can say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gmn_llm.config.names import DEFAULT_MODELS, KEY_VARIABLES
from gmn_llm.setup.surroundings import OTHERS, writer_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gmn_llm.setup.surroundings import Surroundings

__all__ = ["composed"]

HEAD: Final = """\
# Configuration of gmn-llm, for what `gmn-llm init` found here.
#   gmn-llm config check   says whether it is right
#   gmn-llm config show    says what it comes to
#   gmn-llm doctor         says whether it works
# No key stands in this file: os.environ/NAME is the variable NAME of the environment.
"""
TAIL: Final = """\
# Where answers are kept; these are the defaults. Without `dir` it is the user's cache folder.
# cache: {dir: .gmn-cache, ttl: 30d, size_limit: 1GB}

# How documents are made; these are the defaults. max_cost is in US dollars for one document.
# gmn: {temperature: 0.3, max_tokens: 4000, max_repairs: 2, max_cost: 0.50}
"""
NAMES: Final = {"openai": "OpenAI", "anthropic": "Anthropic"}


def composed(found: Surroundings) -> str:
    """Return the text of a configuration, in YAML: what was found is in use, what was not is a comment."""
    parts = [HEAD, "\n".join(_first(found)) + "\n"]
    parts += ["\n".join(_section(found, name)) + "\n" for name in KEY_VARIABLES]
    parts.append("\n".join(_ollama(found)) + "\n")
    parts.append("\n".join(_others(found)) + "\n")
    return "\n".join([*parts, TAIL])


def _first(found: Surroundings) -> Iterator[str]:
    there = found.answering
    if there:
        yield "# Who is asked first. `auto` takes whoever is there: OpenAI, Anthropic, Ollama, else the mock."
        yield f"provider: {there[0]}"
    else:
        yield "# Nobody was found who could be asked, so the mock answers: an offline designer, no language model."
        yield "# To ask a language model: set a key, or start Ollama, and run `gmn-llm init --force` again; or change"
        yield "# this to `auto`, which takes whoever is there: OpenAI, Anthropic, Ollama, else the mock."
        yield "provider: mock"
    yield "# Who follows, in this order, when the one before fails. The mock stands in only where it is named here."
    yield f"fallbacks: [{', '.join(there[1:])}]" if there[1:] else "# fallbacks: [ollama, mock]"
    for variable, fault in found.faults.items():
        yield f"# {variable} is set and was left out: {_plain(fault)}"
    if found.has_env_file:
        yield "# There is a file .env here; without the # its variables count beside those of the environment:"
        yield "# env_file: .env"


def _section(found: Surroundings, name: str) -> Iterator[str]:
    variable = KEY_VARIABLES[name]
    lines = [f"model: {DEFAULT_MODELS[name]}"]
    if name in found.answering:
        if name in found.keys:
            yield f"# {NAMES[name]}; {variable} is set."
            lines.append(f"api_key: os.environ/{variable}")
        else:
            yield f"# A server that speaks {NAMES[name]}'s protocol. `model` is its name of the model."
        if name in found.addresses:
            lines.append(f"base_url: os.environ/{found.addresses[name]}")
        yield from _block(name, lines, hidden=False)
    else:
        yield f"# {NAMES[name]}: set {variable}, take the # away, and name {name} as provider or fallback."
        yield from _block(name, [*lines, f"api_key: os.environ/{variable}"], hidden=True)
    if name == "openai":
        yield "#   base_url: http://localhost:8000/v1   # a server of your own that speaks the same protocol"


def _ollama(found: Surroundings) -> Iterator[str]:
    server = found.ollama
    if server is None:
        yield "# Ollama did not answer: `ollama serve` starts it, `ollama pull llama3.2` gets a model."
        yield "# Then take the # away and name ollama as provider or fallback."
        yield from _block("ollama", [f"model: {DEFAULT_MODELS['ollama']}"], hidden=True)
        return
    model = writer_of(server.models)
    if model is None:
        yield f"# Ollama answers at {_plain(server.url)} and has no model that writes: `ollama pull llama3.2` gets one."
        yield "# Then take the # away and name ollama as provider or fallback."
        yield from _block("ollama", [f"model: {DEFAULT_MODELS['ollama']}"], hidden=True)
        return
    yield f"# Ollama answers at {_plain(server.url)}."
    others = [_plain(name) for name in server.models if name != model]
    if others:
        yield f"# Pulled as well: {', '.join(others)}"
    yield from _block("ollama", [f"model: {json.dumps(model, ensure_ascii=False)}"], hidden=False)
    yield "#   num_ctx: 8192      # context window; widened where prompt and answer need it"
    yield "#   keep_alive: 5m     # how long the model stays loaded"


def _others(found: Surroundings) -> Iterator[str]:
    there = [name for name in OTHERS if name in found.keys]
    yield "# Every other provider that LiteLLM knows, in its own format; provider and fallbacks go by model_name."
    if not there:
        yield "# model_list:"
        yield "#   - model_name: azure"
        yield "#     litellm_params:"
        yield "#       model: azure/YOUR-DEPLOYMENT"
        yield "#       api_base: os.environ/AZURE_API_BASE"
        yield "#       api_key: os.environ/AZURE_API_KEY"
        return
    yield "model_list:"
    for name in there:
        variable, model = OTHERS[name]
        yield f"  - model_name: {name}"
        yield f"    litellm_params: {{model: {model}, api_key: os.environ/{variable}}}"


def _block(name: str, lines: Iterable[str], *, hidden: bool) -> Iterator[str]:
    before = "# " if hidden else ""
    yield f"{before}{name}:"
    for line in lines:
        yield f"{before}  {line}"


def _plain(text: str) -> str:
    """Return a text for a comment: on one line, of signs that can be seen."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)

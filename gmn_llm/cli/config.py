"""``gmn-llm config``: is the configuration right, and what does it come to."""

from __future__ import annotations

import json

import typer

from gmn_llm.cli.helping import add, group
from gmn_llm.cli.options import Json
from gmn_llm.cli.output import write
from gmn_llm.cli.trouble import WRONG

__all__ = ["app"]


app = group("Whether the configuration is right (check), and what it comes to (show).\n\nExample: gmn-llm config check")


def check(context: typer.Context, *, as_json: Json = False) -> int:
    """Tell every mistake in the configuration with file, line, key and the nearest right key; exit code 2.

    Where there is none: which file was taken, who would answer, and what there is to know, such as sections nobody
    asks or models that are retired. The last needs LiteLLM's model map, which takes seconds to load, and is looked at
    only where a model of OpenAI, Anthropic or a provider that is not built in is configured. No provider is asked for
    anything but whether an Ollama server is there.

    Example: gmn-llm config check --config gmn-llm.yaml
    """
    from gmn_llm.setup.verdict import verdict  # --help does without it

    found = verdict(context.obj.config)
    write(found.as_json() if as_json else str(found), None)
    return 0 if found.ok else WRONG


def show(context: typer.Context, *, as_json: Json = False) -> None:
    """Print the configuration as it takes effect, with where each value comes from and every key masked.

    Example: gmn-llm config show --json
    """
    from gmn_llm.cli.config_view import commented_yaml
    from gmn_llm.config import resolve_chain
    from gmn_llm.config.document import dotted
    from gmn_llm.config.effective import effective, origins
    from gmn_llm.config.load import examine, settings_of

    examined = examine(context.obj.config)
    chain = resolve_chain(settings_of(examined))
    value = effective(examined, chain)
    places = origins(examined, value)
    if as_json:
        told = {
            "source": examined.document.source,
            "settings": value,
            "origins": {dotted(path): words for path, words in places.items()},
            "chain": list(chain.names),
        }
        write(json.dumps(told, ensure_ascii=False, default=str), None)
        return
    asked = ", then ".join(f"{group.name} ({group.model})" for group in chain.groups)
    head = [f"# from {examined.document.source}", f"# asked: {asked}"]
    write("\n".join([*head, *commented_yaml(value, places)]), None)


add(app, "check", check)
add(app, "show", show)

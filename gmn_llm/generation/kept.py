"""What the cache keeps of a document: its key, its entry, and the way back."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING

from gmn_llm.config.settings import ProviderSection
from gmn_llm.findings import Finding
from gmn_llm.gmn import GMNSpec
from gmn_llm.gmn.reading import Reading
from gmn_llm.gmn.schema import is_valid
from gmn_llm.gmn.schema import load as load_schema
from gmn_llm.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gmn_llm.config import Group
    from gmn_llm.generation.task import Task

__all__ = ["entry_of", "key_of", "spec_of"]

log = logging.getLogger("gmn_llm")

NO_SAY = ProviderSection.ROUTER_FIELDS | {"api_key", "extra_headers"}
SCHEMAS = ("gmn", "draft")


def key_of(task: Task, group: Group) -> str:
    """Return the key of a task at a model group: a hash over all that decides the answer, and nothing else.

    Keys of providers, timeouts and the order of dictionaries are not in it.
    """
    from gmn_llm.cache import cache_key

    return cache_key({
        "group": group.name,
        "deployments": [[deployment.model, _decisive(deployment.params)] for deployment in group.deployments],
        "schemas": [str(load_schema(name)["$id"]) for name in SCHEMAS],
        "templates": list(task.templates),
        "messages": [[message.role.value, message.content] for message in task.ask().messages],
        "agent_type": task.agent_type,
        "temperature": task.temperature,
        "max_tokens": task.max_tokens,
        "params": _decisive(task.params),
    })  # fmt: skip


def _decisive(params: Mapping[str, object]) -> object:
    """Return the parameters that have a say in the answer: sampling and address, but no key, header or limit."""
    kept = {name: value for name, value in params.items() if name not in NO_SAY}
    return json.loads(json.dumps(kept, default=repr))


def entry_of(task: Task, spec: GMNSpec) -> str:
    """Return what is kept: the prompt, the arguments, the document and where it comes from."""
    provenance = spec.provenance
    return json.dumps({
        "prompt": task.description,
        "arguments": {"kind": task.kind, "agent_type": task.agent_type, "constraints": dict(task.constraints)},
        "document": spec.document,
        "findings": [asdict(finding) for finding in spec.reading.findings],
        "provenance": provenance.model_dump(mode="json") if provenance else None,
    }, ensure_ascii=False)  # fmt: skip


def spec_of(text: str) -> GMNSpec | None:
    """Return the document of an entry, equal to the fresh one but ``provenance.cached``; None where it is no entry."""
    try:
        entry = json.loads(text)
        document, findings = entry["document"], tuple(Finding(**finding) for finding in entry["findings"])
        provenance = Provenance.model_validate(entry["provenance"] | {"cached": True})
    except (ValueError, KeyError, TypeError) as error:
        log.warning("an entry of the cache was not usable and is made anew: %s", type(error).__name__)
        return None
    if not is_valid(document):
        log.warning("an entry of the cache holds no document and is made anew")
        return None
    return GMNSpec.of_reading(Reading(document, findings)).told(provenance=provenance)

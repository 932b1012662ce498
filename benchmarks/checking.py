"""What checking costs: ``python -m benchmarks.checking TREE REPEATS CHECKS`` prints samples in milliseconds as JSON.

All validators take turns in one process. Each checks a parsed document against the same frozen schema, but for the
package, which has its own and says more than yes or no.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.documents import board, broken, misled, of_nodes
from benchmarks.job import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["main"]

Told: TypeAlias = dict[str, dict[str, list[float]]]
NODES = (10, 30, 300)
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def validators() -> Mapping[str, Callable[[object], bool]]:
    """Return the functions that say yes or no, by the name of who does."""
    import jsonschema
    import jsonschema_rs

    from gmn_llm.gmn.schema import is_valid

    frozen = dict(schema())
    judges: dict[str, Callable[[object], bool]] = {
        "jsonschema-rs, yes or no": jsonschema_rs.validator_for(frozen).is_valid,
        "jsonschema, yes or no": jsonschema.Draft202012Validator(frozen).is_valid,
        "gmn_llm, yes or no": is_valid,
    }
    if find_spec("fastjsonschema"):  # an environment of the user's own may not have it
        judges["fastjsonschema, yes or no"] = _by_fastjsonschema(frozen)
    return judges


def _by_fastjsonschema(frozen: dict[str, Any]) -> Callable[[object], bool]:
    import fastjsonschema

    # It knows drafts up to the seventh; what it reads of the schema means the same in it.
    compiled = fastjsonschema.compile({**frozen, "$schema": DRAFT_7})

    def judge(document: object) -> bool:
        try:
            compiled(document)
        except fastjsonschema.JsonSchemaException:
            return False
        return True

    return judge


def milliseconds(call: Callable[[], object], times: int) -> float:
    """Return the processor's milliseconds of one call."""
    begun = time.process_time_ns()
    for _ in range(times):
        call()
    return max(time.process_time_ns() - begun, 1) / 1e6 / times


def taken(calls: Mapping[str, Callable[[], object]], repeats: int, times: int) -> dict[str, list[float]]:
    """Return the milliseconds of calls, which take turns."""
    told: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(repeats):
        for name, call in calls.items():
            told[name].append(milliseconds(call, times))
    return told


def agreed(judges: Mapping[str, Callable[[object], bool]]) -> None:
    """Hold that all say the same of good and bad documents.

    Raises:
        AssertionError: They do not, so that their times can't be compared.
    """
    good = [of_nodes(nodes) for nodes in NODES] + [board(5)]
    for document, right in [*((each, True) for each in good), *((broken(each), False) for each in good)]:
        said = {name: judge(document) for name, judge in judges.items()}
        if set(said.values()) != {right}:
            raise AssertionError(f"{document['name']} should be {right}: {said}")


def checked(repeats: int, checks: int) -> Told:
    """Return the samples of valid documents, by size."""
    from gmn_llm import validate_gmn
    from gmn_llm.gmn.reading import read

    judges = validators()
    agreed(judges)
    told: Told = {}
    for nodes in NODES:
        document = of_nodes(nodes)
        text = json.dumps(document)
        if not validate_gmn(document).ok:
            raise AssertionError("the document should be valid")
        calls: dict[str, Callable[[], object]] = {name: partial(judge, document) for name, judge in judges.items()}
        calls["gmn_llm, read (limits, dialects, schema)"] = partial(read, document)
        calls["gmn_llm, validate_gmn (meaning included)"] = partial(validate_gmn, document)
        calls["gmn_llm, validate_gmn of text"] = partial(validate_gmn, text)
        told[str(nodes)] = taken(calls, repeats, max(1, checks * 10 // nodes))
    return told


def findings(repeats: int, checks: int) -> Told:
    """Return the samples of bad documents of 30 nodes, all findings told."""
    import jsonschema
    import jsonschema_rs

    from gmn_llm import validate_gmn

    frozen: dict[str, Any] = dict(schema())
    slow, fast = jsonschema.Draft202012Validator(frozen), jsonschema_rs.validator_for(frozen)
    bad, wrong = broken(of_nodes(30)), misled(of_nodes(30))
    calls: dict[str, Callable[[], object]] = {
        "gmn_llm, mistakes of form": lambda: validate_gmn(bad).findings,
        "gmn_llm, mistakes of form, in a text": partial(validate_gmn, json.dumps(bad, indent=1)),
        "gmn_llm, mistakes of meaning": lambda: validate_gmn(wrong).findings,
        "gmn_llm, mistakes of meaning, in a text": partial(validate_gmn, json.dumps(wrong, indent=1)),
        "jsonschema iter_errors, of form": lambda: list(slow.iter_errors(bad)),
        "jsonschema-rs iter_errors, of form": lambda: list(fast.iter_errors(bad)),
    }
    return {"bad": taken(calls, repeats, max(1, checks // 3))}


def expanded(repeats: int, checks: int) -> Told:
    """Return the samples of documents whose arrays are written out."""
    from gmn_llm import GMNSpec

    calls: dict[str, Callable[[], object]] = {}
    for document in (board(5), of_nodes(30), board(20)):
        spec = GMNSpec.parse(document)
        calls[f"{document['name']}, expand()"] = spec.expand
        calls[f"{document['name']}, to_pymdp()"] = spec.to_pymdp
    return {"expansion": taken(calls, repeats, max(1, checks // 30))}


def main() -> None:
    """Measure and print."""
    tree, repeats, checks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    sys.path.insert(0, tree)
    told = {part.__name__: part(repeats, checks) for part in (checked, findings, expanded)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()

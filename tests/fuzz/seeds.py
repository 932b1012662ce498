"""Documents to begin with: those of the tests, each in the three notations, collected when they are asked for."""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

from gmn_llm import GMNSpec, GMNValidationError
from gmn_llm.gmn.notation import print_section

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "cases"
TEXTS = HERE.parent / "notation"
SIGNS = ("node ", "[nodes]", "model ", "edge ", "->")
WORDS = (
    "model ", "node ", "edge ", "[model]\n", "[nodes]\n", "[edges]\n", "state", "observation", "action", "emission",
    "likelihood", "transition", "preference", "belief", "policy", "llm_query", "depends_on", "generates", "updates",
    "influences", "queries", " -> ", "matrix: ", "from: ", "to: ", "size: ", "labels: ", "values: ", "vector: ",
    "preferred: ", "start: ", "metadata: ", "grid(rows=2, cols=2)", "noisy_identity(accuracy=0.9)", "rules(rules=[",
    "identity()", "[[0.5, 0.5], [0.5, 0.5]]", "num_states: 2", "properties", "\ufeff", "\r\n", "\\u0041", "1e400",
    '{"name": "x", "nodes": [', '"edges": []', '"id": "', '"type": "state"', '"properties": {', '"matrix": ', '"kind": ',
)  # fmt: skip


@cache
def documents() -> tuple[dict[str, object], ...]:
    """Return the documents of the cases, valid and invalid, as JSON graphs."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.rglob("*.json")))
    return tuple(case["document"] for case in found if isinstance(case.get("document"), dict))


@cache
def texts() -> tuple[str, ...]:
    """Return texts in all notations: the cases', what the notation's tests hold, and the documents written out."""
    found = [json.loads(path.read_text(encoding="utf-8")).get("text", "") for path in sorted(CASES.rglob("*.json"))]
    for path in sorted(TEXTS.glob("*.py")):
        constants = (
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)
        )
        found += [str(node.value) for node in constants if any(sign in str(node.value) for sign in SIGNS)]
    for document in documents():
        found.append(json.dumps(document))
        try:
            spec = GMNSpec.parse(document)
        except GMNValidationError:
            continue
        found += [spec.to_json(), spec.to_text(), print_section(spec.document)]
    return tuple(dict.fromkeys(text for text in found if text))


def write_corpus(folder: Path) -> None:
    """Write the texts as files of their own, and ``words.dict`` beside ``folder`` in libFuzzer's form."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, text in enumerate(texts()):
        (folder / f"seed-{index:04}").write_bytes(text.encode("utf-8", "surrogatepass"))
    escaped = ("".join(f"\\x{octet:02x}" for octet in word.encode()) for word in WORDS)
    (folder.parent / "words.dict").write_text("".join(f'"{word}"\n' for word in escaped), encoding="ascii")

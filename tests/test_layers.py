"""The floors of the house: a module imports only from floors below its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gmn_llm"
FLOORS = {
    "_version": 0, "findings": 0, "messages": 0,
    "errors": 0.5, "listening": 0.5, "provenance": 0.5, "relay": 0.5, "tracing": 0.5,  # still the ground floor: values made of the values before
    "gmn": 1, "arguments": 1, "deadline": 1,
    "simulation": 1.5, "pictures": 1.5,
    "page": 1.7,
    "config": 2, "cache": 2, "prompts": 2,
    "mock": 3, "health": 3, "listing": 3,
    "probing": 3.5,
    "routing": 4,
    "about_model": 4.5, "running": 4.5, "workshop": 4.5, "gateways": 5,
    "generation": 5, "answering": 5.3, "provider": 5.5, "checkup": 5.7,
    "factory": 6, "blocking": 6.1,
    "batch": 6.3, "evaluation": 6.6, "dataset": 6.6, "rehearsal": 6.6, "setup": 6.6,  # what the commands are made of
    "cli": 7, "ui": 7, "__main__": 8,
}  # fmt: skip
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
LITELLM = {"routing", "health", "mock/litellm_provider.py"}


def part(path: Path) -> str:
    """Name of the module or sub-package directly below ``gmn_llm``."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[int, str]]:
    """Line and full name of everything a module imports, also inside functions."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            found.append((node.lineno, node.module or ""))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_floors_below_its_own(path: Path) -> None:
    """A module imports only from floors below its own, or from its own part of the house."""
    mine = part(path)
    for line, name in imports(path):
        if name.split(".")[0] != "gmn_llm" or name == "gmn_llm":
            continue
        other = name.split(".")[1]
        allowed = other == mine or FLOORS[other] < FLOORS[mine]
        assert allowed, f"{path}:{line}: {mine} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_routing_floor_imports_litellm(path: Path) -> None:
    """LiteLLM is imported by routing, health and the mock's joint alone."""
    place = path.relative_to(PACKAGE).as_posix()
    if part(path) in LITELLM or place in LITELLM:
        return
    assert not [name for _, name in imports(path) if name.split(".")[0] == "litellm"]


def test_every_part_has_a_floor() -> None:
    """No part of the package stands outside the plan."""
    assert {part(path) for path in MODULES} <= set(FLOORS)


def test_there_are_no_import_circles() -> None:
    """Modules can be put in an order in which each imports only earlier ones, imports in functions aside."""
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES}
    known = set(names.values())
    needs: dict[str, set[str]] = {}
    for path, name in names.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        needs[name] = set()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gmn_llm."):
                full = {f"{node.module}.{item.name}" for item in node.names} & known
                needs[name] |= full or ({str(node.module)} & known)
    needs = {name: {n for n in wanted if not name.startswith(f"{n}.") and n != name} for name, wanted in needs.items()}
    while needs:
        free = [name for name, wanted in needs.items() if not wanted & needs.keys()]
        assert free, f"a circle among {sorted(needs)}"
        for name in free:
            del needs[name]

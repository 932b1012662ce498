"""``gmn-llm doctor``: what it finds, and what it says to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from gmn_llm.setup import environs
from gmn_llm.setup.report import Check, Status
from gmn_llm.setup.versions import KNOWN_BAD, Need, fits
from tests.cli.tools import AS_OTHERS, run, terminal
from tests.wire.client import WireServer, closed_port

NOBODY = {"OLLAMA_HOST": f"127.0.0.1:{closed_port()}"}
SECRET = "sk-very-secret-0123456789"


def checks(
    *arguments: str, cwd: Path, code: int, prefix: Sequence[str] = (), **environment: str
) -> dict[str, dict[str, str]]:
    """The checks by their names."""
    done = run("doctor", "--json", *arguments, cwd=cwd, prefix=prefix, **{**NOBODY, **environment})
    assert done.returncode == code, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is (code == 0)
    assert all(set(check) == {"name", "status", "message", "hint"} for check in told["checks"])
    assert all(check["hint"] for check in told["checks"] if check["status"] != "ok")
    assert SECRET not in done.stdout + done.stderr
    return {check["name"]: check for check in told["checks"]}


def test_an_installation_that_works(tmp_path: Path) -> None:
    """Every part is looked at; that no language model is configured is a warning, which leaves 0."""
    found = checks(cwd=tmp_path, code=0)
    expected = ("python", "gmn-llm", "litellm", "keys", "cache", "provider mock", "round trip", "terminal")
    for name in expected:
        assert found[name]["status"] in ("ok", "warn"), found[name]
    assert found["configuration"]["status"] == "warn"
    assert "9" in found["round trip"]["message"]
    assert not (tmp_path / "home" / "cache" / "gmn-llm").exists()


def test_lines_for_people(tmp_path: Path) -> None:
    """Each line begins with ok, warn or fail; on a terminal these are coloured, and NO_COLOR takes that away."""
    plain = run("doctor", cwd=tmp_path, **NOBODY)
    assert plain.returncode == 0
    assert {line[:4].strip() for line in plain.stdout.splitlines()} <= {"ok", "warn", "fail", "", "all"}
    shown = terminal("doctor", columns=60, cwd=tmp_path, **NOBODY)
    assert (shown.code, shown.is_coloured) == (0, True)


def test_a_configuration_that_is_wrong(tmp_path: Path) -> None:
    """File, line and the nearest right key are told; providers can't be asked, and the rest is looked at all the same."""
    (tmp_path / "gmn-llm.yaml").write_text("provider: mock\nopnai: {model: gpt-4o}\n", encoding="utf-8")
    found = checks(cwd=tmp_path, code=1)
    assert found["configuration"]["status"] == "fail"
    assert "gmn-llm.yaml:2" in found["configuration"]["message"]
    assert found["round trip"]["status"] == "ok"
    assert "provider mock" not in found


def test_a_key_that_is_refused(wire: WireServer, tmp_path: Path) -> None:
    """The first provider's key is refused: that fails, with what to do; its fallback answers and is told so."""
    openai = f"{{model: gpt-4o, base_url: {wire.openai_base}, api_key: os.environ/OPENAI_API_KEY}}"
    (tmp_path / "gmn-llm.yaml").write_text(f"provider: openai\nopenai: {openai}\nfallbacks: [mock]\n", encoding="utf-8")
    found = checks(cwd=tmp_path, code=1, OPENAI_API_KEY=SECRET)
    assert found["provider openai"]["status"] == "fail"
    assert "key" in found["provider openai"]["message"]
    assert found["provider mock"]["status"] == "ok"


def test_a_fallback_that_is_away_is_a_warning(wire: WireServer, tmp_path: Path) -> None:
    """While the first answers, a fallback that does not is a warning."""
    wire.settings(models={"openai": ["gpt-4o"]})
    (tmp_path / "gmn-llm.yaml").write_text(
        f"provider: openai\nopenai: {{model: gpt-4o, base_url: {wire.openai_base}, api_key: {wire.openai_key}}}\n"
        "fallbacks: [ollama]\n",
        encoding="utf-8",
    )
    found = checks(cwd=tmp_path, code=0)
    assert found["provider openai"]["status"] == "ok"
    assert found["provider ollama"]["status"] == "warn"
    assert "ollama serve" in found["provider ollama"]["hint"]


def test_a_cache_that_can_not_be_written(tmp_path: Path) -> None:
    """A cache below a file fails, and what is there is left as it is."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "gmn-llm.yaml").write_text("provider: mock\ncache: {dir: file/cache}\n", encoding="utf-8")
    found = checks(cwd=tmp_path, code=1)
    assert found["cache"]["status"] == "fail"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"


def test_a_redis_that_is_away(tmp_path: Path) -> None:
    """A cache in a Redis that can't be reached fails; its password is not shown."""
    (tmp_path / "gmn-llm.yaml").write_text(
        f"provider: mock\ncache: {{redis_url: 'redis://:{SECRET}@127.0.0.1:{closed_port()}'}}\n", encoding="utf-8"
    )
    assert checks(cwd=tmp_path, code=1)["cache"]["status"] == "fail"


def test_a_folder_of_others(tmp_path: Path) -> None:
    """A cache in a folder that may only be read fails."""
    (tmp_path / "locked").mkdir(mode=0o500)
    (tmp_path / "gmn-llm.yaml").write_text("provider: mock\ncache: {dir: locked/cache}\n", encoding="utf-8")
    assert checks(cwd=tmp_path, code=1, prefix=AS_OTHERS)["cache"]["status"] == "fail"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """The nearest folder above is looked at instead."""
    check = environs.cache_folder(tmp_path / "a" / "b", size_limit=2**62)
    assert check.status is Status.OK
    assert "made when it is needed" in check.message
    assert not (tmp_path / "a").exists()


def test_packages_are_held_to_what_is_asked_for() -> None:
    """Bounds of every form that the metadata has are read, release numbers of different lengths are compared."""
    assert fits("1.106.2", "!=1.82.7,!=1.82.8,<2,>=1.106.2")
    assert not fits("1.82.7", "!=1.82.7,!=1.82.8,<2")
    assert not fits("2.0.0rc1", "<2")
    assert fits("2.7", ">=2.7.0,<3")
    assert fits("0.15.4.post1", "~=0.15")
    assert fits("5.0", "")


def test_what_is_missing_or_too_old_is_named() -> None:
    """A package that is not there, and one of another version, each with its name."""
    assert environs.lack(Need("no-such-package", "", "")) == "no-such-package is not installed"
    assert "is not >=999" in environs.lack(Need("pydantic", ">=999", ""))
    assert environs.lack(Need("pydantic", ">=2", "")) == ""


@pytest.mark.parametrize("version", KNOWN_BAD["litellm"])
def test_known_bad_versions_of_litellm_are_named(version: str) -> None:
    """The malicious releases fail, with the advice to replace the keys; a usual one does not."""
    check = environs.litellm(version, ">=1")
    assert check.status is Status.FAIL
    assert version in check.message
    assert "replace every key" in check.hint
    assert environs.litellm("1.106.2", ">=1").status is Status.OK
    assert environs.litellm(None, ">=1").status is Status.FAIL
    assert environs.litellm("1.0.0", ">=1.106").status is Status.FAIL


def test_a_check_is_a_value() -> None:
    """As JSON it has four keys."""
    assert Check("a", Status.WARN, "b", "c").as_dict() == {"name": "a", "status": "warn", "message": "b", "hint": "c"}

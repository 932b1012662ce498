"""``gmn-llm cache``: what the cache holds, and emptying it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from gmn_llm.cache import DiskStore
from tests.cache.conftest import RedisServer, redis_server
from tests.wire.client import closed_port

__all__ = ["redis_server"]

SENTENCE = "Create an agent that explores a 3x3 grid world"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs ``gmn-llm`` in a process of its own, from which LiteLLM can't be imported."""
    program = "import sys; sys.modules['litellm'] = None; from gmn_llm.cli.main import run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=100
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The cache's folder, which is not there yet."""
    return tmp_path / "the cache"


@pytest.fixture
def config(tmp_path: Path, folder: Path) -> str:
    """The name of a configuration with a cache in ``folder``."""
    return written(tmp_path, dir=str(folder), size_limit="1MB", ttl="2d")


def written(place: Path, **cache: str) -> str:
    """The name of a configuration with this cache."""
    file = place / "gmn-llm.json"
    file.write_text(json.dumps({"provider": "mock", "cache": cache}))
    return str(file)


def fill(folder: Path, entries: int) -> None:
    """Stores entries."""
    store = DiskStore(folder, size_limit=2**30)
    for number in range(entries):
        store.set(f"key{number}", json.dumps({"prompt": "hush-hush"}), ttl=None)
    store.get("key0")
    store.get("no key")
    store.close()


def test_stats_are_json(config: str, folder: Path) -> None:
    """``--json`` tells place, entries, bytes, limits, hits and misses, and nothing on standard error."""
    fill(folder, 3)
    done = run("--config", config, "cache", "stats", "--json")
    told = json.loads(done.stdout)
    assert told.pop("bytes") > 0
    assert told == {
        "location": str(folder), "entries": 3, "size_limit": 2**20, "ttl": 172_800.0, "hits": 1, "misses": 1,
    }  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_stats_without_a_terminal_are_plain(config: str, folder: Path) -> None:
    """One ``name: value`` to a line, the numbers as they are; the global option may come last."""
    fill(folder, 2)
    done = run("cache", "stats", "--config", config)
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert (told["location"], told["entries"], told["size_limit"]) == (str(folder), "2", str(2**20))
    assert done.returncode == 0


def test_stats_on_a_terminal_have_units(config: str, folder: Path) -> None:
    """Sizes and days are written for people where they look on."""
    fill(folder, 1)
    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "gmn_llm", "--config", config, "cache", "stats"],
        stdout=follower,
        check=True,
        timeout=100,
    )
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert "size_limit: 1 MB" in shown
    assert "ttl: 2 days" in shown


def test_stats_count_what_generate_kept(config: str) -> None:
    """A document that was generated is an entry, and asking for it again is a hit."""
    for _ in range(2):
        assert run("--config", config, "generate", SENTENCE).returncode == 0
    told = json.loads(run("--config", config, "cache", "stats", "--json").stdout)
    assert (told["entries"], told["hits"], told["misses"]) == (1, 1, 1)


def test_clear_says_how_many_went_and_asks_nothing(config: str, folder: Path) -> None:
    """Without a word on standard input every entry goes, also from the files' bytes."""
    fill(folder, 3)
    done = run("--config", config, "cache", "clear")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"3 entries removed from {folder}\n", "")
    assert json.loads(run("--config", config, "cache", "stats", "--json").stdout)["entries"] == 0
    assert not [path for path in folder.rglob("*") if path.is_file() and b"hush-hush" in path.read_bytes()]
    again = run("--config", config, "cache", "clear", "--json")
    assert json.loads(again.stdout) == {"location": str(folder), "removed": 0}


@pytest.mark.parametrize("command", ["stats", "clear"])
def test_a_cache_that_is_not_there_is_told_and_not_made(config: str, folder: Path, command: str) -> None:
    """One line on standard error says so; the exit code is 0."""
    done = run("--config", config, "cache", command, "--json")
    assert json.loads(done.stdout)["location"] == str(folder)
    assert done.stderr == f"gmn-llm: there is no cache in {folder} yet\n"
    assert done.returncode == 0
    assert not folder.exists()


def test_caches_that_were_moved_aside_are_told(config: str, folder: Path) -> None:
    """A damaged store that lies beside the cache still holds prompts, so both commands name it."""
    fill(folder, 1)
    folder.with_name(f"{folder.name}.damaged-1").mkdir()
    for command in ("stats", "clear"):
        assert f"{folder}.damaged-1" in run("--config", config, "cache", command).stderr


@pytest.mark.parametrize("quiet", [True, False])
def test_a_folder_that_is_none_is_an_error(config: str, folder: Path, quiet: bool) -> None:
    """A place that can't be used ends with exit code 2 and its reason, and without a figure."""
    folder.write_text("not a folder")
    done = run("--config", config, "cache", "stats", *(["--quiet"] if quiet else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the cache can't be used" in done.stderr
    assert done.stderr.count(str(folder)) >= 1


def test_a_redis_that_is_away_is_an_error(tmp_path: Path) -> None:
    """Its address is told without the password."""
    config = written(tmp_path, redis_url=f"redis://:hush-hush@127.0.0.1:{closed_port()}/0")
    for command in ("stats", "clear"):
        done = run("--config", config, "cache", command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "redis://:***@127.0.0.1" in done.stderr
        assert "hush" not in done.stderr


def test_both_commands_work_on_redis(tmp_path: Path, redis_server: RedisServer) -> None:
    """Entries on a server are counted and cleared as those in a folder are."""
    config = written(tmp_path, redis_url=redis_server.url)
    assert run("--config", config, "generate", SENTENCE).returncode == 0
    told = json.loads(run("--config", config, "cache", "stats", "--json").stdout)
    assert (told["location"], told["entries"], told["size_limit"]) == (redis_server.url, 1, None)
    assert run("--config", config, "cache", "clear").stdout == f"1 entry removed from {redis_server.url}\n"
    assert json.loads(run("--config", config, "cache", "stats", "--json").stdout)["entries"] == 0


def test_an_address_in_a_variable_is_taken_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``os.environ/NAME`` is the value of NAME, as it is where documents are made."""
    monkeypatch.setenv("OUR_REDIS", f"redis://:hush-hush@127.0.0.1:{closed_port()}/0")
    config = written(tmp_path, redis_url="os.environ/OUR_REDIS")
    for command in ("stats", "clear"):
        done = run("--config", config, "cache", command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "redis://:***@127.0.0.1" in done.stderr


def test_a_folder_is_found_through_variables(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``$NAME`` in the folder's name is filled in, as it is where documents are made."""
    monkeypatch.setenv("OUR_PLACE", str(tmp_path))
    fill(folder, 2)
    config = written(tmp_path, dir="$OUR_PLACE/the cache")
    told = json.loads(run("--config", config, "cache", "stats", "--json").stdout)
    assert (told["location"], told["entries"]) == (str(folder), 2)

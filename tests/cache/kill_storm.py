"""Kills a writing process again and again: ``python -m tests.cache.kill_storm [KILLS]`` (200 unless said).

After each kill the store is opened, every entry is read and compared with the one text that belongs to its key, and a
new one is written and read. Prints what was found.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from gmn_llm.cache import DiskStore
from tests.cache.processes import Worker
from tests.cache.worker import text_of

__all__ = ["Storm", "storm"]


@dataclass(kw_only=True)
class Storm:
    """What a storm has left.

    Attributes:
        kills: Processes killed as they wrote.
        opened: How often the store opened afterwards, read and wrote.
        entries: Entries read, over all times.
        broken: Entries among them that were not whole.
        aside: Stores that were moved aside as damaged.
        troubles: What the store complained of.
    """

    kills: int = 0
    opened: int = 0
    entries: int = 0
    broken: int = 0
    aside: int = 0
    troubles: int = 0


def storm(folder: Path, kills: int, *, seed: int = 0) -> Storm:
    """Kills ``kills`` writers, each after up to 60 ms of writing."""
    chance, found = random.Random(seed), Storm()  # noqa: S311 - nothing is secret here
    for _ in range(kills):
        with Worker("write", folder) as writer:
            assert writer.hear() == "ready"
            store = DiskStore(folder, size_limit=2**30, retry_after=0)
            before = store.stats()
            while store.stats().bytes == before.bytes == 0:  # the very first has to have made the folder
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.06))
            store.close()
            writer.kill()
        found.kills += 1
        look(folder, found)
    found.aside = len(list(folder.parent.glob(f"{folder.name}.damaged-*")))
    return found


def look(folder: Path, found: Storm) -> None:
    """Opens the store, reads all of it and writes."""
    store = DiskStore(folder, size_limit=2**30, retry_after=0)
    for key, text in store.items():
        found.entries += 1
        found.broken += key != "probe" and text != text_of(key)
    store.set("probe", "{}", ttl=None)
    found.opened += store.get("probe") == "{}"
    found.troubles += store.trouble is not None
    store.close()


def main() -> None:
    """Prints the figures; the exit code is 1 where something was not whole."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as place:
        begun = time.monotonic()
        found = storm(Path(place) / "cache", kills)
    sys.stdout.write(f"{found}\n{time.monotonic() - begun:.0f} s\n")
    sys.exit(found.opened != kills or found.broken + found.aside + found.troubles > 0)


if __name__ == "__main__":
    main()

"""What all parts work with: how much is to be measured, the Pythons, the server."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.job import Job
from benchmarks.processes import Server, Worker, interleaved, working

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.roster import Client

__all__ = ["FULL", "QUICK", "TINY", "Bench", "Counts", "samples"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is measured.

    Attributes:
        repeats: Of every figure.
        imports: Fresh processes for each import.
        thorough: Whether what takes long and no goal names is measured too.
        calls: One after the other, in a repeat.
        slow_calls: The same where the answer takes its time.
        at_64: Calls of which 64 are made at a time, in a repeat; as many of 512.
        at_512: The same for 512.
        hits: Cached calls in a repeat.
        checks: Documents of 10 nodes that are checked in a repeat.
        long: Calls after which memory is looked at, twice.
        deployments: How many a router chooses from.
        both: Calls of a process where one and two are compared.
    """

    repeats: int
    imports: int
    thorough: bool
    calls: int
    slow_calls: int
    at_64: int
    at_512: int
    hits: int
    checks: int
    long: int
    deployments: tuple[int, ...]
    both: int


FULL = Counts(
    repeats=7, imports=7, thorough=True, calls=100, slow_calls=20, at_64=640, at_512=1024, hits=1000,
    checks=300, long=10_000, deployments=(1, 10, 50), both=600,
)  # fmt: skip
QUICK = Counts(
    repeats=5, imports=5, thorough=False, calls=20, slow_calls=5, at_64=64, at_512=512, hits=200,
    checks=60, long=500, deployments=(1, 20), both=150,
)  # fmt: skip
TINY = Counts(
    repeats=1,
    imports=1,
    thorough=False,
    calls=1,
    slow_calls=1,
    at_64=2,
    at_512=2,
    hits=2,
    checks=1,
    long=2,
    deployments=(1, 2),
    both=2,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """A run.

    Attributes:
        counts: How much is measured.
        pythons: The Python of each environment; a client whose environment is not among them is left out.
        server: The server.
        tree: The folder that has the package that is measured.
    """

    counts: Counts
    pythons: Mapping[str, Path]
    server: Server
    tree: Path

    def there(self, clients: Sequence[Client], *names: str) -> list[Client]:
        """Return the clients that can be measured, of ``names`` alone where there are any."""
        return [
            client for client in clients if client.environment in self.pythons and (not names or client.name in names)
        ]

    @contextmanager
    def workers(self, clients: Sequence[Client], **job: object) -> Iterator[dict[str, Worker]]:
        """Give a worker for each client by name, warm."""
        with tempfile.TemporaryDirectory() as folder:
            started = []
            for number, client in enumerate(clients):
                own = Path(folder) / str(number)
                own.mkdir()
                told = Job(origin=self.server.origin, folder=str(own), tree=str(self.tree), **job)  # type: ignore[arg-type] # as its fields
                started.append((self.pythons[client.environment], client, told))
            with working(started) as workers:
                named = {client.name: worker for client, worker in zip(clients, workers, strict=True)}
                interleaved(named, 1, do="sequential", calls=min(5, self.counts.calls))
                yield named


def samples(
    told: Mapping[str, Sequence[Mapping[str, float]]], name: str, factor: float = 1.0
) -> dict[str, list[float]]:
    """Return one number of every answer, by who gave it."""
    return {who: [factor * each[name] for each in answers] for who, answers in told.items()}

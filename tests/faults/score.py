"""``python -m tests.faults.score``: what comes of each recorded kind of bad first answer, and what repairs cost."""

from __future__ import annotations

import asyncio
import sys

from tests.faults.bad_answers import CASES, play, table
from tests.wire.client import WireServer


async def _scored() -> str:
    with WireServer() as wire:
        return table([await play(wire, case) for case in CASES])


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_scored()) + "\n")

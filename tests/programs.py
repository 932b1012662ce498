"""Small programs in processes of their own, with every warning an error and asyncio in its debug mode."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.wire.client import ROOT

BEGIN = """
import asyncio, json, sys, threading

class Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        loop = super().new_event_loop()
        loop.slow_callback_duration = 600  # slow steps are told too, which says something of the machine only
        return loop

asyncio.set_event_loop_policy(Policy())

import gmn_llm
from gmn_llm import LLMError, create_llm_factory

configuration = json.loads(sys.argv[1])
talk = [{"role": "user", "content": "Say something."}]
"""


def played(script: str, configuration: object, *, seconds: float = 100) -> subprocess.CompletedProcess[str]:
    """A program that ran to its end."""
    command = [sys.executable, "-W", "error", "-c", BEGIN + script, json.dumps(configuration)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=seconds,
        env={**os.environ, "PYTHONASYNCIODEBUG": "1"},
    )

"""``python -m gmn_llm``: the same as the command ``gmn-llm``."""

from __future__ import annotations

from gmn_llm.cli.main import run

if __name__ == "__main__":
    run()

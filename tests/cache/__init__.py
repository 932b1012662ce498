"""Tests of ``gmn_llm.cache``: against real folders, real processes and a real Redis server."""

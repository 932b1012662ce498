"""Tests of the brace and the section notation."""

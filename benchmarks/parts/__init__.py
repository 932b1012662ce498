"""The parts of a run; each yields tables."""

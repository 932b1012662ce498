"""The worked models: their arrays, their agents, and the environments they come from."""

"""The clients that are measured; each module is loaded only in the environment that has what it needs."""

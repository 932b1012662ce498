"""What the package costs beside its peers, from one run: ``python -m benchmarks`` (needs Python and pip alone)."""

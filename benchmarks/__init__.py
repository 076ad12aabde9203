"""Measured claims: `python -m benchmarks` runs all of them and prints the figures."""

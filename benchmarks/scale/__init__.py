"""The real engines at size: `python -m benchmarks.scale [COUNT]`; see `docs/benchmarks.md`."""

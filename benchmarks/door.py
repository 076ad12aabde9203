"""How many products a second go through the door on SQLite: `python -m benchmarks.door [COUNT]`."""

from __future__ import annotations

import sys
import time

from benchmarks.setting import fresh_catalog, machine


def run(count: int = 10_000) -> None:
    """Apply a mesh once as new and once unchanged; print both rates."""
    with fresh_catalog():
        from benchmarks.mesh import batches, make_domains
        from catalog.descriptors import LayerKind
        from catalog.people.authority import system
        from catalog.registry.apply import apply

        make_domains()
        for word in ("new", "unchanged"):
            made = list(batches(count))
            start = time.perf_counter()
            for batch in made:
                apply(
                    batch,
                    layer=LayerKind.HARVESTED,
                    source="source:bench",
                    authority=system("benchmarks"),
                )
            rate = count / (time.perf_counter() - start)
            print(f"door, {word}: {rate:,.0f} products/s ({count:,} with 10 columns; {machine()})")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

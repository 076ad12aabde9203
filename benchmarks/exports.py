"""How fast a mesh is exported, and how much memory grows meanwhile: `python -m benchmarks.exports [COUNT]`."""

from __future__ import annotations

import sys
import time

from benchmarks.setting import fresh_catalog, machine, peak_memory


def run(count: int = 100_000) -> None:
    """Fill a catalog, then read each export to its end; print rate, size and the growth of the process."""
    with fresh_catalog():
        from django.test import Client

        from benchmarks.mesh import batches, make_domains
        from catalog.descriptors import LayerKind
        from catalog.people.authority import system
        from catalog.registry.apply import apply

        make_domains()
        for batch in batches(count):
            apply(
                batch,
                layer=LayerKind.HARVESTED,
                source="source:bench",
                authority=system("benchmarks"),
            )
        print(f"{count:,} products with a dataset each; {machine()}", flush=True)
        client = Client()
        for address in (
            "/api/v1/exports/dcat?domain=d19&format=turtle",  # what every later one needs, too
            "/api/v1/exports/dcat?format=turtle",
            "/api/v1/exports/dcat?format=jsonld",
            "/api/v1/dataproducts?format=csv",
            "/api/v1/datasets?format=csv",
        ):
            before, start = peak_memory(), time.perf_counter()
            answer = client.get(address, headers={"Host": "127.0.0.1"})
            first = None
            size = 0
            for piece in answer:
                first = first or time.perf_counter() - start
                size += len(piece)
            seconds = time.perf_counter() - start
            grown = peak_memory() - before
            print(
                f"{address}: {size / 1e6:.1f} MB in {seconds:.1f} s, first piece after"
                f" {1000 * (first or 0):.0f} ms, peak memory {peak_memory():.0f} MB (+{grown:.0f})",
                flush=True,
            )


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

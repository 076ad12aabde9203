"""Measure an installation on real engines: `python -m benchmarks.scale [COUNT] [--seconds N] [--without-index]`.

Needs DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL. The mesh is kept in a database of its own
(`gazetteer_bench_COUNT`) and grows when COUNT does. The figures go to benchmarks/results/scale-COUNT.json.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import date
from pathlib import Path

from benchmarks.scale import asking, copying, following, reading, rebuilding
from benchmarks.scale.installation import Installation, installation, missing
from benchmarks.scale.processes import running
from benchmarks.scale.table import derived, table
from benchmarks.setting import machine

RESULTS = Path(__file__).parents[1] / "results"


def run(count: int, seconds: float, *, with_index: bool) -> None:
    """Fill, build, ask; print each figure as it comes and keep all. Without indexes: the door and pages alone."""
    if why := missing():
        print(f"skipped: real engines at size ({why})")
        return
    with installation(count) as made:
        _say(made, dict(made.figures))
        _say(made, copying.copied(made.environment["DATABASE_URL"], min(count, 10_000)))
        _say(made, asking.product_pages())
        if with_index:
            _search(made, seconds)
        _say(made, derived(made.figures))
        _keep(made)
        print(table(made.figures))


def _search(made: Installation, seconds: float) -> None:
    for index in ("search", "search:elasticsearch"):
        _say(made, rebuilding.rebuilt(made, index))
    _ask(made)
    with running(made, worker=True):
        _say(made, following.event_to_searchable(made, 100, min(seconds, 30)))
    with running(made, web=2) as address:
        reading.mixed_reading(made, address, 20, 10)
        for rate in (50, 100, 200):
            _say(made, reading.mixed_reading(made, address, rate, seconds))


def _ask(made: Installation) -> None:
    from django.conf import settings

    from catalog.search import engines

    _say(made, asking.searches("search_elasticsearch"))
    _say(made, asking.raw_searches())
    settings.SEARCH_BACKEND = "database"
    engines.backend.cache_clear()
    _say(made, asking.searches("search_postgresql"))
    settings.SEARCH_BACKEND = "elasticsearch"
    engines.backend.cache_clear()


def _say(made: Installation, figures: dict[str, float]) -> None:
    made.figures |= figures
    for name, value in figures.items():
        print(f"  {name}: {value:,.1f}", flush=True)


def _keep(made: Installation) -> None:
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "products": made.count,
        "columns": made.count * 10,
        "figures": {name: round(value, 2) for name, value in made.figures.items()},
    }
    path = RESULTS / f"scale-{made.count}.json"
    path.write_text(json.dumps(kept, indent=2) + os.linesep, encoding="utf-8")
    print(f"kept in {path}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each load")
    parser.add_argument("--without-index", action="store_true", help="only the door and pages")
    given = parser.parse_args()
    run(given.count, given.seconds, with_index=not given.without_index)

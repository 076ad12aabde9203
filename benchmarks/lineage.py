"""Lineage at a million edges: `python -m benchmarks.lineage [edges] [datasets]`.

A layered graph of made-up datasets (power law: few feed very many), half of the edges with two flows between
columns, one dataset in fifty hidden from the asker; and the shape of Marquez' benchmark: 5,000 jobs in twenty
layers. On SQLite in a temporary folder, or in the PostgreSQL database that DATABASE_URL names, whose datasets
and edges are removed before. What is measured runs in a process of its own.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.setting import fresh_catalog, machine, percentile

LAYERS = 14
HIDDEN_SHARE = 0.02
JOBS = 5_000
JOB_LAYERS = 20
START = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK = 20_000
Pairs = np.ndarray[tuple[int, int], np.dtype[np.int64]]


def layered(edges: int, nodes: int, seed: int = 7) -> Pairs:
    """Return (upstream, downstream) numbers from 0: each reads from layers above, the popular ones most."""
    rng = np.random.default_rng(seed)
    layer = np.sort(rng.integers(0, LAYERS, nodes))
    starts = np.searchsorted(layer, np.arange(LAYERS + 1))
    downs = rng.integers(starts[1], nodes, int(edges * 1.15))
    above = starts[layer[downs]]
    near = starts[np.maximum(layer[downs] - 2, 0)]
    rank = rng.power(0.35, downs.size)
    ups = (near + (above - near) * rank).astype(np.int64)
    pairs = np.unique(np.stack([ups, downs], axis=1), axis=0)
    chosen = np.sort(rng.permutation(len(pairs))[:edges])
    return pairs[chosen]


def marquez() -> Pairs:
    """Return flows of jobs in layers: each reads one to three datasets of the layer above, writes one."""
    rng = np.random.default_rng(11)
    width = JOBS // JOB_LAYERS
    rows = []
    for job in range(JOBS):
        depth = job // width
        for _ in range(int(rng.integers(1, 4))):
            up = int(rng.integers(0, width)) + depth * width
            rows.append((up, (depth + 1) * width + job % width))
    return np.array(sorted(set(rows)), np.int64)


def fill(pairs: Pairs, nodes: int, *, columns: bool, jobs: bool = False) -> None:
    """Write datasets and edges as they come out of many harvests; the ids begin at 1."""
    from django.db import transaction

    from catalog.db import bulk
    from catalog.models import Dataset
    from lineage.adjacency.change_log import record_change
    from lineage.models import ColumnEdge, Edge, Job, LineageChange

    with transaction.atomic():
        for numbers in _chunks(range(nodes)):
            bulk.insert(Dataset, [_dataset(n) for n in numbers])
        made = [{**_job(n)} for n in range(JOBS if jobs else 0)]
        bulk.insert(Job, made)
        for places in _chunks(range(len(pairs))):
            rows = pairs[places.start : places.stop].tolist()
            numbered = list(zip(places, rows, strict=True))
            bulk.insert(Edge, [_edge(at, up, down, jobs) for at, (up, down) in numbered])
            if columns:
                flows = [_flow(at, path) for at, _ in numbered if at % 2 for path in (0, 1)]
                bulk.insert(ColumnEdge, flows)
        record_change([len(pairs)])
        assert LineageChange.objects.exists()


def _chunks(numbers: range) -> Iterator[range]:
    for start in range(numbers.start, numbers.stop, CHUNK):
        yield range(start, min(numbers.stop, start + CHUNK))


def _dataset(n: int) -> dict[str, object]:
    hidden = n % 50 == 49
    return {
        "id": n + 1,
        "namespace": "postgres://store:5432",
        "name": f"mesh.public.t{n}",
        "display_name": f"t{n}",
        "description": "",
        "kind": "table",
        "technology": "postgresql",
        "product_id": None,
        "domain_id": None,
        "team_id": None,
        "audience": "team:0" if hidden else "public",
        "primary_key": [],
        "foreign_keys": [],
        "indexes": [],
        "view_definition": "",
        "extra": {},
        "column_count": 0,
        "row_count": None,
        "row_count_is_estimate": False,
        "byte_size": None,
        "data_updated_at": None,
        "quality_score": None,
        "observed_at": START,
        "revision_number": 1,
        "created_at": START,
        "updated_at": START,
        "gone_at": None,
    }


def _job(n: int) -> dict[str, object]:
    return {
        "id": n + 1,
        "namespace": "bench",
        "name": f"job-{n}",
        "type": "BATCH",
        "description": "",
        "location": "",
        "sql": "",
        "facets": {},
        "facet_marks": {},
        "audience": "public",
        "domain_id": None,
        "created_at": START,
        "updated_at": START,
        "deleted_at": None,
    }


def _edge(at: int, up: int, down: int, jobs: bool) -> dict[str, object]:
    first = START + timedelta(minutes=at % 400_000)
    width = JOBS // JOB_LAYERS
    return {
        "id": at + 1,
        "upstream_id": up + 1,
        "downstream_id": down + 1,
        "kind": "job" if jobs else "view",
        "confidence": "stated",
        "job_id": down - width + 1 if jobs else None,
        "last_run_id": None,
        "source": "bench",
        "by_id": None,
        "note": "",
        "first_seen_at": first,
        "last_seen_at": first,
        "ended_at": first + timedelta(days=20) if at % 10 == 0 and not jobs else None,
    }


def _flow(at: int, path: int) -> dict[str, object]:
    first = START + timedelta(minutes=at % 400_000)
    return {
        "edge_id": at + 1,
        "upstream_path": f"c{(at * 7 + path) % 10}",
        "downstream_path": f"c{(at * 3 + path) % 10}",
        "type": "DIRECT",
        "subtype": "IDENTITY",
        "is_masking": None,
        "description": "",
        "first_seen_at": first,
        "last_seen_at": first,
        "ended_at": None,
    }


def empty() -> None:
    """Remove what an earlier run left in a database that stays."""
    from django.db import connection

    names = "lineage_columnedge, lineage_edge, lineage_lineagechange, lineage_job, catalog_dataset"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
            return
        for name in names.split(", "):
            cursor.execute(f"DELETE FROM {name}")


def analyze() -> None:
    """Let the database know what it holds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def resident() -> float:
    """Return the most memory this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def times(work: Callable[[int], object], items: list[int]) -> list[tuple[float, float]]:
    """Return how long each takes by the clock and of the processor, in milliseconds."""
    found = []
    for item in items:
        started, busy = time.perf_counter(), time.process_time()
        work(item)
        found.append(((time.perf_counter() - started) * 1000, (time.process_time() - busy) * 1000))
    return found


def said(name: str, values: list[tuple[float, float]]) -> None:
    """Print the middle and the 95th of a hundred; the processor's time tells what others' work added."""
    for clock, which in ((0, "clock"), (1, "processor")):
        some = [value[clock] for value in values]
        middle, most = statistics.median(some), percentile(some, 0.95)
        print(f"{name if not clock else '':<45} {which}: p50 {middle:.1f} ms, p95 {most:.1f} ms")


def graph(client: Any, focus: int, **query: Any) -> dict[str, Any]:
    """Ask through the API."""
    answer = client.get("/api/v1/lineage-graph", {"focus": f"dataset:{focus}", **query})
    assert answer.status_code == 200, answer.content[:300]
    found: dict[str, Any] = json.loads(answer.content)
    return found


def measure_million() -> None:
    """Measure what the issue of size is about; the database is filled."""
    from django.conf import settings
    from django.test import Client

    from catalog.models import User
    from lineage.adjacency import memory
    from lineage.models import Edge, EdgeKind
    from lineage.services.edge_statements import EdgeStatement, state_edges

    user = User.objects.filter(username="bench").first() or User.objects.create_user("bench")
    client = Client()
    client.force_login(user)
    client.get("/api/v1/domains")
    count, before = Edge.objects.count(), resident()
    memory.forget()
    started, busy = time.perf_counter(), time.process_time()
    source = memory.dataset_flows()
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    print(
        f"load: {count:,} edges in {seconds:.2f} s ({cpu:.2f} s of the processor), "
        f"{memory.byte_size() / 1e6:.0f} MB held, "
        f"{resident() - before:.0f} MB more at the most"
    )
    assert source.graph is not None
    shown = _visible_nodes(source.graph.nodes)
    rng = np.random.default_rng(5)
    some = rng.choice(shown, 300, replace=False).tolist()
    times(lambda pk: graph(client, pk, depth=3), some[:20])
    now = times(lambda pk: graph(client, pk, depth=3), some)
    said("3 hops both ways through the API", now)
    sizes = [len(graph(client, pk, depth=3)["nodes"]) for pk in some[:50]]
    print(
        f"  nodes in the answers: {statistics.median(sizes):.0f} in the middle, {max(sizes)} at most"
    )
    past = times(lambda pk: graph(client, pk, depth=3, asOf="2026-08-01"), some)
    said("3 hops as of a day", past)
    print(f"  as of a day / now: {_middle(past) / _middle(now):.2f}")
    focus, size = _with_following(source, shown, 10_000)
    query = {"focus": f"dataset:{focus}", "limit": "10000"}
    impact = times(lambda _: client.get("/api/v1/lineage-impact", query), [0] * 7)
    said(f"impact of {size:,} nodes through the API", impact)
    pairs = rng.choice(shown, (200, 2))
    event: list[tuple[float, float]] = []
    for up, down in pairs.tolist():
        statement = EdgeStatement(upstream=up, downstream=down, kind=EdgeKind.SQL, source="bench")
        state_edges([statement], at=datetime.now(UTC))
        event += times(lambda _: memory.dataset_flows(), [0])
    said("taking one new event into the graph", event)
    said("asking whether anything changed", times(lambda _: memory.dataset_flows(), [0] * 200))
    settings.LINEAGE_GRAPH = "tables"
    said("3 hops from the tables alone", times(lambda pk: graph(client, pk, depth=3), some[:100]))
    settings.LINEAGE_GRAPH = "memory"
    started = time.perf_counter()
    columns = memory.column_flows()
    seconds = time.perf_counter() - started
    assert columns.graph is not None
    print(f"load of columns: {columns.graph.size:,} flows in {seconds:.2f} s")
    said(
        "3 hops of columns",
        times(lambda pk: graph(client, pk, depth=3, level="column"), some[:100]),
    )
    print(f"memory with both: {memory.byte_size() / 1e6:.0f} MB held")


def _middle(values: list[tuple[float, float]]) -> float:
    return statistics.median(value[1] for value in values)


def _visible_nodes(nodes: Any) -> list[int]:
    return [int(pk) for pk in nodes.tolist() if (pk - 1) % 50 != 49]


def _with_following(source: Any, shown: list[int], wanted: int) -> tuple[int, int]:
    """Return a node with about so many nodes after it, and how many."""
    from lineage.questions.walk import walk

    best = (0, 0)
    for pk in shown[:: max(1, len(shown) // 400)]:
        size = len(walk(source.flows, [pk], depth=20, signs=(1,), most=wanted + 2_000).levels)
        if abs(size - wanted) < abs(best[1] - wanted):
            best = (pk, size)
    return best


def measure_marquez() -> None:
    """Measure depth 20 at 5,000 jobs."""
    from django.test import Client

    from lineage.adjacency import memory
    from lineage.questions.walk import walk

    source = memory.dataset_flows()
    width = JOBS // JOB_LAYERS
    middle = [width * 10 + n + 1 for n in range(120) if (width * 10 + n) % 50 != 49]
    client = Client()
    times(lambda pk: graph(client, pk, depth=20), middle[:10])
    sizes = [len(walk(source.flows, [pk], depth=20).levels) for pk in middle]
    print(f"{JOBS:,} jobs, depth 20: {statistics.median(sizes):,.0f} datasets in the middle")
    said("  walk alone", times(lambda pk: walk(source.flows, [pk], depth=20), middle))
    said("  through the API, 500 nearest", times(lambda pk: graph(client, pk, depth=20), middle))
    many = times(lambda pk: graph(client, pk, depth=20, limit=2_000), middle)
    said("  through the API, 2,000 nearest", many)


def main() -> None:
    """Fill, then measure in another process, twice."""
    edges = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    nodes = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    with fresh_catalog():
        from django.db import connection

        load = os.getloadavg()[0]
        print(f"{machine()}, {connection.vendor}, load {load:.1f} at the start")
        empty()
        started = time.perf_counter()
        fill(layered(edges, nodes), nodes, columns=True)
        analyze()
        print(
            f"filled {edges:,} edges between {nodes:,} datasets in {time.perf_counter() - started:.0f} s"
        )
        _measured("million")
        empty()
        fill(marquez(), JOBS + JOBS // JOB_LAYERS, columns=False, jobs=True)
        analyze()
        _measured("marquez")


def _measured(what: str) -> None:
    env = {**os.environ, "LINEAGE_GRAPH": "memory"}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.lineage", "measure", what], env=env, check=True
    )


def measure(what: str) -> None:
    """Measure in this process, over a database that is filled."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver")
    django.setup()
    from django.conf import settings

    from portal.warm import settle

    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.WARNING)
    settle()  # as a web process does when it starts
    {"million": measure_million, "marquez": measure_marquez}[what]()


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(sys.argv[2])
    else:
        main()

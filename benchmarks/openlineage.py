"""How fast OpenLineage events are taken: `[DATABASE_URL=postgres://…] python -m benchmarks.openlineage [RUNS]`.

Some hundred jobs with four inputs, a output, columns and facets run again and again, START and COMPLETE
each: as batches of 500, as batches of 50, one event a request, and one event of 20,000 inputs.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.setting import fresh_catalog, machine

JOBS = 200
SPACE = "postgres://warehouse:5432"
PRODUCER = "https://example.com/bench"


def _facet(**said: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": "https://example.com/facet.json", **said}


def _dataset(name: str, columns: int = 8) -> dict[str, Any]:
    fields = [{"name": f"c{n}", "type": "VARCHAR"} for n in range(columns)]
    return {"namespace": SPACE, "name": name, "facets": {"schema": _facet(fields=fields)}}


def _event(kind: str, at: datetime, run: str, job: int) -> dict[str, Any]:
    reads = [_dataset(f"dw.raw.t{(job * 3 + n) % 400}") for n in range(4)]
    written = _dataset(f"dw.mart.t{job}")
    flows = {
        f"c{n}": {
            "inputFields": [{"namespace": SPACE, "name": reads[n % 4]["name"], "field": f"c{n}"}]
        }
        for n in range(8)
    }
    written["facets"]["columnLineage"] = _facet(fields=flows)
    return {
        "eventType": kind,
        "eventTime": at.isoformat(),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run, "facets": {"nominalTime": _facet(nominalStartTime=at.isoformat())}},
        "job": {
            "namespace": "airflow",
            "name": f"dag.task{job}",
            "facets": {"sql": _facet(query=f"INSERT INTO dw.mart.t{job} SELECT …")},
        },
        "inputs": reads,
        "outputs": [written] if kind == "COMPLETE" else [],
    }


def _stream(runs: int, start: datetime) -> Iterator[dict[str, Any]]:
    for place in range(runs):
        run, at = str(uuid.uuid4()), start + timedelta(seconds=20 * place)
        yield _event("START", at, run, place % JOBS)
        yield _event("COMPLETE", at + timedelta(seconds=10), run, place % JOBS)


def run(runs: int = 2000) -> None:
    """Take events in several ways and print how many a second."""
    with fresh_catalog():
        from django.db import connection
        from django.test import Client

        from catalog.models import User
        from catalog.people.tokens import make_token
        from lineage.models import ColumnEdge, Edge
        from lineage.openlineage.ingest import take_events

        user = User.objects.create_user("bench")
        print(f"{machine()}; {connection.vendor}")
        start = datetime(2026, 1, 1, tzinfo=UTC)

        def timed(name: str, bodies: list[Any], do: Callable[[], object]) -> None:
            began, busy = time.perf_counter(), time.process_time()
            do()
            spent, busy = time.perf_counter() - began, time.process_time() - busy
            rate, own = len(bodies) / spent, len(bodies) / busy
            print(
                f"{name}: {len(bodies)} events in {spent:.2f} s, {rate:,.1f}/s ({own:,.0f}/s of own CPU)"
            )

        def cut(bodies: list[Any], size: int) -> Callable[[], None]:
            def go() -> None:
                for place in range(0, len(bodies), size):
                    take_events(bodies[place : place + size], by=user)

            return go

        first = list(_stream(JOBS, start))
        timed("everything new, batches of 500", first, cut(first, 500))
        for day, size in ((10, 500), (40, 50), (70, 10)):
            known = list(_stream(runs if size > 10 else runs // 4, start + timedelta(days=day)))
            timed(f"known jobs, batches of {size}", known, cut(known, size))
        _, secret = make_token(user, name="bench", scope="write")
        client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {secret}"})
        single = list(_stream(max(50, runs // 20), start + timedelta(days=100)))

        def post() -> None:
            for body in single:
                answer = client.post(
                    "/api/v1/lineage", json.dumps(body), content_type="application/json"
                )
                assert answer.status_code == 201, answer.content

        timed("one event a request, through the API", single, post)
        wide = _event("COMPLETE", start + timedelta(days=120), str(uuid.uuid4()), 0)
        wide["job"]["name"] = "wide"
        wide["inputs"] = [{"namespace": "s3://lake", "name": f"part/{n}"} for n in range(20_000)]
        timed("one event of 20,000 new inputs", [wide], cut([wide], 1))
        again = {**wide, "eventType": "OTHER"}
        timed("the same inputs once more", [again], cut([again], 1))
        print(f"{Edge.objects.count()} edges, {ColumnEdge.objects.count()} between columns")


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:]))

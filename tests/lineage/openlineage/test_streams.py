"""Third-party events, as their producers sent them: 653 of dbt, Spark, Flink and Marquez."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from catalog.people.authority import system
from lineage.models import DatasetFacet, Edge, Job, JobRun
from lineage.openlineage.ingest import take_events
from tests.engines import material
from tests.lineage.openlineage.events import dataset, event, run_id, state

pytestmark = [pytest.mark.material, pytest.mark.django_db]


def streams() -> list[dict[str, Any]]:
    """Return all events, stream by stream."""
    folder = material("lineage/openlineage_streams")
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.ndjson"))
        for line in path.read_text().splitlines()
    ]


class _Undo(Exception):
    """Leave a savepoint and what was done in it."""


def replayed(events: list[dict[str, Any]], size: int) -> dict[str, Any]:
    """Send events in batches; return the state, and undo it."""
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            for place in range(0, len(events), size):
                for taken in take_events(events[place : place + size], by=system("tests")):
                    assert taken.status != "refused", taken
            found = state()
            raise _Undo
    except _Undo:
        return found


def test_in_order_shuffled_and_doubled_they_make_one_graph() -> None:
    events = streams()
    assert len(events) == 653
    ordered = replayed(sorted(events, key=lambda body: str(body["eventTime"])), 40)
    mixed = [*events, *events]
    random.Random(7).shuffle(mixed)
    assert replayed(mixed, 97) == ordered


def test_the_graph_says_what_the_events_say() -> None:
    events = streams()
    assert Counter(taken.status for taken in take_events(events, by=system("tests"))) == {
        "accepted": 653
    }
    pairs = set()
    by_run: dict[str, tuple[set[Any], set[Any]]] = {}
    for body in events:
        run = by_run.setdefault(body["run"]["runId"] + body["job"]["name"], (set(), set()))
        for side, key in ((0, "inputs"), (1, "outputs")):
            run[side].update((d["namespace"], d["name"]) for d in body.get(key) or ())
    for read, written in by_run.values():
        pairs |= {(up, down) for up in read for down in written if up != down}
    ends = ("upstream__namespace", "upstream__name", "downstream__namespace", "downstream__name")
    found = {((a, b), (c, d)) for a, b, c, d in Edge.objects.values_list(*ends)}
    assert pairs <= found
    assert JobRun.objects.count() == len({body["run"]["runId"] for body in events})


def test_every_facet_of_the_specification_is_taken_and_given_back() -> None:
    folder = material("standards/openlineage_spec/tests")
    files = sorted(path for path in folder.glob("*/*.json"))
    assert len(files) >= 40
    for number, path in enumerate(files, 1):
        facets = json.loads(path.read_text())
        kind = path.parent.name
        written = dataset(f"t{number}", facets={}, outputFacets={})
        body = event(run=number, job=f"j{number}", writes=[written])
        is_dataset = False
        if kind.endswith("RunFacet"):
            body["run"]["facets"] = facets
        elif kind.endswith("JobFacet"):
            body["job"]["facets"] = facets
        else:
            is_dataset = True
            written["facets"] = facets
        [taken] = take_events([body], by=system("tests"))
        assert taken.status == "accepted", (path, taken)
        name, said = next(iter(facets.items()))
        if is_dataset:
            kept = DatasetFacet.objects.get(dataset__name=f"t{number}", name=name).body
        elif kind.endswith("RunFacet"):
            kept = JobRun.objects.get(run_id=run_id(number)).facets[name]
        else:
            kept = Job.objects.get(name=f"j{number}").facets[name]
        assert kept == said, path
    full = json.loads((folder / "example_full_event.json").read_text())
    [taken] = take_events([full], by=system("tests"))
    assert taken.status == "accepted"
    assert JobRun.objects.filter(run_id=full["run"]["runId"]).exists()

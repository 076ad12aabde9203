"""Whatever the order of arrival, and however often they come: the same events make the same graph."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Column, Dataset
from tests.budget import examples
from tests.lineage.openlineage.events import columns, dataset, event, exactly, facet, state, take

NAMES = st.sampled_from(["shop.a", "shop.b", "shop.c", "shop.d"])
CHANGES = st.sampled_from(["DROP", "CREATE", "OVERWRITE", "RENAME"])


@st.composite
def facets(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the facets of a dataset that is written."""
    found: dict[str, Any] = {}
    which = draw(
        st.sets(st.sampled_from(["columns", "exact", "schema", "life", "link"]), max_size=2)
    )
    if "columns" in which:
        source = draw(NAMES)
        found |= columns(x=[f"{source}.{draw(st.sampled_from('pq'))}"])
    if "exact" in which:
        found |= exactly(*draw(st.sets(NAMES, max_size=2)))
    if "schema" in which:
        name = draw(st.sampled_from(["id", "total"]))
        found["schema"] = facet(fields=[{"name": name, "type": "int"}])
        if draw(st.booleans()):
            found["schema"] = facet(_deleted=True)
    if "life" in which:
        change = draw(CHANGES)
        found["lifecycleStateChange"] = facet(lifecycleStateChange=change)
        if change == "RENAME":
            found["lifecycleStateChange"]["previousIdentifier"] = dataset(draw(NAMES))
    if "link" in which:
        found["symlinks"] = facet(identifiers=[{**dataset(draw(NAMES)), "type": "TABLE"}])
    return found


@st.composite
def some_event(draw: st.DrawFn) -> dict[str, Any]:
    """Draw an event of one of two jobs and four runs, within eight minutes."""
    reads = [dataset(name) for name in draw(st.sets(NAMES, max_size=2))]
    writes = [dataset(name, facets=draw(facets())) for name in draw(st.sets(NAMES, max_size=2))]
    run = draw(st.integers(1, 4))
    body = event(
        draw(st.sampled_from(["START", "RUNNING", "COMPLETE", "FAIL", "OTHER"])),
        minute=draw(st.integers(0, 7)),
        run=run,
        job=draw(st.sampled_from(["load", "load", f"job{run % 2}"])),
        reads=reads,
        writes=writes,
        job_facets={"sql": facet(query=draw(st.sampled_from(["SELECT 1", "SELECT 2"])))},
    )
    kind = draw(st.integers(0, 9))
    if kind == 0:
        del body["run"], body["eventType"]
    elif kind == 1 and writes:
        body["dataset"] = writes[0]
        for name in ("run", "job", "inputs", "outputs", "eventType"):
            del body[name]
    return body


@st.composite
def replays(draw: st.DrawFn) -> tuple[list[Any], list[list[Any]]]:
    """Draw events, and the same in another order, some of them twice, cut into batches."""
    found = draw(st.lists(some_event(), min_size=1, max_size=7))
    again = draw(st.permutations([*found, *draw(st.lists(st.sampled_from(found), max_size=3))]))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(again) - 1)), max_size=4)))
    places = [0, *cuts, len(again)]
    return found, [again[a:b] for a, b in pairwise(places)]


class _Undo(Exception):
    """Leave a savepoint and what was done in it."""


def outcome(batches: list[list[Any]]) -> dict[str, Any]:
    """Return the state that batches lead to, and undo it."""
    found: dict[str, Any] = {}
    try:
        with transaction.atomic():
            for batch in batches:
                for taken in take(*batch):
                    assert taken.status in {"accepted", "duplicate"}, taken
            found = state()
            found["columns of datasets"] = sorted(
                Column.objects.values_list("dataset__name", "path", "native_type")
            )
            found["gone"] = sorted(
                map(repr, Dataset.objects.values_list("namespace", "name", "gone_at"))
            )
            raise _Undo
    except _Undo:
        return found


@pytest.mark.django_db
@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(replays())
def test_any_order_with_repeats_makes_the_graph_of_the_ordered_replay(
    db: None, replay: tuple[list[Any], list[list[Any]]]
) -> None:
    found, again = replay
    ordered = sorted(found, key=lambda body: body["eventTime"])
    assert outcome([[body] for body in ordered]) == outcome(again)
    assert connection.in_atomic_block

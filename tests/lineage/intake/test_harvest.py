"""Edges follow from views and foreign keys, and change with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.models import Dataset
from lineage.intake.harvest import refresh_edges
from lineage.models import Edge
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset

START = datetime(2026, 5, 3, 6, tzinfo=UTC)


def view(name: str, sql: str, **fields: Any) -> Dataset:
    """Harvest a view."""
    said = {"technology": "postgresql", "kind": "view", **fields}
    return make_dataset(name, view_definition=sql, **said)


def refresh(*rows: Dataset, days: int = 0) -> tuple[str, ...]:
    """Derive the edges into some datasets."""
    at = START + timedelta(days=days)
    return refresh_edges([row.pk for row in rows], source="source:shop", at=at)


def current() -> set[tuple[str, str]]:
    """Return the current edges by name."""
    rows = Edge.objects.filter(ended_at__isnull=True)
    return set(rows.values_list("upstream__name", "downstream__name"))


def test_a_view_gets_an_edge_from_each_table_it_reads(mesh: Mesh) -> None:
    for name in ("shop.public.claim", "shop.public.policy", "shop.crm.person"):
        make_dataset(name)
    late = view(
        "shop.public.late",
        "WITH c AS (SELECT * FROM claim) SELECT * FROM c JOIN public.policy p USING (id)"
        " UNION SELECT id FROM shop.crm.person",
    )
    assert refresh(late) == ()
    assert current() == {
        ("shop.public.claim", "shop.public.late"),
        ("shop.public.policy", "shop.public.late"),
        ("shop.crm.person", "shop.public.late"),
    }


def test_a_bare_name_means_the_table_beside_the_view(mesh: Mesh) -> None:
    make_dataset("shop.sales.orders")
    make_dataset("shop.archive.orders")
    recent = view("shop.sales.recent", "SELECT * FROM Orders")
    old = view("shop.archive.old", 'SELECT * FROM "orders"')
    refresh(recent, old)
    assert current() == {
        ("shop.sales.orders", "shop.sales.recent"),
        ("shop.archive.orders", "shop.archive.old"),
    }


def test_a_name_that_could_be_two_tables_makes_no_edge(mesh: Mesh) -> None:
    make_dataset("shop.sales.orders")
    make_dataset("shop.archive.orders")
    refresh(view("shop.report.all", "SELECT * FROM orders"))
    assert current() == set()


def test_odd_names_and_other_namespaces(mesh: Mesh) -> None:
    make_dataset("shop.public.Order Details")
    make_dataset("shop.public.claim", namespace="postgres://elsewhere:5432")
    refresh(view("shop.public.v", 'SELECT * FROM "Order Details", claim, unknown'))
    assert current() == {("shop.public.Order Details", "shop.public.v")}


def test_a_view_does_not_feed_itself(mesh: Mesh) -> None:
    refresh(view("shop.public.v", "SELECT * FROM public.v"))
    assert current() == set()


def test_an_unreadable_view_is_said_and_the_others_are_kept(mesh: Mesh) -> None:
    make_dataset("shop.public.claim")
    bad = view("shop.public.bad", "SELECT FROM ((")
    good = view("shop.public.good", "SELECT * FROM claim")
    (problem,) = refresh(bad, good)
    assert problem.startswith("shop.public.bad: the statement cannot be read")
    assert current() == {("shop.public.claim", "shop.public.good")}


def test_foreign_keys_become_edges_with_their_columns(mesh: Mesh) -> None:
    make_dataset("shop.customer")
    key = {"namespace": NAMESPACE, "references": ["id", "part"]}
    claim = make_dataset(
        "shop.claim",
        foreign_keys=[
            {**key, "name": "shop.customer", "columns": ["customer_id", "customer_part"]},
            {**key, "name": "shop.claim", "columns": ["parent_id", "parent_part"]},
            {**key, "name": "shop.unknown", "columns": ["a", "b"]},
        ],
    )
    refresh(claim)
    edge = Edge.objects.get()
    assert (edge.upstream.name, edge.kind) == ("shop.customer", "foreign-key")
    pairs = edge.columns.order_by("id").values_list("upstream_path", "downstream_path")
    assert list(pairs) == [("id", "customer_id"), ("part", "customer_part")]


def test_an_edge_is_renewed_ends_and_begins_anew(mesh: Mesh) -> None:
    make_dataset("shop.public.a")
    make_dataset("shop.public.b")
    row = view("shop.public.v", "SELECT * FROM a")
    refresh(row)
    refresh(row, days=1)
    first = Edge.objects.get()
    assert (first.first_seen_at, first.last_seen_at) == (START, START + timedelta(days=1))

    view("shop.public.v", "SELECT * FROM b")
    refresh(row, days=2)
    first.refresh_from_db()
    assert first.ended_at == START + timedelta(days=2)
    assert current() == {("shop.public.b", "shop.public.v")}

    view("shop.public.v", "SELECT * FROM a, b")
    refresh(row, days=3)
    assert current() == {("shop.public.a", "shop.public.v"), ("shop.public.b", "shop.public.v")}
    assert Edge.objects.count() == 3


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_does_not_grow(
    mesh: Mesh, count: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    make_dataset("shop.public.base")
    rows = [view(f"shop.public.v{n}", "SELECT * FROM base") for n in range(count)]
    with django_assert_max_num_queries(15):
        refresh(*rows)
    assert len(current()) == count


def test_a_view_tells_which_columns_go_into_which(mesh: Mesh) -> None:
    make_dataset("shop.public.claim", columns=[column("Id"), column("amount"), column("kind")])
    late = view(
        "shop.public.late",
        "SELECT id AS claim_id, sum(amount) AS total FROM claim WHERE kind = 'late' GROUP BY id",
        columns=[column("claim_id"), column("total")],
    )
    refresh(late)
    edge = Edge.objects.get()
    rows = edge.columns.values_list("upstream_path", "downstream_path", "type", "subtype")
    assert set(rows) == {
        ("Id", "claim_id", "DIRECT", "IDENTITY"),
        ("amount", "total", "DIRECT", "AGGREGATION"),
        ("kind", "", "INDIRECT", "FILTER"),
        ("Id", "", "INDIRECT", "GROUP_BY"),
    }


def test_columns_of_a_star_come_from_the_catalog(mesh: Mesh) -> None:
    make_dataset("shop.public.claim", columns=[column("id"), column("amount")])
    make_dataset("shop.public.bare", columns=[])
    known = view("shop.public.v", "SELECT * FROM claim", columns=[])
    unknown = view("shop.public.w", "SELECT * FROM bare", columns=[])
    refresh(known, unknown)
    edges = {edge.downstream_id: edge for edge in Edge.objects.all()}
    pairs = edges[known.pk].columns.values_list("upstream_path", "downstream_path")
    assert set(pairs) == {("id", "id"), ("amount", "amount")}
    assert edges[unknown.pk].columns.count() == 0

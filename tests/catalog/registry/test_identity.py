"""Who is who at the door: GUIDs, addresses, renames, and what the database cannot hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.descriptors import (
    CheckDescriptor,
    DatasetAddress,
    LayerKind,
    PortDescriptor,
    ProductDescriptor,
)
from catalog.models import Check, Port, Product
from catalog.registry.apply import apply
from catalog.registry.edit import edit
from catalog.registry.outcomes import Applied
from catalog.registry.remove import remove_product
from tests.conftest import Mesh
from tests.factories import (
    NAMESPACE,
    SYSTEM,
    dataset_descriptor,
    make_dataset,
    make_product,
    product_descriptor,
)

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def declare(*descriptors: ProductDescriptor, at: datetime = NOW) -> Applied:
    return apply(descriptors, layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM, at=at)


def statuses(applied: Applied) -> list[str]:
    return [outcome.status for outcome in applied.outcomes]


def test_a_rename_that_says_nothing_else_new_keeps_every_field(mesh: Mesh) -> None:
    said = {"guid": "g-1", "name": "Settled", "description": "All of it", "tags": ["a"]}
    declare(product_descriptor("old", **said))
    applied = declare(product_descriptor("new", **said), at=NOW + timedelta(hours=1))
    assert statuses(applied) == ["changed"]
    row = Product.objects.get(guid="g-1")
    assert (row.key, row.name, row.description) == ("new", "Settled", "All of it")
    assert row.tags.count() == 1
    assert row.ports.count() == 1


def test_a_statement_that_comes_late_does_not_rename(mesh: Mesh) -> None:
    declare(product_descriptor("new", guid="g-1", description="kept"))
    applied = declare(product_descriptor("old", guid="g-1"), at=NOW - timedelta(days=1))
    assert statuses(applied) == ["stale"]
    row = Product.objects.get(guid="g-1")
    assert (row.key, row.description) == ("new", "kept")


def test_a_rename_to_an_address_that_somebody_wrote_on_before_works(mesh: Mesh) -> None:
    old = make_product("taken")
    edit(old, changes={"description": "of the old one"}, by=mesh.alice)
    remove_product(old, by=mesh.alice)
    declare(product_descriptor("here", guid="g-2"))
    row = Product.objects.get(guid="g-2")
    edit(row, changes={"description": "of mine"}, by=mesh.alice)
    applied = declare(product_descriptor("taken", guid="g-2"), at=NOW + timedelta(hours=1))
    assert statuses(applied) == ["changed"]
    row.refresh_from_db()
    assert (row.key, row.description) == ("taken", "of mine")


def test_one_guid_for_two_addresses_in_one_batch_is_refused_for_the_second(mesh: Mesh) -> None:
    applied = declare(product_descriptor("a", guid="g-3"), product_descriptor("b", guid="g-3"))
    assert statuses(applied) == ["created", "refused"]
    assert applied.outcomes[1].problems[0].path == "guid"
    applied = declare(
        product_descriptor("c", guid="g-3"),
        product_descriptor("d", guid="g-3"),
        at=NOW + timedelta(hours=1),
    )
    assert statuses(applied) == ["changed", "refused"]


def test_the_guid_of_a_deleted_product_is_never_given_to_another(mesh: Mesh) -> None:
    first = make_product("first", guid="g-4")
    remove_product(first, by=mesh.alice)
    applied = declare(product_descriptor("second", guid="g-4"))
    assert statuses(applied) == ["refused"]
    assert applied.outcomes[0].problems[0].path == "guid"
    again = make_product("first", guid="g-4")
    assert again.guid == "g-4"


def test_two_products_may_declare_checks_of_one_name_on_one_dataset(mesh: Mesh) -> None:
    make_dataset("main.shared")
    check = CheckDescriptor(
        key="fresh",
        dimension="timeliness",
        rule="fresh",
        dataset=DatasetAddress(namespace=NAMESPACE, name="main.shared"),
    )
    applied = declare(
        product_descriptor("a", checks=[check]), product_descriptor("b", checks=[check])
    )
    assert statuses(applied) == ["created", "created"]
    assert Check.objects.filter(origin="declared").count() == 2


def test_checks_that_wait_for_one_dataset_are_linked_when_it_comes(mesh: Mesh) -> None:
    check = CheckDescriptor(
        key="fresh",
        dimension="timeliness",
        rule="fresh",
        dataset=DatasetAddress(namespace=NAMESPACE, name="main.later"),
    )
    declare(product_descriptor("a", checks=[check]), product_descriptor("b", checks=[check]))
    late = make_dataset("main.later")
    assert set(Check.objects.values_list("dataset_id", flat=True)) == {late.pk}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("version", {"version": "1" * 41}),
        ("description", {"description": "nul \0 inside"}),
        ("extra", {"extra": {"deep": ["nul \0 inside"]}}),
        (
            "ports[out,sql,1].technology",
            {"ports": [PortDescriptor(direction="out", name="sql", technology="x" * 41)]},
        ),
        (
            "ports[out,sql,-1].major",
            {"ports": [PortDescriptor(direction="out", name="sql", major=-1)]},
        ),
    ],
)
def test_what_the_database_cannot_hold_is_refused_with_its_path(
    mesh: Mesh, path: str, fields: dict[str, Any]
) -> None:
    applied = declare(product_descriptor("bad", **fields), product_descriptor("good"))
    assert statuses(applied) == ["refused", "created"]
    assert [problem.path for problem in applied.outcomes[0].problems] == [path]


def test_columns_with_nul_are_refused_and_others_kept(mesh: Mesh) -> None:
    applied = apply(
        [
            dataset_descriptor("main.bad", description="nul \0"),
            dataset_descriptor("main.good"),
        ],
        layer=LayerKind.HARVESTED,
        source="source:shop",
        authority=SYSTEM,
    )
    assert statuses(applied) == ["refused", "created"]


def test_a_port_that_no_longer_names_what_it_reads_is_unlinked(mesh: Mesh) -> None:
    make_product("up")
    reads = PortDescriptor(direction="in", name="in", upstream="claims/up")
    declare(product_descriptor("down", ports=[reads]))
    assert Port.objects.get(name="in").upstream is not None
    plain = PortDescriptor(direction="in", name="in")
    declare(product_descriptor("down", ports=[plain]), at=NOW + timedelta(hours=1))
    assert Port.objects.get(name="in").upstream is None

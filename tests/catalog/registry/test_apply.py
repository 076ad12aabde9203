"""The one door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.descriptors import (
    ColumnDescriptor,
    DatasetAddress,
    DatasetDescriptor,
    Descriptor,
    LayerKind,
    PortDescriptor,
    ProductDescriptor,
    Status,
    Visibility,
)
from catalog.models import Column, Dataset, Event, Layer, Port, Product, Revision
from catalog.people.domains import save_domain
from catalog.registry.apply import apply
from catalog.registry.edit import EditConflict, edit, take_back
from catalog.registry.missing_datasets import TooManyMissing, mark_missing
from catalog.registry.origins import origins
from catalog.registry.remove import remove_product
from tests.conftest import Mesh
from tests.factories import (
    NAMESPACE,
    SYSTEM,
    column,
    dataset_descriptor,
    declare,
    make_dataset,
    make_product,
    product_descriptor,
)

NOW = datetime(2026, 5, 3, 12, 0, tzinfo=ZoneInfo("UTC"))


def harvest(*descriptors: Descriptor, at: datetime | None = None) -> list[str]:
    done = apply(
        descriptors, layer=LayerKind.HARVESTED, source="source:shop", authority=SYSTEM, at=at
    )
    return [outcome.status for outcome in done.outcomes]


def test_a_product_gets_its_rows_revision_and_event(mesh: Mesh) -> None:
    product = make_product(description="Every settled claim.", tags=["late", "money"])
    assert (product.urn, product.team, product.audience) == (
        "urn:gazetteer:claims:settled-claims",
        mesh.team,
        "public",
    )
    assert sorted(tag.name for tag in product.tags.all()) == ["late", "money"]
    assert product.ports.get().name == "sql"
    event = Event.objects.get(type="product.created")
    assert (event.subject_id, event.actor_name) == (product.pk, "git:tests")
    assert Revision.objects.get(subject_kind="product", subject_id=product.pk).number == 1


def test_the_same_descriptor_twice_changes_nothing(mesh: Mesh) -> None:
    first = product_descriptor(description="One")
    apply([first], layer=LayerKind.DECLARED, source="git", authority=SYSTEM)
    before = (Event.objects.count(), Revision.objects.count())
    again = apply([first], layer=LayerKind.DECLARED, source="git", authority=SYSTEM)
    assert again.outcomes[0].status == "unchanged"
    assert (Event.objects.count(), Revision.objects.count()) == before


def test_an_older_statement_that_comes_late_is_stale(mesh: Mesh) -> None:
    harvest(dataset_descriptor(description="new"), at=NOW)
    assert harvest(dataset_descriptor(description="old"), at=NOW - timedelta(days=1)) == ["stale"]
    assert Dataset.objects.get().description == "new"


def test_a_harvest_never_overwrites_an_edit_and_both_stay_visible(mesh: Mesh) -> None:
    dataset = make_dataset(description="from the store", at=NOW)
    edit(dataset, changes={"description": "by Alice"}, by=mesh.alice, at=NOW)
    make_dataset(description="from the store, again", at=NOW + timedelta(days=1))
    dataset.refresh_from_db()
    assert dataset.description == "by Alice"
    said = origins(dataset)["description"]
    assert [(c.kind, c.value, c.by_name) for c in said] == [
        ("curated", "by Alice", "Alice Moreau"),
        ("harvested", "from the store, again", ""),
    ]


def test_taking_back_an_edit_uncovers_what_lies_below(mesh: Mesh) -> None:
    dataset = make_dataset()
    path = "columns[note].description"
    edit(dataset, changes={path: "What the clerk wrote"}, by=mesh.bob)
    assert Column.objects.get(path="note").description == "What the clerk wrote"
    take_back(dataset, paths=[path], by=mesh.bob)
    assert Column.objects.get(path="note").description == ""


def test_two_people_who_edit_the_same_field_meet_a_conflict(mesh: Mesh) -> None:
    product = make_product(description="start")
    base = product.revision_number
    edit(product, changes={"description": "Bob's"}, by=mesh.bob, base_revision=base)
    with pytest.raises(EditConflict) as conflict:
        edit(product, changes={"description": "Alice's"}, by=mesh.alice, base_revision=base)
    assert conflict.value.theirs == {"description": "Bob's"}
    edit(product, changes={"support": "#claims"}, by=mesh.alice, base_revision=base)
    product.refresh_from_db()
    assert (product.description, product.support) == ("Bob's", "#claims")


def test_a_wrong_value_in_an_edit_is_refused_with_its_path(mesh: Mesh) -> None:
    product = make_product()
    outcome = edit(product, changes={"status": "perhaps"}, by=mesh.alice)
    assert outcome.status == "refused"
    assert [(p.path, p.value) for p in outcome.problems] == [("status", "perhaps")]
    assert "active" in outcome.problems[0].message
    assert not Layer.objects.filter(kind="curated").exists()


def test_unknown_names_are_refused_with_what_is_near_and_the_rest_is_kept(mesh: Mesh) -> None:
    wrong = product_descriptor("b", team="claims-tem")
    done = apply(
        [product_descriptor("a"), wrong], layer=LayerKind.DECLARED, source="git", authority=SYSTEM
    )
    assert [o.status for o in done.outcomes] == ["created", "refused"]
    assert done.outcomes[1].problems[0].path == "team"
    assert "claims-team" in done.outcomes[1].problems[0].message
    assert [p.key for p in Product.objects.all()] == ["a"]


def test_a_guid_stays_with_its_product(mesh: Mesh) -> None:
    product = make_product("a", guid="ed457526-8d7e-4f58-905a-18aadd6eab")
    assert product.guid == "ed457526-8d7e-4f58-905a-18aadd6eab"
    make_product("b")
    taken = apply(
        [product_descriptor("b", guid=product.guid)],
        layer=LayerKind.DECLARED,
        source="git:tests",
        authority=SYSTEM,
    )
    assert taken.outcomes[0].problems[0].path == "guid"


def test_a_guid_with_a_new_key_renames_the_product_and_keeps_what_was_written(mesh: Mesh) -> None:
    product = make_product("a", guid="G-1")
    edit(product, changes={"support": "#claims"}, by=mesh.alice)
    renamed = make_product("c", guid="G-1")
    assert (renamed.pk, renamed.key, renamed.support) == (product.pk, "c", "#claims")


def test_a_deleted_product_comes_back_with_what_people_wrote(mesh: Mesh) -> None:
    product = make_product()
    edit(product, changes={"description": "by hand"}, by=mesh.alice)
    remove_product(product, by=mesh.alice)
    assert not Product.objects.exists()
    assert make_product(support="#new").description == "by hand"


def test_ports_wait_for_products_and_datasets_that_come_later(mesh: Mesh) -> None:
    address = DatasetAddress(namespace=NAMESPACE, name="main.claims")
    ports = [
        PortDescriptor(direction="in", name="policies", upstream="policy/policies"),
        PortDescriptor(direction="out", name="sql", datasets=[address]),
    ]
    product = make_product(ports=ports)
    upstream = declare(ProductDescriptor(domain="policy", key="policies"))
    dataset = make_dataset()
    assert Port.objects.get(name="policies").upstream == upstream
    assert dataset.product == product


def test_the_audience_of_a_dataset_follows_its_product_and_its_domain(mesh: Mesh) -> None:
    dataset = make_dataset()
    assert dataset.audience == "public"
    address = DatasetAddress(namespace=NAMESPACE, name="main.claims")
    port = PortDescriptor(direction="out", name="sql", datasets=[address])
    make_product(ports=[port], visibility=Visibility.TEAM)
    dataset.refresh_from_db()
    assert dataset.audience == f"team:{mesh.team.pk}"
    save_domain("claims", name="Claims", parent=mesh.claims.parent, visibility="domain", by=None)
    make_product("other")
    assert Product.objects.get(key="other").audience == f"domain:{mesh.claims.pk}"


def test_what_is_missing_is_marked_as_gone_and_comes_back_with_its_edits(mesh: Mesh) -> None:
    names = [f"main.t{n}" for n in range(4)]
    harvest(*(dataset_descriptor(name, domain="claims") for name in names), at=NOW)
    gone = Dataset.objects.get(name="main.t0")
    edit(gone, changes={"description": "kept"}, by=mesh.dana)
    refs = [dataset_descriptor(name).ref for name in names]
    mark_missing(source="source:shop", authority=SYSTEM, seen=refs[1:], at=NOW + timedelta(hours=1))
    gone.refresh_from_db()
    assert gone.gone_at
    harvest(dataset_descriptor("main.t0", domain="claims"), at=NOW + timedelta(hours=2))
    back = Dataset.objects.get(pk=gone.pk)
    assert (back.gone_at, back.description) == (None, "kept")
    assert Event.objects.filter(type="dataset.returned").count() == 1


def test_a_harvest_that_lost_a_third_changes_nothing_unless_confirmed(mesh: Mesh) -> None:
    refs = [dataset_descriptor(f"main.t{n}").ref for n in range(3)]
    harvest(*(dataset_descriptor(ref.name, domain="claims") for ref in refs))
    with pytest.raises(TooManyMissing, match="1 of 3"):
        mark_missing(source="source:shop", authority=SYSTEM, seen=refs[:2], at=NOW)
    assert not Dataset.objects.filter(gone_at__isnull=False).exists()
    done = mark_missing(source="source:shop", authority=SYSTEM, seen=refs[:2], at=NOW, confirm=True)
    assert len(done.gone) == 1


def test_a_column_that_is_gone_leaves_and_a_nested_one_is_its_path(mesh: Mesh) -> None:
    make_dataset(columns=[column("id"), column("address.city")], at=NOW)
    make_dataset(columns=[column("address.city")], at=NOW + timedelta(days=1))
    assert [c.path for c in Column.objects.all()] == ["address.city"]


def batch(count: int, start: int = 0) -> list[Descriptor]:
    made: list[Descriptor] = []
    for n in range(start, start + count):
        name = f"main.t{n}"
        address = DatasetAddress(namespace=NAMESPACE, name=name)
        columns = [ColumnDescriptor(path=f"c{i}", ordinal=i) for i in range(3)]
        made.append(
            DatasetDescriptor(namespace=NAMESPACE, name=name, columns=columns, domain="claims")
        )
        port = PortDescriptor(direction="out", name="sql", datasets=[address])
        made.append(product_descriptor(f"p{n}", ports=[port], tags=[f"tag{n % 7}"]))
    return made


def test_the_number_of_queries_does_not_depend_on_the_size_of_a_batch(mesh: Mesh) -> None:
    counts = []
    for size, start in ((1, 0), (500, 1)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            apply(
                batch(size, start),
                layer=LayerKind.HARVESTED,
                source="source:shop",
                authority=SYSTEM,
            )
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    assert Product.objects.count() == 501
    assert counts[1] - counts[0] <= 2, counts


def test_a_successor_in_the_same_batch_is_linked(mesh: Mesh) -> None:
    old = product_descriptor("old", status=Status.DEPRECATED, successor="claims/new")
    apply(
        [old, product_descriptor("new")], layer=LayerKind.DECLARED, source="git", authority=SYSTEM
    )
    heir = Product.objects.get(key="old").successor
    assert heir is not None
    assert heir.key == "new"


@pytest.mark.parametrize(
    "statement", ["UPDATE catalog_event SET type = 'x'", "DELETE FROM catalog_event"]
)
def test_the_database_refuses_to_change_the_event_log(mesh: Mesh, statement: str) -> None:
    make_product()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Event.objects.filter(type="product.created").exists()


def test_what_is_said_now_counts_although_the_clock_went_back(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: dict[str, Any] = {
        "layer": LayerKind.DECLARED,
        "source": "push:claims-team",
        "authority": SYSTEM,
    }
    product = make_product()
    apply([product_descriptor(description="first")], **said)
    edit(product, changes={"support": "first"}, by=mesh.alice)
    earlier = timezone.now() - timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: earlier)
    again = apply([product_descriptor(description="second")], **said)
    assert again.outcomes[0].status == "changed"
    assert edit(product, changes={"support": "second"}, by=mesh.alice).status == "changed"
    product.refresh_from_db()
    assert (product.description, product.support) == ("second", "second")
    told = apply([product_descriptor(description="old")], at=earlier, **said)
    assert told.outcomes[0].status == "stale", "who gives the time is taken at the word"

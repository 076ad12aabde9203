"""What becomes of a grant: notices, expiry, renewal, revocation, and how to connect."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.access.connect import connect_snippets
from catalog.access.consumers import users_of
from catalog.access.errors import AlreadyDecided, AlreadyGranted, InvalidRequest, NotAllowed
from catalog.access.grants import (
    end_of_leavers,
    expire_due,
    granted_products,
    grants_of,
    holds_grant,
    notice_due,
    renew,
    revoke,
)
from catalog.access.requests import decide, request_access
from catalog.models import Dataset, Event, Grant, Port, Product
from catalog.people.policies import Action, may
from catalog.people.teams import switch_off
from tests.conftest import Mesh
from tests.factories import make_product


@pytest.fixture
def product(mesh: Mesh) -> Product:
    return make_product()


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def give(mesh: Mesh, product: Product, ends_on: date | None = None) -> Grant:
    port = Port.objects.get(product=product, direction="out")
    request = request_access(port, by=mesh.charlie, purpose="Reserving", ends_on=ends_on)
    return decide(request, by=mesh.alice, approve=True).grant


def later(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_a_grant_opens_the_product_to_its_holder_only(mesh: Mesh, product: Product) -> None:
    grant = give(mesh, product)
    assert holds_grant(mesh.charlie, product)
    assert not holds_grant(mesh.bob, product)
    assert granted_products(mesh.charlie) == {product.pk}
    assert list(grants_of(mesh.charlie)) == [grant]


def test_it_expires_after_its_last_day_once(mesh: Mesh, product: Product) -> None:
    give(mesh, product, in_days(5))
    assert expire_due(later(5)) == 0
    assert expire_due(later(6)) == 1
    assert expire_due(later(6)) == 0
    grant = Grant.objects.get()
    assert (grant.state, grant.port.product.consumer_count) == ("expired", 0)
    assert Event.objects.filter(type="grant.expired").count() == 1


def test_notice_is_given_14_days_and_1_day_ahead_once_each(mesh: Mesh, product: Product) -> None:
    give(mesh, product, in_days(60))
    told = [notice_due(later(day)) for day in (45, 46, 46, 50, 58, 59, 59, 60)]
    assert told == [0, 1, 0, 0, 0, 1, 0, 0]
    events = Event.objects.filter(type="grant.expiring").order_by("id")
    assert [e.data["days_left"] for e in events] == [14, 1]


def test_a_missed_notice_is_given_late(mesh: Mesh, product: Product) -> None:
    give(mesh, product, in_days(60))
    assert notice_due(later(52)) == 1
    assert Event.objects.get(type="grant.expiring").data["days_left"] == 8


def test_a_short_grant_hears_only_the_last_notice(mesh: Mesh, product: Product) -> None:
    give(mesh, product, in_days(10))
    assert [notice_due(later(day)) for day in (0, 5, 9)] == [0, 0, 1]


def test_revoking_needs_a_reason_and_the_right(mesh: Mesh, product: Product) -> None:
    grant = give(mesh, product)
    with pytest.raises(NotAllowed):
        revoke(grant, by=mesh.bob, comment="No")
    with pytest.raises(InvalidRequest):
        revoke(grant, by=mesh.alice, comment=" ")
    done = revoke(grant, by=mesh.alice, comment="The project ended")
    assert (done.state, done.ended_by, done.end_comment) == (
        "revoked",
        mesh.alice,
        "The project ended",
    )
    with pytest.raises(AlreadyDecided, match="already revoked"):
        revoke(grant, by=mesh.alice, comment="Again")
    assert not holds_grant(mesh.charlie, product)


def test_the_holder_may_give_it_back(mesh: Mesh, product: Product) -> None:
    grant = give(mesh, product)
    assert revoke(grant, by=mesh.charlie, comment="Done with it").state == "revoked"


def test_a_renewal_replaces_the_grant_when_approved(mesh: Mesh, product: Product) -> None:
    old = give(mesh, product, in_days(10))
    request = renew(old, by=mesh.charlie, ends_on=in_days(100))
    assert (request.purpose, request.renews) == ("Reserving", old)
    assert holds_grant(mesh.charlie, product)
    new = decide(request, by=mesh.alice, approve=True).grant
    old.refresh_from_db()
    assert (old.state, new.state, new.ends_on) == ("renewed", "active", in_days(100))
    with pytest.raises(AlreadyDecided, match="ask for access anew"):
        renew(old, by=mesh.charlie)


def test_only_the_holder_renews_and_only_to_a_later_end(mesh: Mesh, product: Product) -> None:
    grant = give(mesh, product, in_days(10))
    with pytest.raises(NotAllowed):
        renew(grant, by=mesh.bob)
    with pytest.raises(InvalidRequest, match="not after"):
        renew(grant, by=mesh.charlie, ends_on=in_days(5))


@pytest.mark.parametrize(
    ("technology", "namespace", "name", "expected"),
    [
        ("sqlite", "sqlite:////data/shop.db", "main.claims", 'FROM "claims"'),
        ("postgresql", "postgres://db:5432", "shop.public.claims", 'FROM "public"."claims"'),
        ("parquet", "file", "/data/claims/*.parquet", "read_parquet('/data/claims/*.parquet')"),
        ("csv", "s3://bucket", "claims.csv", "read_csv('s3://bucket/claims.csv')"),
        ("mysql", "mysql://db:3306", "shop.claims", "FROM `shop`.`claims`"),
    ],
)
def test_snippets_fit_the_technology(
    technology: str, namespace: str, name: str, expected: str
) -> None:
    dataset = Dataset(namespace=namespace, name=name, technology=technology)
    snippets = {s.language: s.code for s in connect_snippets(Port(name="sql"), dataset)}
    assert set(snippets) == {"SQL", "Python", "DuckDB"}
    assert expected in snippets["SQL"]
    compile(snippets["Python"], "snippet", "exec")


def test_names_with_quotes_stay_names() -> None:
    dataset = Dataset(namespace="file", name="/a'b.csv", technology="csv")
    sql = connect_snippets(Port(name="files"), dataset)[0].code
    assert "read_csv('/a''b.csv')" in sql


@pytest.mark.parametrize(("days", "opens"), [(1, True), (0, True), (-1, False)])
def test_a_grant_opens_on_its_last_day_and_no_longer(
    mesh: Mesh, product: Product, days: int, opens: bool
) -> None:
    grant = give(mesh, product, ends_on=in_days(5))
    Grant.objects.filter(pk=grant.pk).update(ends_on=in_days(days))
    Product.objects.filter(pk=product.pk).update(classification="confidential")
    product.refresh_from_db()
    assert holds_grant(mesh.charlie, product) is opens
    assert (product.pk in granted_products(mesh.charlie)) is opens
    assert may(mesh.charlie, Action.OPEN_SAMPLE, product) is opens
    assert Grant.objects.current().filter(pk=grant.pk).exists() is opens
    assert (mesh.charlie.pk in users_of([product], {})[product.pk]) is opens


def test_who_holds_a_grant_on_its_last_day_need_not_ask_again(mesh: Mesh, product: Product) -> None:
    grant = give(mesh, product, ends_on=in_days(5))
    Grant.objects.filter(pk=grant.pk).update(ends_on=in_days(0))
    with pytest.raises(AlreadyGranted):
        give(mesh, product)


def test_a_grant_that_was_ended_opens_nothing_whatever_its_last_day(
    mesh: Mesh, product: Product
) -> None:
    grant = give(mesh, product, ends_on=in_days(5))
    revoke(grant, by=mesh.alice, comment="The project ended")
    assert not Grant.objects.current().exists()
    assert not holds_grant(mesh.charlie, product)


def test_a_grant_ends_with_the_account_of_its_holder(mesh: Mesh, product: Product) -> None:
    grant = give(mesh, product)
    assert end_of_leavers() == 0
    switch_off(mesh.charlie, by=mesh.admin)
    assert end_of_leavers() == 1
    assert end_of_leavers() == 0
    grant.refresh_from_db()
    assert (grant.state, grant.end_comment) == (
        "revoked",
        "The account was switched off.",
    )
    assert Event.objects.filter(type="grant.revoked").count() == 1
    assert Product.objects.get(pk=product.pk).consumer_count == 0

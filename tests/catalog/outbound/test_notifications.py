"""Who is told what, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.access.grants import expire_due, notice_due, revoke
from catalog.access.requests import decide, request_access, withdraw
from catalog.descriptors import LayerKind, PortDescriptor
from catalog.events.log import NewEvent, record
from catalog.models import AccessRequest, Follow, Notification, Port, Product, User
from catalog.outbound.follows import follow as follow_product
from catalog.outbound.notifications import follow, mark_read, notifications_of, unread_count
from catalog.people.viewers import forget_tokens, tokens_of
from catalog.registry.apply import apply
from catalog.visibility import viewer_tokens
from tests.conftest import Mesh
from tests.factories import SYSTEM, make_product, product_descriptor

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def product(mesh: Mesh) -> Product:
    product = make_product()
    follow()
    Notification.objects.all().delete()
    return product


def ask(mesh: Mesh, product: Product, **more: object) -> AccessRequest:
    port = Port.objects.get(product=product, direction="out")
    return request_access(port, by=mesh.charlie, purpose="Reserving", **more)  # type: ignore[arg-type]


def told() -> list[tuple[str, str]]:
    follow()
    rows = Notification.objects.order_by("id").select_related("user")
    return [(row.user.username, row.kind) for row in rows]


def update(
    product: Product, *, path: str = "description", after: str = "New", actor: User | None
) -> None:
    record(
        [
            NewEvent(
                type="product.updated",
                subject_kind="product",
                subject_key=str(product.ref),
                subject_id=product.pk,
                product_id=product.pk,
                audience=product.audience,
                actor=actor,
                actor_name=str(actor or "source:shop"),
                at=NOW,
                data={"changes": [{"path": path, "before": "", "after": after}]},
            )
        ]
    )


def test_a_request_is_told_to_those_who_may_decide(mesh: Mesh, product: Product) -> None:
    request = ask(mesh, product)
    assert told() == [("alice", "access.requested")]
    row = Notification.objects.get()
    assert row.text == "Charlie Lind asks for access to Settled claims: Reserving"
    assert row.url == f"/approvals/{request.pk}"


def test_a_decision_is_told_to_the_requester(mesh: Mesh, product: Product) -> None:
    decide(ask(mesh, product), by=mesh.alice, approve=False, comment="No basis")
    assert told()[1:] == [("charlie", "access.rejected")]
    assert "No basis" in Notification.objects.latest("id").text


def test_a_withdrawal_is_told_to_the_deciders(mesh: Mesh, product: Product) -> None:
    withdraw(ask(mesh, product), by=mesh.charlie)
    assert told()[1:] == [("alice", "access.withdrawn")]


def test_a_decision_for_a_team_is_told_to_its_members(mesh: Mesh, product: Product) -> None:
    mesh.other_team.memberships.create(user=mesh.bob)
    decide(ask(mesh, product, team=mesh.other_team), by=mesh.alice, approve=True)
    assert told()[1:] == [("bob", "access.approved"), ("charlie", "access.approved")]


def test_the_grantee_hears_of_the_end_of_a_grant(mesh: Mesh, product: Product) -> None:
    ends = timezone.localdate() + timedelta(days=1)
    decide(ask(mesh, product, ends_on=ends), by=mesh.alice, approve=True)
    notice_due()
    expire_due(timezone.now() + timedelta(days=2))
    assert told()[2:] == [("charlie", "grant.expiring"), ("charlie", "grant.expired")]
    assert "ends tomorrow" in Notification.objects.get(kind="grant.expiring").text


def test_the_grantee_hears_why_a_grant_was_revoked(mesh: Mesh, product: Product) -> None:
    grant = decide(ask(mesh, product), by=mesh.alice, approve=True).grant
    revoke(grant, by=mesh.alice, comment="Project over")
    assert told()[-1] == ("charlie", "grant.revoked")
    assert Notification.objects.latest("id").text.endswith("Project over")


def test_a_change_is_told_to_the_team_and_to_followers_but_not_to_its_author(
    mesh: Mesh, product: Product
) -> None:
    Follow.objects.create(user=mesh.charlie, product=product)
    update(product, actor=mesh.alice)
    assert told() == [("bob", "product.updated"), ("charlie", "product.updated")]
    assert Notification.objects.latest("id").created_at == NOW


def test_a_deprecation_says_so(mesh: Mesh, product: Product) -> None:
    update(product, path="status", after="deprecated", actor=mesh.alice)
    follow()
    assert Notification.objects.get().text == "Settled claims is deprecated now."


def test_a_change_is_told_in_words(mesh: Mesh, product: Product) -> None:
    update(product, actor=mesh.alice)
    update(product, path="checks[one]", actor=mesh.alice)
    follow()
    assert list(mesh.bob.notifications.order_by("id").values_list("text", flat=True)) == [
        "Alice Moreau changed Settled claims: description",
        "Alice Moreau changed Settled claims: 1 check",
    ]


def test_a_harvest_that_finds_a_port_is_no_news(mesh: Mesh, product: Product) -> None:
    update(product, path="ports[out,sql,1].location", actor=None)
    follow()
    assert not Notification.objects.exists()


def test_nobody_hears_of_what_they_may_no_longer_see(mesh: Mesh, product: Product) -> None:
    Follow.objects.create(user=mesh.charlie, product=product)
    make_product(visibility="team")
    Notification.objects.all().delete()
    update(Product.objects.get(), actor=mesh.alice)
    assert "charlie" not in {name for name, _ in told()}


def test_following_again_tells_nothing_twice(mesh: Mesh, product: Product) -> None:
    ask(mesh, product)
    assert follow() == 1
    assert follow() == 0
    assert Notification.objects.count() == 1


def test_failing_checks_and_broken_promises_are_told_shortly(mesh: Mesh, product: Product) -> None:
    base = {
        "subject_kind": "product",
        "subject_key": str(product.ref),
        "subject_id": product.pk,
        "product_id": product.pk,
    }
    checks = [{"name": "id is unique"}, {"name": "note is filled"}]
    broken = {
        "name": "Settled claims",
        "objective_name": "Fresh",
        "value": 30.5,
        "comparison": "<=",
        "target": "24",
        "unit": "hours",
    }
    record(
        [
            NewEvent(type="check.failed", data={"name": "claims", "checks": checks}, **base),  # type: ignore[arg-type]
            NewEvent(type="objective.broken", data=broken, **base),  # type: ignore[arg-type]
        ]
    )
    follow()
    texts = list(mesh.bob.notifications.order_by("id").values_list("text", flat=True))
    assert texts == [
        "2 checks failed on claims: id is unique and 1 more",
        "Settled claims breaks a promise, “Fresh”: 30.5 hours, promised <= 24 hours",
    ]


def test_reading_is_counted_for_oneself_only(mesh: Mesh, product: Product) -> None:
    update(product, actor=mesh.admin)
    update(product, actor=mesh.admin, after="Newer")
    follow()
    one = mesh.bob.notifications.first()
    assert one is not None
    assert mark_read(mesh.alice, [one.pk]) == 0
    assert mark_read(mesh.bob, [one.pk]) == 1
    assert (unread_count(mesh.bob), unread_count(mesh.alice)) == (1, 2)
    assert mark_read(mesh.bob) == 1
    assert unread_count(mesh.bob) == 0


def test_many_events_take_as_many_queries_as_one(mesh: Mesh, product: Product) -> None:
    counts = []
    for number in (1, 40):
        for n in range(number):
            update(product, actor=mesh.alice, after=str(n))
        with CaptureQueriesContext(connection) as seen:
            follow()
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 30


def test_the_tokens_of_many_are_those_of_each(mesh: Mesh) -> None:
    people = [mesh.alice, mesh.bob, mesh.charlie, mesh.dana, mesh.admin]
    for person in people:
        forget_tokens(person)
    assert tokens_of([p.pk for p in people]) == {p.pk: viewer_tokens(p) for p in people}


def test_what_is_hidden_by_now_notifies_nobody_of_it(mesh: Mesh) -> None:
    product = make_product("settled-claims")
    follow_product(product, by=mesh.charlie)
    make_product("settled-claims", description="Fresh words.")
    follow()
    assert unread_count(mesh.charlie) == 1
    make_product("settled-claims", description="Fresh words.", visibility="team")
    assert unread_count(mesh.charlie) == 0
    assert list(notifications_of(mesh.charlie)) == []


def test_whoever_holds_a_grant_is_told_that_a_port_closes(mesh: Mesh, product: Product) -> None:
    decide(ask(mesh, product), by=mesh.alice, approve=True)
    told()
    way = PortDescriptor(direction="out", name="sql", sunset_on=date(2031, 3, 1))
    descriptor = product_descriptor(ports=[way, way.model_copy(update={"major": 2})])
    apply(
        [descriptor], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM, by=mesh.alice
    )
    assert ("charlie", "product.updated") in told()
    last = Notification.objects.filter(user=mesh.charlie).order_by("-id")[0]
    assert "port sql, major 1, closes on 2031-03-01" in last.text
    assert last.url == "/products/claims/settled-claims/access"

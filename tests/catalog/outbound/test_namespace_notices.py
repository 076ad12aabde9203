"""Owners and stewards hear what happens to their names."""

from __future__ import annotations

from catalog.events.log import NewEvent, record
from catalog.governance.namespaces import (
    NewOwner,
    dispute_namespace,
    grant_namespace,
    keep_namespace,
    move_namespace,
    release_namespace,
)
from catalog.models import NamespaceClaim, Notification
from catalog.outbound.notifications import follow, notifications_of
from catalog.visibility import SIGNED_IN
from tests.conftest import Mesh

STORE = "postgres://warehouse:5432"


def grant(mesh: Mesh) -> NamespaceClaim:
    return grant_namespace(
        STORE, "claims.", NewOwner.of(mesh.team, None), by=mesh.admin, note="theirs"
    )


def heard() -> dict[str, list[str]]:
    """Return what each person was told since the last time."""
    follow()
    found: dict[str, list[str]] = {}
    for row in Notification.objects.select_related("user").order_by("id"):
        found.setdefault(row.user.username, []).append(row.text)
    Notification.objects.all().delete()
    return found


def test_the_new_owner_and_its_stewards_hear_of_a_grant(mesh: Mesh) -> None:
    claim = grant(mesh)
    people = heard()
    assert "charlie" not in people
    assert "admin" not in people, "nobody hears of what they did"
    assert {"alice", "dana"} <= people.keys()
    assert people["alice"] == [f"Ada Min granted you the names {claim}."]


def test_a_dispute_reaches_those_who_can_end_it(mesh: Mesh) -> None:
    claim = grant(mesh)
    heard()
    dispute_namespace(claim, by=mesh.charlie, word="It is our ledger.")
    people = heard()
    assert {"alice", "dana"} <= people.keys()
    assert people["alice"] == [f"Charlie Lind disputes who owns {claim}: It is our ledger."]
    keep_namespace(claim, by=mesh.dana)
    assert "its owner stays" in heard()["alice"][0]


def test_a_notice_leads_to_the_claim(mesh: Mesh) -> None:
    claim = grant(mesh)
    follow()
    assert notifications_of(mesh.alice).get().url == f"/namespaces/{claim.pk}"


def test_who_gets_names_hears_of_it(mesh: Mesh) -> None:
    claim = grant(mesh)
    heard()
    move_namespace(claim, NewOwner.of(None, mesh.claims), by=mesh.admin, note="")
    assert heard()["dana"] == [f"Ada Min gave you the names {claim}."]


def test_the_first_harvest_of_an_own_source_is_no_news(mesh: Mesh) -> None:
    claim = NewEvent(
        type="namespace.claimed",
        subject_kind="namespace",
        subject_key=STORE,
        subject_id=1,
        audience=SIGNED_IN,
        data={"origin": "harvested", "team": mesh.team.key, "domain": None},
    )
    record([claim])
    assert heard() == {}


def test_what_ended_leads_to_the_list(mesh: Mesh) -> None:
    release_namespace(grant(mesh), by=mesh.admin)
    follow()
    last = Notification.objects.filter(user=mesh.alice).latest("id")
    assert (last.kind, last.url) == ("namespace.released", "/namespaces")

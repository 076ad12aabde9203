"""The pages of namespaces, as a browser without JavaScript uses them."""

from __future__ import annotations

from django.test import Client

from catalog.descriptors import LayerKind
from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.models import NamespaceClaim
from catalog.people.authority import PersonAuthority
from catalog.registry.apply import apply
from catalog.visibility import team_token
from tests.conftest import Mesh
from tests.factories import dataset_descriptor, make_dataset

STORE = "postgres://warehouse:5432"


def grant(mesh: Mesh) -> NamespaceClaim:
    return grant_namespace(
        STORE, "claims.", NewOwner.of(mesh.team, None), by=mesh.dana, note="their store"
    )


def test_an_empty_list_has_its_next_step(mesh: Mesh, client: Client) -> None:
    client.force_login(mesh.dana)
    assert "/namespaces/new" in client.get("/namespaces").content.decode()
    client.force_login(mesh.charlie)
    page = client.get("/namespaces").content.decode()
    assert "/namespaces/new" not in page
    assert "stewards and platform admins" in page


def test_a_steward_grants_and_everybody_reads_who_owns(mesh: Mesh, client: Client) -> None:
    client.force_login(mesh.dana)
    said = {"namespace": STORE, "begins": "claims.", "owner": "team:claims-team", "note": "theirs"}
    page = client.post("/namespaces/new", said, follow=True).content.decode()
    assert "belongs to Claims Analytics now" in page
    make_dataset("claims.ledger", namespace=STORE)
    client.force_login(mesh.charlie)
    page = client.get("/namespaces?q=warehouse").content.decode()
    for word in (STORE, "claims.…", "Claims Analytics", "Granted", "Dana Roth"):
        assert word in page
    assert "No namespace matches" in client.get("/namespaces?q=nothing").content.decode()
    page = client.get(f"/namespaces/{NamespaceClaim.objects.get().pk}").content.decode()
    assert "claims.ledger" in page
    assert "gave an owner to the namespace" in page
    assert "Move it" not in page


def test_what_cannot_be_granted_is_said_beside_its_field(mesh: Mesh, client: Client) -> None:
    grant(mesh)
    client.force_login(mesh.admin)
    said = {"namespace": STORE, "begins": "claims.", "owner": "domain:policy"}
    answer = client.post("/namespaces/new", said)
    assert answer.status_code == 422
    assert "Somebody owns these names" in answer.content.decode()


def test_a_stranger_disputes_and_a_steward_moves(mesh: Mesh, client: Client) -> None:
    claim = grant(mesh)
    do = f"/namespaces/{claim.pk}/do"
    client.force_login(mesh.charlie)
    page = client.post(do, {"do": "dispute", "word": "It is our ledger."}, follow=True)
    assert "It is our ledger." in page.content.decode()
    assert client.post(do, {"do": "move", "owner": "team:policy-team"}).status_code in {403, 422}
    client.force_login(mesh.dana)
    text = client.get(f"/namespaces/{claim.pk}").content.decode()
    assert "Charlie Lind disputes this" in text
    page = client.post(do, {"do": "move", "owner": "team:policy-team"}, follow=True)
    assert "belongs to Policy Platform now" in page.content.decode()
    claim.refresh_from_db()
    assert (claim.team, claim.disputed_at) == (mesh.other_team, None)


def test_who_may_not_grant_finds_no_form(mesh: Mesh, client: Client) -> None:
    claim = grant(mesh)
    client.force_login(mesh.alice)
    assert client.get("/namespaces/new").status_code == 404
    for do in ("release", "move", "keep", "nonsense"):
        client.post(f"/namespaces/{claim.pk}/do", {"do": do, "owner": "team:policy-team"})
    claim.refresh_from_db()
    assert (claim.team, claim.revision) == (mesh.team, 1)


def test_names_that_nobody_owns_are_listed_for_their_sender_and_admins(
    mesh: Mesh, client: Client
) -> None:
    rights = PersonAuthority(mesh.bob, kept_for=team_token(mesh.team.pk))
    for name in ("raw.a", "raw.b"):
        apply(
            [dataset_descriptor(name, namespace="kafka://events:9092", domain=None, team=None)],
            layer=LayerKind.DECLARED,
            source="push:test",
            authority=rights,
            by=mesh.bob,
        )
    address = "/namespaces?show=unclaimed"
    client.force_login(mesh.admin)
    page = client.get(address).content.decode()
    assert "kafka://events:9092" in page
    assert "Claims Analytics" in page
    assert "/namespaces/new?namespace=kafka%3A%2F%2Fevents%3A9092" in page
    client.force_login(mesh.bob)
    page = client.get(address).content.decode()
    assert "kafka://events:9092" in page
    assert "/namespaces/new?namespace" not in page
    listed = client.get("/api/v1/datasets?unclaimed=true").json()
    assert [row["name"] for row in listed["results"]] == ["raw.a", "raw.b"]
    assert client.get("/api/v1/datasets?unclaimed=false").json()["total"] == 0
    client.force_login(mesh.charlie)
    page = client.get(address).content.decode()
    assert "Nothing waits for an owner" in page
    assert client.get("/api/v1/datasets?unclaimed=true").json()["total"] == 0
    grant_namespace("kafka://events:9092", "", NewOwner.of(mesh.team, None), by=mesh.admin, note="")
    client.force_login(mesh.admin)
    assert "Nothing waits for an owner" in client.get(address).content.decode()

"""The vault: secrets go in and never come out, and only sources of their team use them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import connection
from django.test import Client

from catalog.models import Domain, Event, Role, Team
from catalog.people.teams import set_member
from ingestors.authority.cipher import Cipher, KeysInvalid, Undecipherable, make_key
from ingestors.models import RunState, Secret, Source
from ingestors.services import vault
from ingestors.services.runs import run_source
from ingestors.services.sources import SourceInvalid, create_source, update_source
from ingestors.services.vault import SecretInvalid, VaultClosed
from tests.conftest import Mesh
from tests.factories import make_user

HUNTER = "hunter2-hunter2"
NO_TEAM = "no team whose sources you manage has this key"


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.VAULT_KEYS = make_key()


def add(
    mesh: Mesh, reference: str, *, by: Any, team: Team | None = None, domain: Domain | None = None
) -> Source:
    return create_source(
        name="Store",
        connector="sql",
        config={"url": reference},
        domain=domain or mesh.claims,
        team=team or mesh.team,
        by=by,
    )


def everything_kept() -> str:
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            said += [repr(row) for row in cursor.fetchall()]
    return "\n".join(said)


def test_a_secret_is_kept_encrypted_and_used_by_the_sources_of_its_team(
    mesh: Mesh, store: Any
) -> None:
    vault.create_secret(mesh.team, name="store", value=f"sqlite:///{store}", by=mesh.bob)
    source = add(mesh, "vault:store", by=mesh.bob)
    run = run_source(source)
    assert (run.state, run.created_count) == (RunState.SUCCEEDED, 4)
    kept = Secret.objects.get()
    assert str(store) not in kept.sealed
    assert {one.key for one in vault.use_of([kept])[kept.pk]} == {"store"}


def test_its_value_stands_nowhere(mesh: Mesh) -> None:
    secret = vault.create_secret(mesh.team, name="a", value=HUNTER, by=mesh.bob)
    vault.replace_secret(secret, value=f"{HUNTER}-again", by=mesh.alice)
    vault.create_secret(mesh.team, name="b", value=f"nonsense://{HUNTER}", by=mesh.bob)
    run_source(add(mesh, "vault:b", by=mesh.bob))
    vault.delete_secret(secret, by=mesh.alice)
    assert HUNTER not in everything_kept()
    assert HUNTER not in serialize("json", Secret.objects.all())
    told = Event.objects.filter(subject_kind="secret").order_by("id")
    assert [one.type for one in told] == [
        "secret.added",
        "secret.replaced",
        "secret.added",
        "secret.removed",
    ]
    assert {one.audience for one in told} == {f"team:{mesh.team.pk}"}


def test_another_team_uses_it_by_no_name(mesh: Mesh) -> None:
    vault.create_secret(mesh.team, name="store", value="sqlite:////x", by=mesh.bob)
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)
    with pytest.raises(SourceInvalid, match="the team's secrets are none yet"):
        add(mesh, "vault:store", by=mesh.charlie, team=mesh.other_team, domain=mesh.policy)
    with pytest.raises(SourceInvalid, match="an owner or engineer of Claims Analytics"):
        add(mesh, "vault:store", by=mesh.charlie, team=mesh.team)
    kept = Source.objects.create(
        key="k", name="K", connector="sql", config={"url": "vault:store"},
        domain=mesh.policy, team=mesh.other_team,
    )  # fmt: skip
    assert "the team has no secret 'store'" in run_source(kept).error
    with pytest.raises(SourceInvalid):
        update_source(
            kept, by=mesh.charlie, name="K", connector="sql", config={"url": "vault:store"},
            domain=mesh.policy, team=mesh.team, schedule="", rules=[],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("alice", True), ("bob", True), ("dana", True), ("admin", True)),
        *(("charlie", False), ("member", False), ("steward", False), ("inactive", False)),
    ],
)
def test_who_may_keep_replace_and_delete(mesh: Mesh, who: str, may: bool) -> None:
    people: dict[str, Any] = {**mesh.people}
    for name, role in (
        ("member", Role.MEMBER),
        ("steward", Role.STEWARD),
        ("inactive", Role.OWNER),
    ):
        people[name] = make_user(name)
        set_member(mesh.team, people[name], role=role, by=None)
    people["inactive"].is_active = False
    people["inactive"].save()
    by = people[who]
    kept = vault.create_secret(mesh.team, name="kept", value="x", by=None)
    deeds = (
        lambda: vault.create_secret(mesh.team, name="new", value="x", by=by),
        lambda: vault.replace_secret(kept, value="y", by=by),
        lambda: vault.delete_secret(kept, by=by),
    )
    for deed in deeds:
        if may:
            deed()
        else:
            with pytest.raises(PermissionDenied):
                deed()
    assert set(Secret.objects.values_list("name", flat=True)) == ({"new"} if may else {"kept"})
    assert vault.secrets_for(by).exists() is may


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        *(("Not A Key", "x", "name"), ("taken", "x", "name")),
        *(("a", "", "value"), ("a", "a\0b", "value"), ("a", "x" * 20_000, "value")),
    ],
)
def test_what_cannot_be_kept_is_refused(mesh: Mesh, name: str, value: str, field: str) -> None:
    vault.create_secret(mesh.team, name="taken", value="x", by=None)
    with pytest.raises(SecretInvalid) as refused:
        vault.create_secret(mesh.team, name=name, value=value, by=mesh.bob)
    assert refused.value.field == field


def test_without_a_key_nothing_is_kept_and_none_is_made_up(mesh: Mesh, settings: Any) -> None:
    vault.create_secret(mesh.team, name="store", value="sqlite:////x", by=mesh.bob)
    source = add(mesh, "vault:store", by=mesh.bob)
    settings.VAULT_KEYS = ""
    with pytest.raises(VaultClosed, match="GAZETTEER_VAULT_KEYS"):
        vault.create_secret(mesh.team, name="b", value="x", by=mesh.bob)
    assert "GAZETTEER_VAULT_KEYS" in run_source(source).error
    assert "gazetteer.I002" in {m.id for m in run_checks(include_deployment_checks=True)}
    settings.VAULT_KEYS = "no key"
    assert "gazetteer.E005" in {m.id for m in run_checks()}
    settings.VAULT_KEYS = make_key()
    assert "cannot be decrypted" in run_source(source).error


def test_keys_are_rotated(mesh: Mesh, settings: Any) -> None:
    old, new = make_key(), make_key()
    settings.VAULT_KEYS = old
    vault.create_secret(mesh.team, name="a", value=HUNTER, by=None)
    settings.VAULT_KEYS = f"{new}\n{old}"
    out = StringIO()
    call_command("vault", "rotate", stdout=out)
    assert out.getvalue() == "1 secrets are encrypted with the first key\n"
    settings.VAULT_KEYS = new
    assert vault.reveal(mesh.team, "a") == HUNTER
    settings.VAULT_KEYS = make_key()
    with pytest.raises(CommandError, match="no key decrypts claims-team/a"):
        call_command("vault", "rotate", stdout=StringIO())


def test_a_ciphertext_in_the_place_of_another_is_none(mesh: Mesh) -> None:
    mine = vault.create_secret(mesh.team, name="a", value=HUNTER, by=None)
    theirs = vault.create_secret(mesh.other_team, name="a", value="x", by=None)
    Secret.objects.filter(pk=theirs.pk).update(sealed=mine.sealed)
    with pytest.raises(VaultClosed):
        vault.reveal(mesh.other_team, "a")


def test_a_cipher_says_nothing_of_its_keys() -> None:
    assert repr(Cipher([make_key()])) == "Cipher(•••)"
    with pytest.raises(KeysInvalid) as refused:
        Cipher(["hunter2"])
    assert "hunter2" not in str(refused.value)
    with pytest.raises(Undecipherable):
        Cipher([make_key()]).open("nonsense", name="x")


def test_the_page_keeps_replaces_and_deletes(mesh: Mesh, client: Client) -> None:
    client.force_login(mesh.bob)
    page = f"/teams/{mesh.team.key}/secrets"
    assert "No secrets yet" in client.get(page).content.decode()
    client.post(page, {"name": "store", "value": HUNTER, "note": "Reader of claims"})
    secret = Secret.objects.get()
    add(mesh, "vault:store", by=mesh.bob)
    shown = client.get(page).content.decode()
    for said in ("vault:store", "Reader of claims", "Bob Osei", "/sources/store"):
        assert said in shown
    assert HUNTER not in shown
    before = secret.sealed
    client.post(f"/secrets/{secret.pk}/replace", {"value": "another"})
    secret.refresh_from_db()
    assert secret.sealed != before
    assert vault.reveal(mesh.team, "store") == "another"
    client.post(f"/secrets/{secret.pk}/delete", {"confirm": "stor"})
    assert Secret.objects.exists()
    client.post(f"/secrets/{secret.pk}/delete", {"confirm": "store"})
    assert not Secret.objects.exists()


def test_a_refused_form_does_not_give_the_secret_back(mesh: Mesh, client: Client) -> None:
    client.force_login(mesh.bob)
    answer = client.post(f"/teams/{mesh.team.key}/secrets", {"name": "Not A Key", "value": HUNTER})
    assert answer.status_code == 422
    assert HUNTER not in answer.content.decode()


def test_strangers_find_no_page(mesh: Mesh, client: Client) -> None:
    secret = vault.create_secret(mesh.team, name="a", value="x", by=None)
    client.force_login(mesh.charlie)
    assert client.get(f"/teams/{mesh.team.key}/secrets").status_code == 404
    for deed in ("replace", "delete"):
        answer = client.post(f"/secrets/{secret.pk}/{deed}", {"value": "y", "confirm": "a"})
        assert answer.status_code == 404
    assert "Secrets" not in client.get(f"/teams/{mesh.team.key}").content.decode()
    assert vault.reveal(mesh.team, "a") == "x"


def test_the_api_keeps_lists_replaces_and_deletes(mesh: Mesh, client: Client) -> None:
    client.force_login(mesh.bob)

    def send(method: str, address: str, body: dict[str, str] | None = None) -> Any:
        call = getattr(client, method)
        return call(f"/api/v1/secrets{address}", json.dumps(body), content_type="application/json")

    made = send("post", "", {"team": mesh.team.key, "name": "store", "value": HUNTER})
    assert made.status_code == 201
    assert (made.json()["reference"], made.json()["usedBy"]) == ("vault:store", [])
    add(mesh, "vault:store", by=mesh.bob)
    listed = client.get(f"/api/v1/secrets?team={mesh.team.key}")
    assert [one["usedBy"] for one in listed.json()["results"]] == [["store"]]
    number = made.json()["id"]
    assert send("put", f"/{number}", {"value": "another"}).status_code == 200
    assert vault.reveal(mesh.team, "store") == "another"
    again = send("post", "", {"team": mesh.team.key, "name": "store", "value": "x"})
    assert (again.status_code, again.json()["errors"][0]["path"]) == (422, "name")
    assert HUNTER not in made.content.decode() + listed.content.decode()
    client.force_login(mesh.charlie)
    assert client.get("/api/v1/secrets").json()["results"] == []
    hidden = {"team": mesh.team.key, "name": "b", "value": "x"}
    missing = {**hidden, "team": "no-such-team"}
    answers = [send("post", "", one) for one in (hidden, missing)]
    assert [one.status_code for one in answers] == [422, 422]
    assert [one.json()["errors"][0]["message"] for one in answers] == [NO_TEAM, NO_TEAM]
    assert send("put", f"/{number}", {"value": "x"}).status_code == 404
    assert send("delete", f"/{number}").status_code == 404
    client.force_login(mesh.bob)
    assert send("delete", f"/{number}").status_code == 204
    assert not Secret.objects.exists()


def test_the_command_sets_lists_and_removes(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    for value in ("one", "two"):
        monkeypatch.setattr("sys.stdin", StringIO(f"{value}\n"))
        call_command("vault", "set", mesh.team.key, "store", stdout=out)
    assert vault.reveal(mesh.team, "store") == "two"
    call_command("vault", "list", stdout=out)
    assert "claims-team/store  since" in out.getvalue()
    call_command("vault", "remove", mesh.team.key, "store", stdout=out)
    assert not Secret.objects.exists()
    with pytest.raises(CommandError, match="known are"):
        call_command("vault", "remove", "nobody", "store")

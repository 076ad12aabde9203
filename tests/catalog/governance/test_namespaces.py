"""Claims on namespaces: harvested, granted, moved, disputed; datasets and ports follow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from catalog.descriptors import DatasetAddress, LayerKind, PortDescriptor
from catalog.governance.namespace_lists import datasets_of, listed
from catalog.governance.namespaces import (
    AlreadyClaimed,
    ClaimRefused,
    Harvester,
    NewOwner,
    claim_found,
    common_head,
    dispute_namespace,
    grant_namespace,
    keep_namespace,
    move_namespace,
    release_namespace,
)
from catalog.models import Dataset, Event, NamespaceClaim, PortDataset, Product, Role, User
from catalog.people.authority import PersonAuthority
from catalog.people.domains import save_domain
from catalog.people.namespaces import NameRights
from catalog.people.teams import set_member, set_steward
from catalog.registry.apply import apply
from catalog.registry.edit import edit
from catalog.registry.missing_datasets import mark_gone
from catalog.registry.outcomes import Outcome
from tests.conftest import Mesh
from tests.factories import (
    NAMESPACE,
    dataset_descriptor,
    make_dataset,
    make_product,
    product_descriptor,
)

STORE = "postgres://warehouse:5432"
NOW = timezone.now()


def harvester(mesh: Mesh, *, is_named: bool = False) -> Harvester:
    return Harvester("source:warehouse", mesh.team, mesh.claims, is_named)


def other_harvester(mesh: Mesh, *, is_named: bool = False) -> Harvester:
    return Harvester("source:copy", mesh.other_team, mesh.policy, is_named)


def push(name: str, by: User, namespace: str = STORE, **said: object) -> Outcome:
    described = dataset_descriptor(name, namespace=namespace, **said)
    return apply(
        [described],
        layer=LayerKind.DECLARED,
        source="push:test",
        authority=PersonAuthority(by),
        by=by,
    ).outcomes[0]


def serves(name: str, namespace: str = STORE) -> PortDescriptor:
    at = DatasetAddress(namespace=namespace, name=name)
    return PortDescriptor(direction="out", name="sql", technology="postgres", datasets=[at])


def claims() -> dict[tuple[str, str], str]:
    return {(c.namespace, c.prefix): c.owner for c in NamespaceClaim.objects.all()}


@pytest.mark.parametrize(
    ("names", "are_paths", "head"),
    [
        (["claims.public.a", "claims.public.b"], False, "claims.public."),
        (["claims.public.a", "claims.raw.b"], False, "claims."),
        (["claims.public.ledger"], False, "claims.public."),
        (["ledger", "ledger_old"], False, ""),
        (["/data/claims/a.csv", "/data/claims/2025/b.csv"], True, "/data/claims/"),
        (["settled.csv"], True, ""),
    ],
)
def test_a_harvest_claims_up_to_what_its_names_share(
    names: list[str], are_paths: bool, head: str
) -> None:
    assert common_head(names, are_paths) == head


def test_the_first_harvest_claims_and_the_second_claims_what_is_left(mesh: Mesh) -> None:
    claim_found({(STORE, "claims.public.a"): False}, harvester(mesh), at=NOW)
    found = {(STORE, "claims.public.a"): False, (STORE, "policy.public.b"): False}
    claim_found(found, other_harvester(mesh), at=NOW)
    assert claims() == {
        (STORE, "claims.public."): "Claims Analytics",
        (STORE, "policy.public."): "Policy Platform",
    }
    claim_found(found, harvester(mesh), at=NOW)
    assert NamespaceClaim.objects.count() == 2
    told = Event.objects.filter(type="namespace.claimed").values_list("actor_name", flat=True)
    assert sorted(told) == ["source:copy", "source:warehouse"]


def test_a_store_that_answers_under_its_own_name_wins_over_a_configured_one(mesh: Mesh) -> None:
    found = {(STORE, "claims.public.ledger"): False}
    claim_found(found, other_harvester(mesh, is_named=True), at=NOW)
    assert claims() == {(STORE, "claims.public."): "Policy Platform"}
    claim_found(found, harvester(mesh, is_named=True), at=NOW)
    assert claims() == {(STORE, "claims.public."): "Policy Platform"}
    claim_found(found, harvester(mesh), at=NOW)
    assert claims() == {(STORE, "claims.public."): "Claims Analytics"}
    assert Event.objects.filter(type="namespace.moved").count() == 1


def test_who_does_not_own_a_namespace_makes_no_dataset_in_it(mesh: Mesh) -> None:
    claim_found({(STORE, "claims.public.a"): False}, harvester(mesh), at=NOW)
    outcome = push("claims.public.b", mesh.charlie)
    assert outcome.status == "refused"
    [problem] = outcome.problems
    assert (problem.path, problem.value) == ("namespace", STORE)
    assert "Claims Analytics" in problem.message
    assert not Dataset.objects.filter(namespace=STORE).exists()
    assert push("claims.public.b", mesh.bob).status == "created"


def test_a_harvest_with_the_rights_of_another_team_changes_nothing(mesh: Mesh) -> None:
    ledger = make_dataset("ledger", namespace=STORE)
    said = dataset_descriptor("ledger", namespace=STORE, domain="policy", team="policy-team")
    applied = apply(
        [said],
        layer=LayerKind.HARVESTED,
        source="source:copy",
        authority=other_harvester(mesh).authority(),
        at=NOW,
    )
    assert [o.status for o in applied.outcomes] == ["refused"]
    ledger.refresh_from_db()
    assert ledger.team == mesh.team


def test_a_name_claimed_by_push_is_its_owners_once_they_harvest_it(mesh: Mesh) -> None:
    said = {"domain": "policy", "team": "policy-team"}
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)
    assert push("claims.public.ledger", mesh.charlie, **said).status == "created"
    product = make_product(
        "window", domain="policy", team="policy-team", ports=[serves("claims.public.ledger")]
    )
    assert PortDataset.objects.get(port__product=product).dataset is not None
    claim_found({(STORE, "claims.public.ledger"): False}, harvester(mesh), at=NOW)
    owned = dataset_descriptor(
        "claims.public.ledger", namespace=STORE, domain="claims", team="claims-team"
    )
    applied = apply(
        [owned],
        layer=LayerKind.HARVESTED,
        source="source:warehouse",
        authority=harvester(mesh).authority(),
        at=NOW + timedelta(seconds=1),
    )
    assert applied.refused == ()
    ledger = Dataset.objects.get(name="claims.public.ledger")
    assert (ledger.team, ledger.domain) == (mesh.team, mesh.claims)
    assert ledger.product is None
    assert PortDataset.objects.get(port__product=product).dataset is None
    assert push("claims.public.ledger", mesh.charlie, **said).status == "refused"


def test_a_port_over_a_dataset_of_others_is_refused_with_a_word_whom_to_ask(mesh: Mesh) -> None:
    save_domain(
        "claims",
        name="Claims",
        parent=mesh.claims.parent,
        visibility="team",
        team=mesh.team,
        by=None,
    )
    ledger = make_dataset("ledger", namespace=STORE)
    NamespaceClaim.objects.create(namespace=STORE, team=mesh.team, domain=None, origin="granted")
    said = product_descriptor(
        "window",
        domain="policy",
        team="policy-team",
        visibility="everyone",
        ports=[serves("ledger")],
    )
    [outcome] = apply(
        [said],
        layer=LayerKind.DECLARED,
        source="push:x",
        authority=PersonAuthority(mesh.admin),
        by=mesh.admin,
    ).outcomes
    assert outcome.status == "refused"
    assert outcome.problems[0].path == "ports[out,sql,1].datasets"
    assert "Claims Analytics" in outcome.problems[0].message
    ledger.refresh_from_db()
    assert ledger.audience == f"team:{mesh.team.pk}"


def test_a_port_that_waited_for_a_dataset_of_others_is_not_linked_to_it(mesh: Mesh) -> None:
    make_product(
        "window",
        domain="policy",
        team="policy-team",
        visibility="everyone",
        ports=[serves("ledger")],
    )
    save_domain(
        "claims",
        name="Claims",
        parent=mesh.claims.parent,
        visibility="team",
        team=mesh.team,
        by=None,
    )
    ledger = make_dataset("ledger", namespace=STORE)
    assert PortDataset.objects.get().dataset is None
    assert ledger.audience == f"team:{mesh.team.pk}"
    make_product("own", ports=[serves("ledger")])
    assert Dataset.objects.get(pk=ledger.pk).product == Product.objects.get(key="own")


def test_what_a_product_serves_already_does_not_keep_it_from_changing(mesh: Mesh) -> None:
    ledger = make_dataset("ledger", namespace=STORE)
    product = make_product("window", domain="policy", team="policy-team", ports=[serves("ledger")])
    PortDataset.objects.filter(port__product=product).update(dataset=ledger)
    said = product_descriptor(
        "window",
        domain="policy",
        team="policy-team",
        description="Now with words",
        ports=[serves("ledger")],
    )
    [outcome] = apply(
        [said],
        layer=LayerKind.DECLARED,
        source="push:x",
        authority=PersonAuthority(mesh.admin),
        by=mesh.admin,
    ).outcomes
    assert outcome.status != "refused"


def test_stewards_grant_in_their_domains_and_admins_everywhere(mesh: Mesh) -> None:
    team, domain = NewOwner.of(mesh.team, None), NewOwner.of(None, mesh.policy)
    with pytest.raises(PermissionDenied):
        grant_namespace(STORE, "", team, by=mesh.alice)
    claim = grant_namespace(STORE, "", team, by=mesh.dana, note="their warehouse")
    assert (claim.owner, claim.domain, claim.by) == ("Claims Analytics", mesh.claims, mesh.dana)
    with pytest.raises(AlreadyClaimed):
        grant_namespace(STORE, "", domain, by=mesh.admin)
    assert grant_namespace(STORE, "policy.", domain, by=mesh.admin).owner == "Policy"


def test_a_steward_of_one_domain_takes_nothing_from_another(mesh: Mesh) -> None:
    set_steward(mesh.policy, mesh.charlie, by=None)
    claim = grant_namespace(STORE, "", NewOwner.of(mesh.team, None), by=mesh.admin)
    mine = NewOwner.of(None, mesh.policy)
    with pytest.raises(PermissionDenied):
        move_namespace(claim, mine, by=mesh.charlie)
    with pytest.raises(PermissionDenied):
        grant_namespace(STORE, "claims.", mine, by=mesh.charlie)
    with pytest.raises(PermissionDenied):
        release_namespace(claim, by=mesh.charlie)
    claim.refresh_from_db()
    assert (claim.team, claim.revision) == (mesh.team, 1)


def test_datasets_follow_when_a_namespace_is_moved(mesh: Mesh) -> None:
    claim = grant_namespace(STORE, "", NewOwner.of(mesh.team, None), by=mesh.admin)
    ledger = make_dataset("ledger", namespace=STORE)
    edit(ledger, changes={"description": "kept"}, by=mesh.alice)
    product = make_product("own", ports=[serves("ledger")])
    move_namespace(claim, NewOwner.of(mesh.other_team, None), by=mesh.dana, note="reorganised")
    ledger.refresh_from_db()
    assert (ledger.team, ledger.domain) == (mesh.other_team, mesh.policy)
    assert (ledger.description, ledger.product) == ("kept", None)
    assert PortDataset.objects.get(port__product=product).dataset is None
    assert push("ledger", mesh.bob).status == "refused"


def test_what_was_kept_apart_becomes_the_owners(mesh: Mesh) -> None:
    said = dataset_descriptor("raw", namespace=STORE)
    token = NameRights.of_person(mesh.bob).token
    sender = PersonAuthority(mesh.bob, kept_for=token)
    apply([said], layer=LayerKind.HARVESTED, source="openlineage", authority=sender, at=NOW)
    raw = Dataset.objects.get(name="raw")
    assert raw.audience == token
    grant_namespace(STORE, "", NewOwner.of(mesh.other_team, None), by=mesh.admin)
    raw.refresh_from_db()
    assert (raw.team, raw.kept_for) == (mesh.other_team, "")
    assert raw in Dataset.objects.visible_to(mesh.charlie)


def test_a_dispute_is_said_once_and_ends_with_a_decision(mesh: Mesh) -> None:
    claim = grant_namespace(STORE, "", NewOwner.of(mesh.team, None), by=mesh.admin)
    with pytest.raises(ClaimRefused):
        dispute_namespace(claim, by=mesh.charlie, word=" ")
    dispute_namespace(claim, by=mesh.charlie, word="It is our ledger.")
    with pytest.raises(ClaimRefused):
        dispute_namespace(claim, by=mesh.charlie, word="Again.")
    told = Event.objects.get(type="namespace.disputed")
    assert (told.actor, told.data["word"]) == (mesh.charlie, "It is our ledger.")
    with pytest.raises(PermissionDenied):
        keep_namespace(claim, by=mesh.alice)
    keep_namespace(claim, by=mesh.dana)
    claim.refresh_from_db()
    assert (claim.disputed_at, claim.dispute) == (None, "")
    dispute_namespace(claim, by=mesh.charlie, word="It still is.")
    move_namespace(claim, NewOwner.of(mesh.other_team, None), by=mesh.dana)
    claim.refresh_from_db()
    assert (claim.disputed_at, claim.team) == (None, mesh.other_team)


def test_lists_count_what_the_reader_sees_under_the_longest_prefix(mesh: Mesh) -> None:
    wide = grant_namespace(NAMESPACE, "", NewOwner.of(mesh.team, None), by=mesh.admin)
    grant_namespace(NAMESPACE, "Main.", NewOwner.of(mesh.other_team, None), by=mesh.admin)
    for name in ("main.a", "main.b", "other"):
        make_dataset(name)
    save_domain("hidden", name="Hidden", visibility="team", team=mesh.team, by=None)
    make_dataset("unseen", domain="hidden")
    counts = {
        (c.prefix, who.username): getattr(c, "dataset_count", None)
        for who in (mesh.alice, mesh.charlie)
        for c in listed(who)
    }
    assert counts == {
        ("", "alice"): 4,
        ("Main.", "alice"): 0,
        ("", "charlie"): 3,
        ("Main.", "charlie"): 0,
    }
    assert {d.name for d in datasets_of(wide, mesh.charlie)} == {"main.a", "main.b", "other"}


def test_claims_of_hidden_domains_are_seen_by_their_people(mesh: Mesh) -> None:
    hidden = save_domain("hidden", name="Hidden", visibility="team", team=mesh.team, by=None)
    grant_namespace(STORE, "", NewOwner.of(None, hidden), by=mesh.admin)
    seen = {name for name, who in mesh.people.items() if listed(who).exists()}
    assert seen == {"alice", "bob", "dana", "admin"}
    told = Event.objects.visible_to(mesh.charlie).filter(type__startswith="namespace.")
    assert not told.exists()


def test_a_released_namespace_is_nobodys_and_keeps_what_is_there(mesh: Mesh) -> None:
    claim = grant_namespace(STORE, "", NewOwner.of(mesh.team, None), by=mesh.admin)
    make_dataset("ledger", namespace=STORE)
    release_namespace(claim, by=mesh.dana)
    assert not NamespaceClaim.objects.exists()
    assert Dataset.objects.get(name="ledger").team == mesh.team
    assert push("new", mesh.charlie).status == "created"


def test_a_steward_grants_no_names_under_which_others_have_datasets(mesh: Mesh) -> None:
    set_steward(mesh.policy, mesh.charlie, by=None)
    said = {"domain": "claims", "team": "claims-team"}
    assert push("claims.ledger", mesh.bob, **said).status == "created"
    mine = NewOwner.of(None, mesh.policy)
    with pytest.raises(ClaimRefused, match="others have datasets"):
        grant_namespace(STORE, "", mine, by=mesh.charlie)
    ledger = Dataset.objects.get(name="claims.ledger")
    assert (ledger.team, ledger.domain) == (mesh.team, mesh.claims)
    assert not NamespaceClaim.objects.exists()
    assert grant_namespace(STORE, "policy.", mine, by=mesh.charlie).owner == "Policy"


def test_who_decides_is_asked_of_the_claim_as_it_stands_now(mesh: Mesh) -> None:
    set_steward(mesh.policy, mesh.charlie, by=None)
    claim = grant_namespace(STORE, "", NewOwner.of(None, mesh.policy), by=mesh.admin)
    read_before = NamespaceClaim.objects.get(pk=claim.pk)
    move_namespace(claim, NewOwner.of(mesh.team, None), by=mesh.admin)
    with pytest.raises(PermissionDenied):
        move_namespace(read_before, NewOwner.of(None, mesh.policy), by=mesh.charlie)
    assert claims() == {(STORE, ""): "Claims Analytics"}


def test_what_is_kept_apart_for_one_sender_is_described_by_no_other(mesh: Mesh) -> None:
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)
    sender = PersonAuthority(mesh.bob, kept_for=NameRights.of_person(mesh.bob).token)
    said = dataset_descriptor("raw", namespace=STORE)
    apply([said], layer=LayerKind.HARVESTED, source="openlineage", authority=sender, at=NOW)
    theirs = {"domain": "policy", "team": "policy-team"}
    assert push("raw", mesh.charlie, **theirs).status == "refused"
    raw = Dataset.objects.get(name="raw")
    assert mark_gone({raw.pk: NOW}, source="x", authority=PersonAuthority(mesh.charlie)) == ()
    assert raw not in Dataset.objects.visible_to(mesh.charlie)
    mine = {"domain": "claims", "team": "claims-team"}
    assert push("raw", mesh.bob, **mine).status == "changed"

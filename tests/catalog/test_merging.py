"""Domains and teams end, and hand on what they had."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from catalog.access.requests import decide, request_access
from catalog.descriptors import LayerKind
from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.merging import holdings, retire_domain, retire_team
from catalog.models import (
    Dataset,
    Domain,
    Event,
    Grant,
    Membership,
    NamespaceClaim,
    Product,
    Role,
    Team,
)
from catalog.people.domains import save_domain
from catalog.people.invitations import find_invitation, invite
from catalog.people.keys import key_today
from catalog.people.refusals import ChangeRefused
from catalog.people.teams import save_team, set_member, set_steward
from catalog.people.viewers import forget_tokens
from catalog.registry.apply import apply
from catalog.registry.remove import remove_product
from ingestors.models import Secret, Source
from ingestors.services.sources import create_source
from ingestors.services.vault import create_secret
from tests.conftest import Mesh
from tests.factories import NAMESPACE, SYSTEM, make_dataset, make_product, product_descriptor


@pytest.fixture
def full(mesh: Mesh, settings: LazySettings) -> Mesh:
    """The team of claims with one of everything."""
    settings.VAULT_KEYS = Fernet.generate_key().decode()
    make_product(visibility="team")
    make_dataset()
    create_secret(mesh.team, name="warehouse", value="x", by=mesh.alice)
    grant_namespace(NAMESPACE, "", NewOwner.of(mesh.team, None), by=mesh.admin)
    create_source(
        name="Shop",
        connector="files",
        config={"path": "/nowhere/*.csv"},
        domain=mesh.claims,
        team=mesh.team,
        by=mesh.alice,
    )
    return mesh


def make_shared(mesh: Mesh) -> Product:
    return make_product("premiums", domain="policy", team="policy-team")


def test_everything_of_a_team_goes_to_its_successor(full: Mesh) -> None:
    mesh = full
    retire_team(mesh.team, successor=mesh.other_team, by=mesh.dana)
    assert not Team.objects.filter(key="claims-team").exists()
    for model in (Product, Dataset, Source, Secret, NamespaceClaim):
        assert model._default_manager.get().team == mesh.other_team, model
    roles = dict(Membership.objects.values_list("user__username", "role"))
    assert roles == {"alice": "owner", "bob": "engineer", "charlie": "member"}
    assert key_today(Team, "claims-team", mesh.charlie) == "policy-team"


def test_who_sees_it_are_the_people_of_the_successor(full: Mesh) -> None:
    mesh = full
    assert not Product.objects.visible_to(mesh.charlie).exists()
    retire_team(mesh.team, successor=mesh.other_team, by=mesh.dana)
    forget_tokens(mesh.charlie)
    assert Product.objects.visible_to(mesh.charlie).exists()
    assert not Product.objects.visible_to(AnonymousUser()).exists()


def test_pushes_under_the_old_name_go_on_counting(full: Mesh) -> None:
    retire_team(full.team, successor=full.other_team, by=full.dana)
    said = product_descriptor(visibility="team")
    applied = apply([said], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM)
    assert [one.status for one in applied.outcomes] == ["unchanged"]


def test_a_right_that_both_have_is_kept_once(mesh: Mesh) -> None:
    port = make_shared(mesh).ports.get()
    third = save_team("third", name="Third", domain=mesh.claims, by=None)
    set_member(mesh.other_team, mesh.dana, role=Role.OWNER, by=None)
    for team, user in ((mesh.team, mesh.alice), (third, mesh.bob)):
        set_member(team, user, role=Role.OWNER, by=None)
        forget_tokens(user)
        asked = request_access(port, by=user, purpose="To reserve for late claims", team=team)
        decide(asked, by=mesh.dana, approve=True)
    assert Grant.objects.current().count() == 2
    product = Product.objects.get(pk=port.product_id)
    assert product.consumer_count == 2
    retire_team(third, successor=mesh.team, by=mesh.admin)
    assert Grant.objects.current().get().team == mesh.team
    ended = Grant.objects.get(state="renewed")
    assert (ended.ended_by, ended.end_comment) == (mesh.admin, "Claims Analytics has it already")
    assert ended.ended_at is not None
    product.refresh_from_db()
    assert product.consumer_count == 1


def test_a_role_in_the_successor_stays(mesh: Mesh) -> None:
    set_member(mesh.other_team, mesh.alice, role=Role.MEMBER, by=None)
    retire_team(mesh.team, successor=mesh.other_team, by=mesh.dana)
    assert Membership.objects.get(user=mesh.alice).role == "member"


def test_secrets_of_one_name_are_a_clash_that_is_named(full: Mesh) -> None:
    create_secret(full.other_team, name="warehouse", value="y", by=full.admin)
    with pytest.raises(ChangeRefused, match=r"both have secrets of the same name \(warehouse\)"):
        retire_team(full.team, successor=full.other_team, by=full.dana)
    assert Team.objects.filter(key="claims-team").exists()
    assert Product.objects.get().team == full.team


def test_what_has_something_ends_only_with_a_successor(full: Mesh) -> None:
    with pytest.raises(ChangeRefused, match=r"it still has .*1 product, "):
        retire_team(full.team, successor=None, by=full.dana)
    with pytest.raises(ChangeRefused, match="1 team"):
        retire_domain(full.claims, successor=None, by=full.dana)
    with pytest.raises(ChangeRefused, match="neither itself"):
        retire_team(full.team, successor=full.team, by=full.dana)
    with pytest.raises(ChangeRefused, match="nor below it"):
        retire_domain(Domain.objects.get(key="insurance"), successor=full.claims, by=full.admin)


def test_invitations_keep_no_team_from_ending(mesh: Mesh) -> None:
    team = save_team("short", name="Short", domain=mesh.claims, by=None)
    _, secret = invite(by=mesh.admin, team=team)
    retire_team(team, successor=None, by=mesh.admin)
    assert find_invitation(secret) is None


def test_an_empty_one_ends_alone(mesh: Mesh) -> None:
    fraud = save_team("fraud", name="Fraud", domain=mesh.claims, by=None)
    set_member(fraud, mesh.alice, role=Role.OWNER, by=None)
    auto = save_domain("auto", name="Auto", parent=mesh.claims, by=None)
    set_steward(auto, mesh.alice, by=None)
    assert holdings(fraud) == holdings(auto) == ""
    retire_team(fraud, successor=None, by=mesh.dana)
    retire_domain(auto, successor=None, by=mesh.dana)
    told = Event.objects.filter(type__endswith=".retired").order_by("id")
    assert [event.data for event in told] == [
        {"name": "Fraud", "isMerged": False},
        {"name": "Auto", "isMerged": False},
    ]
    save_team("fraud", name="Fraud again", domain=mesh.claims, by=mesh.dana)


def test_everything_of_a_domain_goes_to_its_successor(full: Mesh) -> None:
    mesh = full
    save_domain("auto", name="Auto", parent=mesh.claims, by=None)
    set_steward(mesh.claims, mesh.bob, by=None)
    retire_domain(mesh.claims, successor=mesh.policy, by=mesh.dana)
    product = Product.objects.get()
    assert str(product.ref) == "policy/settled-claims"
    assert Dataset.objects.get().domain == mesh.policy
    assert Source.objects.get().domain == mesh.policy
    assert Team.objects.get(key="claims-team").domain == mesh.policy
    assert Domain.objects.get(key="auto").path == "insurance/policy/auto/"
    assert mesh.policy.stewardships.get().user == mesh.bob
    said = product_descriptor(visibility="team")
    applied = apply([said], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM)
    assert [one.status for one in applied.outcomes] == ["unchanged"]


def test_products_of_one_key_are_a_clash_that_is_named(mesh: Mesh) -> None:
    make_product("settled")
    make_product("settled", domain="policy", team="policy-team")
    with pytest.raises(ChangeRefused, match="both have products of the key settled"):
        retire_domain(mesh.claims, successor=mesh.policy, by=mesh.dana)
    assert Domain.objects.filter(key="claims").exists()


def test_what_was_said_of_a_deleted_product_is_in_nobodys_way(mesh: Mesh) -> None:
    make_product("settled", description="Of claims.")
    remove_product(make_product("settled", domain="policy", team="policy-team"), by=mesh.admin)
    retire_domain(mesh.claims, successor=mesh.policy, by=mesh.dana)
    again = product_descriptor("settled", description="Of claims.")
    applied = apply([again], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM)
    assert [one.status for one in applied.outcomes] == ["unchanged"]


def test_a_domain_that_is_hidden_by_its_successor_is_hidden(mesh: Mesh) -> None:
    make_product()
    save_domain("vault", name="Vault", visibility="domain", by=None)
    retire_domain(mesh.claims, successor=Domain.objects.get(key="vault"), by=mesh.admin)
    assert not Product.objects.visible_to(AnonymousUser()).exists()
    assert key_today(Domain, "claims", AnonymousUser()) is None


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_nobody_else_retires(mesh: Mesh, who: str) -> None:
    user = getattr(mesh, who)
    with pytest.raises(PermissionDenied):
        retire_team(mesh.team, successor=mesh.other_team, by=user)
    with pytest.raises(PermissionDenied):
        retire_domain(mesh.claims, successor=mesh.policy, by=user)


def test_a_steward_hands_on_only_within_their_domains(mesh: Mesh) -> None:
    set_steward(mesh.claims, mesh.bob, by=None)
    with pytest.raises(PermissionDenied, match="stewards of Policy"):
        retire_team(mesh.team, successor=mesh.other_team, by=mesh.bob)
    with pytest.raises(PermissionDenied, match="stewards of Insurance"):
        retire_domain(mesh.claims, successor=None, by=mesh.bob)

"""Domains, teams, tokens and follows: what they change, announce and refuse."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import ApiToken, Dataset, Domain, Event, Product, Role
from catalog.outbound.follows import follow, unfollow
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member
from catalog.people.tokens import TokenInvalid, make_token, revoke_token
from catalog.people.viewers import forget_tokens
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


def told(kind: str) -> int:
    return Event.objects.filter(type=kind).count()


def test_hiding_a_domain_hides_everything_below_it(mesh: Mesh) -> None:
    root = Domain.objects.get(key="insurance")
    product, dataset = make_product(), make_dataset()
    save_domain("insurance", name=root.name, visibility="domain", by=mesh.admin)
    assert not Domain.objects.visible_to(mesh.people["anonymous"]).filter(key="claims").exists()
    for person, sees in {"anonymous": False, "dana": True, "admin": True}.items():
        user = mesh.people[person]
        assert Product.objects.visible_to(user).filter(pk=product.pk).exists() == sees
        assert Dataset.objects.visible_to(user).filter(pk=dataset.pk).exists() == sees
    save_domain("insurance", name=root.name, visibility="everyone", by=mesh.admin)
    assert Product.objects.visible_to(mesh.people["anonymous"]).filter(pk=product.pk).exists()


def test_a_team_sees_the_products_of_its_own_domain_below_a_hidden_one(mesh: Mesh) -> None:
    product = make_product()
    save_domain("insurance", name="Insurance", visibility="domain", by=mesh.admin)
    forget_tokens(mesh.alice)
    assert Product.objects.visible_to(mesh.alice).filter(pk=product.pk).exists()


def test_moving_a_domain_moves_what_is_below(mesh: Mesh) -> None:
    media = save_domain("media", name="Media", by=None)
    save_domain("auto", name="Auto", parent=mesh.claims, by=None)
    save_domain("claims", name="Claims", parent=media, by=mesh.admin)
    assert Domain.objects.get(key="auto").path == "media/claims/auto/"


def test_a_domain_does_not_move_below_itself(mesh: Mesh) -> None:
    root = Domain.objects.get(key="insurance")
    with pytest.raises(ValueError, match="lies below"):
        save_domain("insurance", name=root.name, parent=mesh.claims, by=mesh.admin)


def test_saving_the_same_again_announces_nothing(mesh: Mesh) -> None:
    before = Event.objects.count()
    root = Domain.objects.get(key="insurance")
    save_domain("claims", name="Claims", parent=root, by=mesh.admin)
    save_team("claims-team", name="Claims Analytics", domain=mesh.claims, by=mesh.admin)
    set_member(mesh.team, mesh.alice, role=Role.OWNER, by=mesh.admin)
    assert Event.objects.count() == before


def test_an_unknown_role_is_refused_with_what_is_allowed(mesh: Mesh) -> None:
    with pytest.raises(ValueError, match="allowed: owner"):
        set_member(mesh.team, mesh.charlie, role="king", by=mesh.admin)


def test_following_twice_is_following_once(mesh: Mesh) -> None:
    product = make_product()
    follow(product, by=mesh.charlie)
    follow(product, by=mesh.charlie)
    assert told("product.followed") == 1
    unfollow(product, by=mesh.charlie)
    assert not product.followers.exists()


def test_only_the_digest_of_a_token_is_kept(mesh: Mesh) -> None:
    token, secret = make_token(mesh.alice, name="ci", scope="write", days=1)
    assert secret.startswith("gz_")
    row = ApiToken.objects.get(digest=ApiToken.digest_of(secret))
    assert row == token
    assert secret not in str(ApiToken.objects.values().get())
    assert row.is_usable(timezone.now())
    revoke_token(token, by=mesh.alice)
    revoke_token(token, by=mesh.alice)
    row.refresh_from_db()
    assert not row.is_usable(timezone.now())
    assert told("token.revoked") == 1


@pytest.mark.parametrize("wrong", [{"scope": "all"}, {"days": 0}, {"name": " "}])
def test_a_wrong_token_is_refused(mesh: Mesh, wrong: dict[str, object]) -> None:
    said = {"name": "ci", "scope": "read", "days": 1, **wrong}
    with pytest.raises(TokenInvalid):
        make_token(
            mesh.alice,
            name=str(said["name"]),
            scope=str(said["scope"]),
            days=int(str(said["days"])),
        )


def test_the_events_of_tokens_and_follows_are_read_by_their_person_alone(mesh: Mesh) -> None:
    make_token(mesh.alice, name="ci")
    follow(make_product(), by=mesh.alice)
    private = {"token.created", "product.followed"}
    for person in ("charlie", "bob", "anonymous"):
        seen = Event.objects.visible_to(mesh.people[person]).filter(type__in=private)
        assert not seen.exists()
    assert Event.objects.visible_to(mesh.alice).filter(type__in=private).count() == 2


def test_tokens_are_made_listed_and_revoked_by_a_command(mesh: Mesh) -> None:
    out = StringIO()
    call_command("token", "create", "alice", "--name", "cli", "--scope", "write", stdout=out)
    token = ApiToken.objects.get(user=mesh.alice)
    assert "gz_" in out.getvalue()
    out = StringIO()
    call_command("token", "list", "alice", stdout=out)
    assert "cli" in out.getvalue()
    call_command("token", "revoke", token.prefix, stdout=StringIO())
    token.refresh_from_db()
    assert token.revoked_at is not None

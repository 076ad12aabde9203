"""Who makes and changes domains, teams and roles: stewards in their domains, owners their members, admins all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from catalog.models import Domain, Event, Role, Team, User
from catalog.people.domains import save_domain
from catalog.people.refusals import ChangeRefused, KeyTaken
from catalog.people.teams import remove_steward, save_team, set_member, set_steward
from catalog.people.viewers import forget_tokens
from tests.conftest import Mesh
from tests.factories import make_user

Verb = Callable[[Mesh, User], object]


def top() -> Domain:
    return Domain.objects.get(key="insurance")


VERBS: dict[str, Verb] = {
    "make a domain at the top": lambda m, by: save_domain("media", name="Media", by=by),
    "make a domain below": lambda m, by: save_domain("auto", name="Auto", parent=m.claims, by=by),
    "rename a domain": lambda m, by: save_domain("claims", name="Losses", parent=top(), by=by),
    "move a domain": lambda m, by: save_domain("claims", name="Claims", parent=m.policy, by=by),
    "move a domain to the top": lambda m, by: save_domain("claims", name="Claims", by=by),
    "make a team": lambda m, by: save_team("fraud", name="Fraud", domain=m.claims, by=by),
    "make a team of no domain": lambda m, by: save_team("it", name="IT", by=by),
    "rename a team": lambda m, by: save_team("claims-team", name="Losses", domain=m.claims, by=by),
    "move a team": lambda m, by: save_team("claims-team", name="Claims", domain=m.policy, by=by),
    "add a member": lambda m, by: set_member(m.team, m.charlie, role=Role.MEMBER, by=by),
    "make an owner": lambda m, by: set_member(m.team, m.bob, role=Role.OWNER, by=by),
    "take a member out": lambda m, by: set_member(m.team, m.bob, role=None, by=by),
    "name a steward": lambda m, by: set_steward(m.claims, m.charlie, by=by),
    "end a stewardship": lambda m, by: remove_steward(top(), m.dana, by=by),
}
PEOPLE = {"make an owner", "take a member out", "add a member"}
WITHIN = set(VERBS) - {
    "make a domain at the top",
    "make a team of no domain",
    "move a domain to the top",
    "move a domain",
    "move a team",
    "end a stewardship",
}
MAY = {
    "owner": PEOPLE,
    "engineer": set(),
    "steward of the team": set(),
    "member of another team": set(),
    "steward of the domain": WITHIN,
    "steward of the domain beside": set(),
    "steward above": WITHIN | {"move a domain", "move a team", "end a stewardship"},
    "admin": set(VERBS),
    "admin who was switched off": set(),
}


def person(mesh: Mesh, who: str) -> User:
    if who == "steward of the team":
        set_member(mesh.team, user := make_user("sam"), role=Role.STEWARD, by=None)
    elif who in {"steward of the domain", "steward of the domain beside"}:
        place = mesh.policy if who.endswith("beside") else mesh.claims
        set_steward(place, user := make_user("sam"), by=None)
    elif who == "admin who was switched off":
        user = make_user("sam", is_superuser=True, is_active=False)
    else:
        user = {
            "owner": mesh.alice,
            "engineer": mesh.bob,
            "member of another team": mesh.charlie,
            "steward above": mesh.dana,
            "admin": mesh.admin,
        }[who]
    return user


@pytest.mark.parametrize("who", MAY)
def test_each_verb_is_for_those_who_may(mesh: Mesh, who: str) -> None:
    user = person(mesh, who)
    done = set()
    for name, verb in VERBS.items():
        with transaction.atomic():
            before = Event.objects.count()
            try:
                verb(mesh, user)
            except PermissionDenied:
                assert Event.objects.count() == before
            else:
                assert Event.objects.count() == before + 1, f"{name} is not told"
                done.add(name)
            transaction.set_rollback(True)
        forget_tokens(user)
    assert done == MAY[who]


def test_who_is_refused_reads_who_may(mesh: Mesh) -> None:
    with pytest.raises(PermissionDenied, match="Only stewards of Claims and platform admins"):
        save_team("fraud", name="Fraud", domain=mesh.claims, by=mesh.alice)
    with pytest.raises(PermissionDenied, match="Only owners of Claims Analytics, stewards of Cla"):
        set_member(mesh.team, mesh.charlie, role=Role.MEMBER, by=mesh.bob)


@pytest.mark.parametrize("key", ["new", "Ümlaut", "-x", "a b", "", "x" * 65])
def test_a_key_that_cannot_be_one_is_refused(mesh: Mesh, key: str) -> None:
    with pytest.raises(ChangeRefused, match="key: write 1 to 64 lower-case"):
        save_domain(key, name="X", by=None)
    with pytest.raises(ChangeRefused, match="key: write 1 to 64 lower-case"):
        save_team(key, name="X", by=None)


def test_a_new_one_does_not_take_the_place_of_another(mesh: Mesh) -> None:
    with pytest.raises(KeyTaken):
        save_domain("claims", name="Mine", by=mesh.admin, is_new=True)
    with pytest.raises(KeyTaken):
        save_team("claims-team", name="Mine", by=mesh.admin, is_new=True)
    assert Domain.objects.get(key="claims").name == "Claims"
    assert Team.objects.get(key="claims-team").name == "Claims Analytics"


def test_who_cannot_sign_in_gets_no_role(mesh: Mesh) -> None:
    gone = make_user("gone", is_active=False)
    with pytest.raises(ChangeRefused, match="cannot sign in"):
        set_member(mesh.team, gone, role=Role.OWNER, by=mesh.admin)
    with pytest.raises(ChangeRefused, match="cannot sign in"):
        set_steward(mesh.claims, gone, by=mesh.admin)


def test_what_happens_in_a_hidden_domain_is_read_by_its_people_alone(mesh: Mesh) -> None:
    vault = save_domain("vault", name="Vault", parent=mesh.claims, visibility="domain", by=None)
    keepers = save_team("keepers", name="Keepers", domain=vault, by=mesh.dana)
    set_member(keepers, mesh.bob, role=Role.OWNER, by=mesh.dana)
    set_steward(vault, mesh.bob, by=mesh.dana)
    for who, count in {"charlie": 0, "anonymous": 0, "dana": 4, "admin": 4}.items():
        told = Event.objects.visible_to(mesh.people[who])
        keys = told.filter(subject_key__in=("vault", "keepers"))
        assert keys.count() == count, who

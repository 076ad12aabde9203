"""Whose names are whose, and what somebody may say of them."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import ClaimOrigin, Domain, NamespaceClaim, Team
from catalog.people.domains import save_domain
from catalog.people.namespaces import Domains, NameRights, explain, tell
from catalog.people.teams import save_team
from tests.conftest import Mesh
from tests.factories import make_dataset, make_user

STORE = "postgres://warehouse:5432"


def claim(
    prefix: str = "", *, team: Team | None = None, domain: Domain | None = None
) -> NamespaceClaim:
    return NamespaceClaim.objects.create(
        namespace=STORE, prefix=prefix, team=team, domain=domain, origin=ClaimOrigin.GRANTED
    )


def standing(rights: NameRights, name: str) -> str:
    return tell([(STORE, name)], rights)[STORE, name].standing


def test_what_nobody_owns_is_unclaimed_for_everybody(mesh: Mesh) -> None:
    for user in (mesh.alice, mesh.charlie):
        assert standing(NameRights.of_person(user), "claims.public.ledger") == "unclaimed"


def test_an_owner_is_the_team_by_its_roles_and_the_stewards_above_it(mesh: Mesh) -> None:
    claim(team=mesh.team, domain=mesh.claims)
    told = {
        name: standing(NameRights.of_person(user), "claims.public.ledger")
        for name, user in (
            ("owner", mesh.alice),
            ("engineer", mesh.bob),
            ("member of another team", mesh.charlie),
            ("steward", mesh.dana),
            ("admin", mesh.admin),
        )
    }
    assert told == {
        "owner": "own",
        "engineer": "own",
        "member of another team": "foreign",
        "steward": "own",
        "admin": "own",
    }


def test_the_longest_prefix_counts(mesh: Mesh) -> None:
    claim(team=mesh.team, domain=mesh.claims)
    claim("policy.", team=mesh.other_team, domain=mesh.policy)
    alice = NameRights.of_person(mesh.alice)
    assert standing(alice, "claims.public.ledger") == "own"
    assert standing(alice, "policy.public.ledger") == "foreign"
    assert standing(alice, "policy") == "own"


def test_a_prefix_is_compared_letter_by_letter(mesh: Mesh) -> None:
    claim("Policy_", team=mesh.other_team, domain=mesh.policy)
    alice = NameRights.of_person(mesh.alice)
    assert standing(alice, "Policy_ledger") == "foreign"
    assert standing(alice, "policy_ledger") == "unclaimed"
    assert standing(alice, "PolicyXledger") == "unclaimed"


def test_what_belongs_to_a_domain_is_shared_by_the_teams_in_it_and_below(mesh: Mesh) -> None:
    motor = save_domain("motor", name="Motor", parent=mesh.claims, by=None)
    below = save_team("motor-team", name="Motor", domain=motor, by=None)
    claim(domain=mesh.claims)
    domains = Domains.load()
    assert standing(NameRights.of_person(mesh.bob), "ledger") == "own"
    assert standing(domains.rights_of(below.pk, motor.pk, motor.pk), "ledger") == "own"
    other = domains.rights_of(mesh.other_team.pk, mesh.policy.pk, mesh.policy.pk)
    assert standing(other, "ledger") == "foreign"


def test_a_domain_without_a_team_is_in_the_hands_of_its_stewards(mesh: Mesh) -> None:
    claim(team=mesh.team, domain=mesh.claims)
    domains = Domains.load()
    assert standing(domains.rights_of(None, mesh.claims.pk), "ledger") == "own"
    assert standing(domains.rights_of(None, mesh.policy.pk), "ledger") == "foreign"
    Domain.objects.filter(pk=mesh.claims.pk).update(team=mesh.other_team)
    assert standing(Domains.load().rights_of(None, mesh.claims.pk), "ledger") == "foreign"


def test_a_dataset_is_spoken_of_by_its_own_team_wherever_it_is(mesh: Mesh) -> None:
    claim(team=mesh.other_team, domain=mesh.policy)
    make_dataset("ledger", namespace=STORE)
    assert standing(NameRights.of_person(mesh.alice), "ledger") == "own"
    assert standing(NameRights.of_person(mesh.alice), "other") == "foreign"


def test_a_dataset_of_a_team_is_foreign_to_others_though_nobody_owns_its_namespace(
    mesh: Mesh,
) -> None:
    make_dataset("ledger", namespace=STORE)
    assert standing(NameRights.of_person(mesh.charlie), "ledger") == "foreign"


def test_many_names_cost_no_more_queries_than_one(mesh: Mesh) -> None:
    claim(team=mesh.team, domain=mesh.claims)
    rights = NameRights.of_person(mesh.alice)
    counts = []
    for many in (1, 500):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tell([(f"{STORE}{n % 7}", f"table{n}") for n in range(many)], rights)
        counts.append(len(queries))
    assert counts == [2, 2]


def test_a_refusal_names_the_owner_to_those_who_may_know_it(mesh: Mesh) -> None:
    hidden = save_domain("secret", name="Quartz", visibility="team", by=None)
    team = save_team("secret-team", name="Quartz Lab", domain=hidden, by=None)
    claim("open.", team=mesh.team, domain=mesh.claims)
    claim("shut.", team=team, domain=hidden)
    charlie = mesh.charlie
    said = explain(
        tell([(STORE, "open.a"), (STORE, "shut.a")], NameRights.of_person(charlie)), charlie
    )
    assert "Claims Analytics" in said[STORE, "open.a"]
    assert "a steward of Claims" in said[STORE, "open.a"]
    assert "Quartz" not in said[STORE, "shut.a"]
    assert "steward" in said[STORE, "shut.a"]


def test_what_is_kept_apart_is_for_the_team_of_who_named_it_or_the_person(mesh: Mesh) -> None:
    nobody = make_user("nobody")
    assert NameRights.of_person(mesh.alice).token == f"team:{mesh.team.pk}"
    assert NameRights.of_person(nobody).token == f"user:{nobody.pk}"
    assert NameRights.of_person(mesh.admin).token == ""

"""Roles by actions, as a table."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from catalog.models import Dataset, Grant, Membership, Product, Role, User
from catalog.people import policies
from catalog.people.domains import save_domain
from catalog.people.policies import Action, may
from catalog.people.teams import save_team, set_member, set_steward
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product, make_user

ROLES = (
    "anonymous",
    "reader",
    "member",
    "engineer",
    "owner",
    "steward",
    "domain",
    "above",
    "admin",
)
#: One column per role, in the order of ROLES; `y` may, `-` may not. The product is confidential.
GRID = """
edit_product     - - - y y y y y y
publish_product  - - - y y - - - y
delete_product   - - - - y - - - y
edit_dataset     - - - y y y y y y
unmask           - - - - y - - - -
decide_access    - - - - y y - - -
request_access   - y y y y y y y y
revoke_grant     - - - - y y y y y
open_sample      - - y y y y y y y
see_contact      - - y y y y y y y
manage_source    - - - y y - y y y
run_source       - - - y y y y y y
manage_team      - - - - y - y y y
manage_domain    - - - - - - y y y
certify          - - - - - - y y y
create_in_domain - - - y y - y y y
declassify       - - - - y y y y y
overrule_steward - - - - - - y y y
grant_namespace  - - - - - - y y y
see_audit        - - - - y y y y y
administer       - - - - - - - - y
"""
CASES = [
    (role, line.split()[0], mark == "y")
    for line in GRID.strip().splitlines()
    for role, mark in zip(ROLES, line.split()[1:], strict=True)
]


def person(mesh: Mesh, role: str) -> User | AnonymousUser:
    if role == "anonymous":
        return AnonymousUser()
    if role == "admin":
        return mesh.admin
    user = make_user(f"one-{role}")
    if role in {"member", "engineer", "steward"}:
        set_member(mesh.team, user, role=Role(role), by=None)
    elif role == "owner":
        return mesh.alice
    elif role == "domain":
        set_steward(mesh.claims, user, by=None)
    elif role == "above":
        return mesh.dana
    return user


def test_the_table_names_every_action() -> None:
    assert {line.split()[0] for line in GRID.strip().splitlines()} == {a.value for a in Action}
    assert set(policies.TABLE) == set(Action)


@pytest.mark.parametrize(("role", "action", "expected"), CASES)
def test_each_role_may_what_the_table_says(
    mesh: Mesh, role: str, action: str, expected: bool
) -> None:
    product = make_product(classification="confidential")
    assert may(person(mesh, role), action, product) is expected


@pytest.mark.parametrize(
    ("role", "action", "expected"), [c for c in CASES if c[1] not in {"open_sample", "see_contact"}]
)
def test_lists_hold_what_single_questions_allow(
    mesh: Mesh, role: str, action: str, expected: bool
) -> None:
    product = make_product()
    user = person(mesh, role)
    assert (product in policies.where(Product.objects.all(), user, action)) is expected


def test_a_product_without_team_belongs_to_the_team_of_its_domain(mesh: Mesh) -> None:
    mesh.claims.team = mesh.team
    mesh.claims.save()
    product = make_product(team=None)
    assert may(mesh.alice, Action.EDIT_PRODUCT, product)
    assert list(policies.where(Product.objects.all(), mesh.alice, "edit_product")) == [product]
    assert not may(mesh.charlie, Action.EDIT_PRODUCT, product)


def test_a_steward_of_a_sibling_domain_may_nothing_here(mesh: Mesh) -> None:
    root = mesh.claims.parent
    sibling = save_domain("claims-archive", name="Archive", parent=root, by=None)
    set_steward(sibling, mesh.charlie, by=None)
    assert not may(mesh.charlie, Action.EDIT_PRODUCT, make_product())


def test_an_admin_stands_in_only_where_nobody_else_can_decide(mesh: Mesh) -> None:
    product = make_product()
    assert not may(mesh.admin, Action.DECIDE_ACCESS, product)
    Membership.objects.filter(team=mesh.team).delete()
    assert may(mesh.admin, Action.DECIDE_ACCESS, product)
    assert product in policies.where(Product.objects.all(), mesh.admin, Action.DECIDE_ACCESS)
    assert policies.deciders(Product.objects.all()) == {product.pk: frozenset({mesh.admin.pk})}


def test_samples_of_gated_products_open_with_a_grant_only(mesh: Mesh) -> None:
    open_, gated = make_product("open"), make_product("gated", classification="restricted")
    assert may(AnonymousUser(), Action.OPEN_SAMPLE, open_)
    assert not may(mesh.charlie, Action.OPEN_SAMPLE, gated)
    grant = Grant.objects.create(port=gated.ports.get(), user=mesh.charlie)
    assert may(mesh.charlie, Action.OPEN_SAMPLE, gated)
    assert may(mesh.charlie, Action.SEE_CONTACT, gated)
    Grant.objects.filter(pk=grant.pk).update(ends_on="2020-01-01")
    assert not may(mesh.charlie, Action.OPEN_SAMPLE, gated)


def test_a_team_grant_opens_samples_for_its_members(mesh: Mesh) -> None:
    gated = make_product(classification="confidential")
    Grant.objects.create(port=gated.ports.get(), team=mesh.other_team)
    assert may(mesh.charlie, Action.OPEN_SAMPLE, gated)


def test_an_inactive_person_may_nothing(mesh: Mesh) -> None:
    mesh.alice.is_active = False
    assert not may(mesh.alice, Action.EDIT_PRODUCT, make_product())


def test_an_unknown_action_is_an_error(mesh: Mesh) -> None:
    with pytest.raises(ValueError, match="fly"):
        may(mesh.alice, "fly", make_product())


def test_menus_ask_without_a_subject(mesh: Mesh) -> None:
    assert may(mesh.bob, Action.EDIT_PRODUCT)
    assert not may(mesh.charlie, Action.EDIT_PRODUCT)
    assert may(mesh.dana, Action.MANAGE_DOMAIN)
    assert policies.teams_where(mesh.bob, Action.EDIT_PRODUCT) == frozenset({mesh.team.pk})
    assert policies.teams_where(mesh.admin, Action.EDIT_PRODUCT) is None
    dana = policies.teams_where(mesh.dana, Action.EDIT_PRODUCT)
    assert dana == frozenset({mesh.team.pk, mesh.other_team.pk})
    assert policies.domains_where(mesh.charlie, Action.CERTIFY) == frozenset()


def test_memberships_are_read_once(
    mesh: Mesh, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    product, dataset = make_product(), make_dataset()
    alice = User.objects.get(pk=mesh.alice.pk)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        for _ in range(5):
            assert may(alice, Action.EDIT_PRODUCT, product)
            assert may(alice, Action.EDIT_DATASET, dataset)


def test_my_products_are_those_of_my_teams(mesh: Mesh) -> None:
    product = make_product()
    assert list(policies.my_products(mesh.bob)) == [product]
    assert list(policies.my_products(mesh.charlie)) == []
    assert list(policies.my_products(AnonymousUser())) == []


def test_a_dataset_without_team_follows_the_product_that_serves_it(mesh: Mesh) -> None:
    team = save_team("empty", name="Empty", domain=mesh.policy, by=None)
    dataset = make_dataset(domain="policy", team=team.key)
    Dataset.objects.filter(pk=dataset.pk).update(team=None, product=make_product())
    assert may(mesh.bob, Action.EDIT_DATASET, Dataset.objects.get(pk=dataset.pk))


def test_a_team_has_a_sole_owner_until_another_may_act(mesh: Mesh) -> None:
    assert policies.sole_teams(mesh.alice) == {mesh.team.pk}
    second = make_user("second")
    set_member(mesh.team, second, role=Role.OWNER, by=None)
    assert policies.sole_teams(User.objects.get(pk=mesh.alice.pk)) == frozenset()
    second.is_active = False
    second.save()
    assert policies.sole_teams(User.objects.get(pk=mesh.alice.pk)) == {mesh.team.pk}

"""What the teams of the demo declare, and who they are."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.descriptors import ProductDescriptor
from catalog.models import Domain, Membership, Product, User
from catalog.names import DatasetRef
from ingestors.models import Source
from portal.demo import mesh
from portal.demo.areas import AREAS, TEAMS
from portal.demo.declared import declared_products, find_declared
from portal.demo.people import COLLEAGUES, DEMO_PEOPLE
from portal.demo.stores.spec import read_plans

TODAY = date(2026, 3, 2)


def everything(store: str, table: str) -> DatasetRef | None:
    return DatasetRef(f"store:{store}", table)


def test_every_table_is_served_by_one_product() -> None:
    served = Counter((p.domain, table) for p in declared_products() for table in p.serves)
    there = {
        (plan.key, name)
        for plan in read_plans()
        for name in [*(t.name for t in plan.tables), *(v.name for v in plan.views)]
    }
    assert set(served) == there
    assert set(served.values()) == {1}


def test_declared_products_name_only_what_exists() -> None:
    domains, teams = {area.key for area in AREAS}, {crew.key for crew in TEAMS}
    for product in declared_products():
        assert product.domain in domains
        assert product.said["team"] in teams
        for upstream in product.reads:
            assert find_declared(upstream).key


def test_full_descriptions_are_valid_and_carry_promises_checks_and_contracts() -> None:
    said = [product.describe(TODAY, everything) for product in declared_products()]
    assert all(isinstance(descriptor, ProductDescriptor) for descriptor in said)
    assert sum(len(descriptor.objectives) for descriptor in said) > 150
    assert sum(len(descriptor.checks) for descriptor in said) > 50
    assert sum(len(descriptor.contracts) for descriptor in said) > 15
    archetypes = Counter(descriptor.archetype for descriptor in said)
    assert min(archetypes.values()) >= 8
    statuses = Counter(str(descriptor.status) for descriptor in said)
    assert set(statuses) == {"active", "proposed", "deprecated", "retired"}
    assert {str(d.classification) for d in said} == {
        "public",
        "internal",
        "confidential",
        "restricted",
    }


def test_there_is_a_person_in_each_role_and_user_names_are_unique() -> None:
    everyone = (*DEMO_PEOPLE, *COLLEAGUES)
    assert len({person.username for person in everyone}) == len(everyone)
    roles = {role for person in everyone for _, role in person.roles}
    assert roles == {"owner", "steward", "engineer", "member"}
    assert any(person.is_admin for person in DEMO_PEOPLE)
    assert any(person.stewards for person in DEMO_PEOPLE)
    assert any(
        not person.roles and not person.stewards and not person.is_admin for person in DEMO_PEOPLE
    )


@pytest.mark.django_db
def test_the_mesh_is_set_up_once_and_takes_every_declaration(tmp_path: Path) -> None:
    mesh.set_up(tmp_path)
    at = timezone.make_aware(datetime(2026, 3, 2, 9))
    mesh.introduce_all(TODAY, at=at)
    assert Domain.objects.count() == len(AREAS)
    assert Source.objects.count() == len(read_plans())
    assert Product.objects.count() == len(declared_products())
    owners = Membership.objects.filter(role="owner").values_list("team__key", flat=True)
    assert set(owners) == {crew.key for crew in TEAMS}
    ana = User.objects.get(username="ana")
    assert ana.check_password(DEMO_PEOPLE[0].password)
    assert not User.objects.get(username="jonas").has_usable_password()


@pytest.mark.django_db
def test_one_domain_is_seen_by_its_own_team_alone(tmp_path: Path) -> None:
    mesh.set_up(tmp_path)
    mesh.introduce_all(TODAY, at=timezone.now())
    hidden = Product.objects.filter(domain__key="special-investigations")
    people = User.objects.in_bulk(["gregor", "ana", "femke"], field_name="username")
    assert hidden.visible_to(people["gregor"]).count() == 2
    assert not hidden.visible_to(people["ana"]).exists()
    assert not hidden.visible_to(people["femke"]).exists()

"""Set up the mesh of the demo: people, teams, domains, sources and declared products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction

from catalog.descriptors import LayerKind, ProductDescriptor
from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.models import Dataset, Domain, Team, User
from catalog.names import DatasetRef
from catalog.people.authority import system
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member, set_steward
from catalog.registry.apply import apply
from ingestors.models import Source
from ingestors.services.sources import create_source
from portal.demo.areas import AREAS, TEAMS
from portal.demo.declared import Declared, Resolve, declared_products
from portal.demo.people import COLLEAGUES, DEMO_PEOPLE, PASSWORD
from portal.demo.stores.spec import StorePlan, read_plans

SCHEDULES = ("0 */6 * * *", "15 2 * * *", "40 4 * * *")


class DeclarationRefused(RuntimeError):
    """The door took one of the demo's own declarations for wrong."""


@transaction.atomic
def set_up(stores: Path) -> None:
    """Make people, teams, domains and sources; nothing is harvested or declared yet."""
    people = _save_people()
    admin = people["ivo"]
    domains: dict[str, Domain] = {}
    for area in AREAS:
        domains[area.key] = save_domain(
            area.key,
            name=area.name,
            by=admin,
            description=area.description,
            parent=domains.get(area.parent),
            hue=area.hue,
        )
    teams = {
        crew.key: save_team(
            crew.key,
            name=crew.name,
            by=admin,
            domain=domains[crew.domain],
            description=crew.description,
            contact=crew.contact,
        )
        for crew in TEAMS
    }
    for area in AREAS:
        domains[area.key] = save_domain(
            area.key,
            name=area.name,
            by=admin,
            description=area.description,
            parent=domains.get(area.parent),
            visibility=area.visibility,
            team=teams.get(area.team),
            hue=area.hue,
        )
    _give_roles(people, teams, domains, admin)
    for number, store in enumerate(read_plans()):
        schedule = SCHEDULES[number % len(SCHEDULES)]
        save_source(store, stores, domains[store.key], schedule, admin)


def save_source(store: StorePlan, stores: Path, domain: Domain, schedule: str, by: User) -> Source:
    """Make the source that harvests a store, with rules that say which table is whose."""
    place = stores / store.path
    is_database = store.kind == "sqlite"
    where = {"url": f"sqlite:///{place}"} if is_database else {"path": str(place)}
    if is_database:
        shared = NewOwner.of(None, domain)
        note = "The store of the domain: its teams share it."
        grant_namespace(f"sqlite://{place}", "", shared, by=by, note=note)
    return create_source(
        key=store.key,
        name=f"{domain.name} {'database' if is_database else 'files'}",
        connector="sql" if is_database else "files",
        config={**where, "limits": {"scan_rows": 100}},
        schedule=schedule,
        domain=domain,
        team=domain.team,
        rules=[
            {"match": table, "product": product.key, "port": product.port}
            for product in declared_products()
            if product.domain == store.key
            for table in product.serves
        ],
        by=by,
    )


def declare(descriptors: Iterable[ProductDescriptor], *, at: datetime) -> None:
    """Push descriptors through the door, each in the name of its team's repository."""
    by_team: dict[str, list[ProductDescriptor]] = defaultdict(list)
    for descriptor in descriptors:
        by_team[descriptor.team or "platform"].append(descriptor)
    for team, products in by_team.items():
        applied = apply(
            products,
            layer=LayerKind.DECLARED,
            source=f"git:{team}",
            authority=system("demo"),
            at=at,
        )
        if applied.refused:
            first = applied.refused[0]
            raise DeclarationRefused(f"{first.ref}: {first.problems}")


def introduce_all(today: date, *, at: datetime) -> None:
    """Declare every product in short, as on the day it was registered."""
    declare((_before_story(product, today) for product in declared_products()), at=at)


def describe_all(today: date, *, at: datetime) -> None:
    """Declare every product in full, once the harvest knows the addresses of its tables."""
    resolve = known_addresses()
    ends = {"deprecated", "retired"}
    declare(
        (
            product.describe(today, resolve)
            if product.said.get("status") not in ends
            else _before_story(product, today)
            for product in declared_products()
        ),
        at=at,
    )


def describe_some(keys: Iterable[str], today: date, *, at: datetime) -> None:
    """Declare some products, given as `domain/key`, again in full."""
    resolve, wanted = known_addresses(), set(keys)
    chosen = [p for p in declared_products() if f"{p.domain}/{p.key}" in wanted]
    declare((product.describe(today, resolve) for product in chosen), at=at)


def known_addresses() -> Resolve:
    """Return what finds the address of a table among the harvested datasets."""
    rows = Dataset.objects.filter(domain__isnull=False)
    known = {
        (domain, name): DatasetRef(namespace, address)
        for domain, name, namespace, address in rows.values_list(
            "domain__key", "display_name", "namespace", "name"
        )
    }
    return lambda store, table: known.get((store, table))


def _before_story(product: Declared, today: date) -> ProductDescriptor:
    """State a product as it was before it was deprecated, retired or renewed."""
    descriptor = product.introduce(today)
    if product.said.get("status") in {"deprecated", "retired"}:
        kept = {name: getattr(descriptor, name) for name in descriptor.model_fields_set}
        for name in ("status", "successor", "sunset_on"):
            kept.pop(name, None)
        return ProductDescriptor(**kept)
    return descriptor


def _save_people() -> dict[str, User]:
    shared = make_password(PASSWORD)
    closed = make_password(None)
    found: dict[str, User] = {}
    for person in (*DEMO_PEOPLE, *COLLEAGUES):
        is_shown = person in DEMO_PEOPLE
        found[person.username], _ = User.objects.update_or_create(
            username=person.username,
            defaults={
                "display_name": person.name,
                "job_title": person.job,
                "email": person.email,
                "password": shared if is_shown else closed,
                "is_superuser": person.is_admin,
                "is_staff": person.is_admin,
            },
        )
    return found


def _give_roles(
    people: dict[str, User], teams: dict[str, Team], domains: dict[str, Domain], admin: User
) -> None:
    for person in (*DEMO_PEOPLE, *COLLEAGUES):
        for team, role in person.roles:
            set_member(teams[team], people[person.username], role=role, by=admin)
        for domain in person.stewards:
            set_steward(domains[domain], people[person.username], by=admin)

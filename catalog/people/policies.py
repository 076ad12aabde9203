"""Who may do what: one table of roles and actions.

A person stands in several ways towards a subject at once: as a reader (everybody signed in), in a
role of the owning team, as steward of the domain or of one above it, as platform admin. An action
is allowed when one of these standings is in its row of `TABLE`. What a person may *see* is decided
before, by `catalog.visibility`.

The owning team of a product or dataset is its own team, else the team of its domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from catalog.models import (
    AccessRequest,
    Dataset,
    Domain,
    Grant,
    Membership,
    Port,
    Product,
    RequestState,
    Role,
    Team,
    User,
)

Viewer = User | AnonymousUser


class Action(StrEnum):
    """Everything a rule governs."""

    EDIT_PRODUCT = "edit_product"
    PUBLISH_PRODUCT = "publish_product"
    DELETE_PRODUCT = "delete_product"
    EDIT_DATASET = "edit_dataset"
    UNMASK = "unmask"
    DECIDE_ACCESS = "decide_access"
    REQUEST_ACCESS = "request_access"
    REVOKE_GRANT = "revoke_grant"
    OPEN_SAMPLE = "open_sample"
    SEE_CONTACT = "see_contact"
    MANAGE_SOURCE = "manage_source"
    RUN_SOURCE = "run_source"
    MANAGE_TEAM = "manage_team"
    MANAGE_DOMAIN = "manage_domain"
    CERTIFY = "certify"
    CREATE_IN_DOMAIN = "create_in_domain"
    DECLASSIFY = "declassify"
    OVERRULE_STEWARD = "overrule_steward"
    GRANT_NAMESPACE = "grant_namespace"
    SEE_AUDIT = "see_audit"
    ADMINISTER = "administer"


class Standing(StrEnum):
    """How a person stands towards a subject."""

    ANONYMOUS = "anonymous"
    READER = "reader"
    MEMBER = "member"
    ENGINEER = "engineer"
    OWNER = "owner"
    STEWARD = "steward"
    DOMAIN_STEWARD = "domain-steward"
    ADMIN = "admin"


_R, _M, _E, _O = Standing.READER, Standing.MEMBER, Standing.ENGINEER, Standing.OWNER
_S, _D, _A = Standing.STEWARD, Standing.DOMAIN_STEWARD, Standing.ADMIN

#: Whose standing allows what. `open_sample` and `see_contact` are the rows of a gated product;
#: a grant opens them as well, and everybody who sees the product where it is not gated.
TABLE: Mapping[Action, frozenset[Standing]] = {
    Action.EDIT_PRODUCT: frozenset({_E, _O, _S, _D, _A}),
    Action.PUBLISH_PRODUCT: frozenset({_E, _O, _A}),
    Action.DELETE_PRODUCT: frozenset({_O, _A}),
    Action.EDIT_DATASET: frozenset({_E, _O, _S, _D, _A}),
    Action.UNMASK: frozenset({_O}),
    Action.DECIDE_ACCESS: frozenset({_O, _S}),
    Action.REQUEST_ACCESS: frozenset({_R}),
    Action.REVOKE_GRANT: frozenset({_O, _S, _D, _A}),
    Action.OPEN_SAMPLE: frozenset({_M, _E, _O, _S, _D, _A}),
    Action.SEE_CONTACT: frozenset({_M, _E, _O, _S, _D, _A}),
    Action.MANAGE_SOURCE: frozenset({_E, _O, _D, _A}),
    Action.RUN_SOURCE: frozenset({_E, _O, _S, _D, _A}),
    Action.MANAGE_TEAM: frozenset({_O, _D, _A}),
    Action.MANAGE_DOMAIN: frozenset({_D, _A}),
    Action.CERTIFY: frozenset({_D, _A}),
    Action.CREATE_IN_DOMAIN: frozenset({_E, _O, _D, _A}),
    Action.DECLASSIFY: frozenset({_O, _S, _D, _A}),
    Action.OVERRULE_STEWARD: frozenset({_D, _A}),
    Action.GRANT_NAMESPACE: frozenset({_D, _A}),
    Action.SEE_AUDIT: frozenset({_O, _S, _D, _A}),
    Action.ADMINISTER: frozenset({_A}),
}
#: Where the owning team has nobody who may, the platform admin stands in.
STAND_IN = frozenset({Action.UNMASK, Action.DECIDE_ACCESS})
GATED = frozenset({Action.OPEN_SAMPLE, Action.SEE_CONTACT})


class Owned(Protocol):
    """A row that belongs to a domain and perhaps a team: a product, a source."""

    @property
    def team_id(self) -> int | None: ...
    @property
    def domain_id(self) -> int | None: ...


Subject = Owned | Team | Domain | Port | AccessRequest | Grant


@dataclass(frozen=True, slots=True)
class _Ownership:
    """Whose a subject is."""

    team: int | None
    domain: int | None


@dataclass(frozen=True, slots=True)
class _Person:
    """What is known of a person, read once per request."""

    roles: Mapping[int, Role]
    stewarded: frozenset[int]
    is_admin: bool

    def teams(self, action: Action) -> frozenset[int]:
        """Return the teams in which the person's role allows it."""
        return frozenset(t for t, role in self.roles.items() if Standing(role) in TABLE[action])

    def towards(self, place: _Ownership) -> frozenset[Standing]:
        """Return how the person stands towards a subject."""
        found = {Standing.READER}
        if place.team in self.roles and place.team is not None:
            found.add(Standing(self.roles[place.team]))
        if place.domain in self.stewarded:
            found.add(Standing.DOMAIN_STEWARD)
        if self.is_admin:
            found.add(Standing.ADMIN)
        return frozenset(found)


def may(user: Viewer, action: Action | str, subject: Subject | None = None) -> bool:
    """Tell whether a person may do something to a subject they can see.

    Without a subject: whether there is any team or domain where they may (for menus).
    Raises ValueError for an unknown action.
    """
    wanted = Action(action)
    if subject is not None and wanted in GATED and not _is_gated(subject):
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    person = _person(user)
    if subject is None:
        return _may_anywhere(person, wanted)
    place = _place(subject)
    if person.towards(place) & TABLE[wanted]:
        return True
    if wanted is Action.EDIT_DATASET and isinstance(subject, Dataset) and _serves(person, subject):
        return True
    if wanted in GATED:
        return _has_grant(user, subject)
    if wanted is Action.REVOKE_GRANT and isinstance(subject, Grant):
        return subject.user_id == user.pk  # the holder may give it back
    return person.is_admin and wanted in STAND_IN and not _is_staffed(place, wanted)


def may_towards(user: Viewer, action: Action, *, team: int | None, domain: int | None) -> bool:
    """Tell whether a person may do something to what a team owns in a domain; asks no grant."""
    if not isinstance(user, User) or not user.is_active:
        return False
    person, place = _person(user), _Ownership(team, domain)
    if person.towards(place) & TABLE[action]:
        return True
    return person.is_admin and action in STAND_IN and not _is_staffed(place, action)


def stands(user: Viewer, subject: Subject) -> frozenset[Standing]:
    """Return how a person stands towards a subject."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Standing.ANONYMOUS})
    return _person(user).towards(_place(subject))


def teams_where(user: Viewer, action: Action | str) -> frozenset[int] | None:
    """Return the ids of the teams for which a person may do something; None means every team."""
    wanted = Action(action)
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    person = _person(user)
    if person.is_admin and Standing.ADMIN in TABLE[wanted]:
        return None
    teams = person.teams(wanted)
    if person.stewarded and Standing.DOMAIN_STEWARD in TABLE[wanted]:
        below = Team.objects.filter(domain_id__in=person.stewarded)
        teams |= frozenset(below.values_list("id", flat=True))
    return teams


def domains_where(user: Viewer, action: Action | str) -> frozenset[int] | None:
    """Return the ids of the domains a person may act in as steward; None means all."""
    wanted = Action(action)
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    person = _person(user)
    if person.is_admin and Standing.ADMIN in TABLE[wanted]:
        return None
    return person.stewarded if Standing.DOMAIN_STEWARD in TABLE[wanted] else frozenset()


_Row = TypeVar("_Row", bound=models.Model)


def where(rows: models.QuerySet[_Row], user: Viewer, action: Action | str) -> models.QuerySet[_Row]:
    """Keep the rows of which a person may do something; the model has `team` and `domain`."""
    wanted = Action(action)
    if not isinstance(user, User) or not user.is_active:
        return rows.none()
    person = _person(user)
    if (person.is_admin and Standing.ADMIN in TABLE[wanted]) or Standing.READER in TABLE[wanted]:
        return rows
    teams = person.teams(wanted)
    owned = Q(team__in=teams) | Q(team__isnull=True, domain__team__in=teams)
    if Standing.DOMAIN_STEWARD in TABLE[wanted]:
        owned |= Q(domain__in=person.stewarded)
    if person.is_admin and wanted in STAND_IN:
        staffed = _staff(wanted).values("team")
        owned |= ~(Q(team__in=staffed) | Q(team__isnull=True, domain__team__in=staffed))
    return rows.filter(owned)


def my_products(user: Viewer) -> models.QuerySet[Product]:
    """Return the products of the teams a person is in, in whatever role."""
    if not isinstance(user, User):
        return Product.objects.none()
    teams = _person(user).roles.keys()
    return Product.objects.filter(
        Q(team__in=teams) | Q(team__isnull=True, domain__team__in=teams)
    ).order_by("name", "id")


def requests_to_decide(user: Viewer) -> models.QuerySet[AccessRequest]:
    """Return the open requests a person may decide now (four eyes included), oldest first."""
    products = where(Product.objects.all(), user, Action.DECIDE_ACCESS)
    rows = AccessRequest.objects.filter(
        state=RequestState.OPEN, port__product__in=products.values("id")
    )
    if not isinstance(user, User):
        return rows.none()
    alone = sole_teams(user)
    own = Q(requester=user) & ~(
        Q(port__product__team__in=alone)
        | Q(port__product__team__isnull=True, port__product__domain__team__in=alone)
    )
    return rows.exclude(pk__in=rows.filter(own).values("pk")).order_by("created_at", "id")


def sole_teams(user: User) -> frozenset[int]:
    """Return the teams whose only active owner this person is."""
    own = [team for team, role in _person(user).roles.items() if role == Role.OWNER]
    others = Membership.objects.filter(team__in=own, role=Role.OWNER, user__is_active=True)
    shared = set(others.exclude(user=user).values_list("team_id", flat=True)) if own else set()
    return frozenset(own) - shared


def owning_team(subject: Subject) -> int | None:
    """Return the id of the team that owns a subject: its own, else its domain's."""
    return _place(subject).team


def deciders(products: models.QuerySet[Product]) -> dict[int, frozenset[int]]:
    """Return who may decide on requests for each product, by product id; three queries at most."""
    owners = {
        pk: team or fallback or 0
        for pk, team, fallback in products.values_list("id", "team_id", "domain__team_id")
    }
    found: dict[int, set[int]] = {}
    staff = _staff(Action.DECIDE_ACCESS).filter(team__in=set(owners.values()))
    for team, person in staff.values_list("team_id", "user_id"):
        found.setdefault(team, set()).add(person)
    answer = {pk: frozenset(found.get(team, ())) for pk, team in owners.items()}
    if not all(answer.values()):
        admins = User.objects.filter(is_superuser=True, is_active=True)
        stand_in = frozenset(admins.values_list("id", flat=True))
        answer = {pk: people or stand_in for pk, people in answer.items()}
    return answer


def _person(user: User) -> _Person:
    known = user.__dict__.get("_standing")
    if not isinstance(known, _Person):
        known = user.__dict__["_standing"] = _read_person(user)
    return known


def _read_person(user: User) -> _Person:
    stands_in = User.objects.filter(pk=user.pk).values_list(
        "memberships__team_id", "memberships__role", "stewardships__domain__path"
    )
    roles: dict[int, Role] = {}
    tops: set[str] = set()
    for team, role, path in stands_in:
        if team is not None:
            roles[team] = Role(role)
        if path is not None:
            tops.add(path)
    below = Q(pk__in=[])
    for path in sorted(tops):
        below |= Q(path__startswith=path)
    stewarded = (
        frozenset(Domain.objects.filter(below).values_list("id", flat=True))
        if len(below) > 1
        else frozenset()
    )
    return _Person(roles, stewarded, user.is_superuser)


def _place(subject: Subject) -> _Ownership:
    if isinstance(subject, Team):
        return _Ownership(subject.pk, subject.domain_id)
    if isinstance(subject, Domain):
        return _Ownership(subject.team_id, subject.pk)
    if isinstance(subject, AccessRequest | Grant):
        return _place(subject.port)
    if isinstance(subject, Port):
        return _place(subject.product)
    if subject.team_id is not None:
        return _Ownership(subject.team_id, subject.domain_id)
    if isinstance(subject, Dataset) and subject.product is not None:
        return _place(subject.product)
    domain = getattr(subject, "domain", None)
    return _Ownership(domain.team_id if isinstance(domain, Domain) else None, subject.domain_id)


def _serves(person: _Person, dataset: Dataset) -> bool:
    """Tell whether the person edits the product that serves a dataset of its own domain."""
    product = dataset.product
    if product is None or product.domain_id != dataset.domain_id:
        return False
    return bool(person.towards(_place(product)) & TABLE[Action.EDIT_PRODUCT])


def _may_anywhere(person: _Person, action: Action) -> bool:
    allowed = TABLE[action]
    if Standing.READER in allowed or (person.is_admin and allowed & {Standing.ADMIN}):
        return True
    if person.stewarded and Standing.DOMAIN_STEWARD in allowed:
        return True
    return bool(person.teams(action)) or (person.is_admin and action in STAND_IN)


def _is_gated(subject: Subject) -> bool:
    product = _product(subject)
    return product is not None and product.is_gated


def _product(subject: Subject) -> Product | None:
    if isinstance(subject, Product):
        return subject
    if isinstance(subject, Dataset):
        return subject.product
    if isinstance(subject, Port):
        return subject.product
    if isinstance(subject, AccessRequest | Grant):
        return subject.port.product
    return None


def _has_grant(user: User, subject: Subject) -> bool:
    product = _product(subject)
    current = Grant.objects.current().filter(
        Q(user=user) | Q(team__in=_person(user).roles.keys()), port__product=product
    )
    return product is not None and current.exists()


def _staff(action: Action) -> models.QuerySet[Membership]:
    roles = [role for role in Role if Standing(role) in TABLE[action]]
    return Membership.objects.filter(role__in=roles, user__is_active=True)


def _is_staffed(place: _Ownership, action: Action) -> bool:
    return place.team is not None and _staff(action).filter(team=place.team).exists()

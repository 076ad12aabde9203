"""Domains: the tree and who may see it."""

from __future__ import annotations

from django.db import transaction

from catalog.db import bulk
from catalog.events.log import NewEvent, record
from catalog.models import Domain, Team, User
from catalog.people.audience import audience_of_domain, refresh_below
from catalog.visibility import narrower


def save_domain(
    key: str,
    *,
    name: str,
    by: User | None,
    description: str = "",
    parent: Domain | None = None,
    visibility: str = "everyone",
    team: Team | None = None,
    hue: int | None = None,
) -> Domain:
    """Create, change or move a domain; audiences below follow in the same transaction.

    Raises ValueError when the new parent lies below the domain.
    """
    with transaction.atomic():
        domain = Domain.objects.filter(key=key).first() or Domain(key=key)
        if parent is not None and domain.pk and parent.path.startswith(domain.path):
            raise ValueError(f"{parent.key} lies below {key}; a domain cannot move into itself")
        before = (domain.pk, domain.path, domain.audience, domain.name, domain.description)
        domain.name, domain.description = name, description
        domain.parent, domain.team, domain.visibility = parent, team, visibility
        if hue is not None:
            domain.hue = hue % 12
        elif not domain.pk:
            domain.hue = Domain.objects.count() % 12
        old_path = domain.path
        domain.path = f"{parent.path if parent else ''}{key}/"
        domain.full_clean(exclude=["path", "audience"])
        domain.save()
        domain.audience = _audience(domain)
        domain.save(update_fields=["audience"])
        if old_path and old_path != domain.path:
            _move_below(old_path, domain.path)
        if before == (domain.pk, domain.path, domain.audience, name, description):
            return domain
        _refresh(domain)
        record(
            [
                NewEvent(
                    type="domain.saved",
                    actor=by,
                    subject_kind="domain",
                    subject_key=key,
                    subject_id=domain.pk,
                    audience=domain.audience,
                    data={"name": name},
                )
            ]
        )
    return domain


def _audience(domain: Domain) -> str:
    own = audience_of_domain(domain)
    return narrower(own, domain.parent.audience) if domain.parent else own


def _move_below(old: str, new: str) -> None:
    rows = Domain.objects.filter(path__startswith=old).exclude(path=new)
    bulk.update(Domain, [{"id": row.pk, "path": new + row.path.removeprefix(old)} for row in rows])


def _refresh(domain: Domain) -> None:
    """Recompute the audiences of a domain's content and of every domain below it."""
    below = Domain.objects.filter(path__startswith=domain.path).select_related("parent")
    for one in below.order_by("path"):
        audience = _audience(one)
        if one.pk != domain.pk and audience != one.audience:
            one.audience = audience
            one.save(update_fields=["audience"])
        refresh_below(one)

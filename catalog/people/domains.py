"""Domains: the tree and who may see it."""

from __future__ import annotations

from django.db import transaction

from catalog.db import bulk
from catalog.events.log import lock, record
from catalog.models import Domain, Team, User
from catalog.people.audience import audience_of_domain, refresh_below
from catalog.people.keys import need_free
from catalog.people.refusals import ChangeRefused, KeyTaken, check_key, check_row, need_domain
from catalog.people.teams import group_event
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
    is_new: bool = False,
) -> Domain:
    """Create, change or move a domain; audiences below follow in the same transaction.

    `by` needs the rights of a steward in the domain, and where it stands before and after; None is the
    installation itself. Raises PermissionDenied, and ChangeRefused: when the new parent lies below the
    domain, a field does not fit, or (KeyTaken) it is to be a new one and the key is taken.
    """
    with transaction.atomic():
        lock()
        domain = Domain.objects.select_related("parent").filter(key=key).first()
        if domain is not None and is_new:
            raise KeyTaken(key)
        _allow(domain, parent, by)
        if domain is None:
            check_key(key)
            need_free(Domain, key)
            domain = Domain(key=key, hue=Domain.objects.count() % 12)
        if parent is not None and domain.pk and parent.path.startswith(domain.path):
            message = f"{parent.key} lies below {key}; a domain cannot move into itself"
            raise ChangeRefused("parent", parent.key, message)
        before = _stated(domain)
        domain.name, domain.description = name.strip(), description
        domain.parent, domain.team, domain.visibility = parent, team, visibility
        domain.hue = domain.hue if hue is None else hue % 12
        domain.path = f"{parent.path if parent else ''}{key}/"
        check_row(domain, exclude=("path", "audience"))
        if domain.pk and before == _stated(domain):
            return domain
        _store(domain, before)
        _say(domain, by, before)
    return domain


def _allow(domain: Domain | None, parent: Domain | None, by: User | None) -> None:
    if domain is None:
        need_domain(by, parent)
        return
    need_domain(by, domain)
    if domain.parent_id != (parent.pk if parent else None):
        need_domain(by, domain.parent, parent)


def _stated(domain: Domain) -> dict[str, object]:
    """Return what is said of a domain; nothing of one that is not there yet."""
    names = ("name", "description", "visibility", "hue", "path", "team_id")
    return {name: getattr(domain, name) for name in names} if domain.pk else {}


def _store(domain: Domain, before: dict[str, object]) -> None:
    domain.save()
    domain.audience = _audience(domain)
    domain.save(update_fields=["audience"])
    old_path = str(before.get("path", ""))
    if old_path and old_path != domain.path:
        move_below(old_path, domain.path)
    refresh_tree(domain)


def _say(domain: Domain, by: User | None, before: dict[str, object]) -> None:
    stated = _stated(domain)
    changed = [name.removesuffix("_id") for name in before if before[name] != stated[name]]
    record([group_event("domain.saved", domain, by, {"name": domain.name, "fields": changed})])


def _audience(domain: Domain) -> str:
    own = audience_of_domain(domain)
    return narrower(own, domain.parent.audience) if domain.parent else own


def move_below(old: str, new: str) -> None:
    """Let the paths below a domain follow it."""
    rows = Domain.objects.filter(path__startswith=old).exclude(path=new)
    bulk.update(Domain, [{"id": row.pk, "path": new + row.path.removeprefix(old)} for row in rows])


def refresh_tree(domain: Domain) -> None:
    """Recompute the audiences of a domain's content and of every domain below it."""
    below = Domain.objects.filter(path__startswith=domain.path).select_related("parent")
    for one in below.order_by("path"):
        audience = _audience(one)
        if one.pk != domain.pk and audience != one.audience:
            one.audience = audience
            one.save(update_fields=["audience"])
        refresh_below(one)

"""Teams, their members and domain stewards."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction

from catalog.events.log import NewEvent, lock, record
from catalog.models import Domain, DomainSteward, Membership, Role, Team, User
from catalog.people.keys import need_free
from catalog.people.refusals import (
    ChangeRefused,
    KeyTaken,
    check_key,
    check_row,
    need_domain,
    need_members,
)
from catalog.visibility import SIGNED_IN, person_token

STEWARD = "domain steward"


def save_team(
    key: str,
    *,
    name: str,
    by: User | None,
    domain: Domain | None = None,
    description: str = "",
    contact: str = "",
    is_new: bool = False,
) -> Team:
    """Create, change or move a team; nothing is announced when nothing changed.

    `by` needs the rights of a steward in its domain, before and after; None is the installation itself.
    Raises PermissionDenied, and ChangeRefused: a field does not fit, or (KeyTaken) it is to be a new one
    and the key is taken.
    """
    said = {"name": name.strip(), "domain": domain, "description": description, "contact": contact}
    with transaction.atomic():
        lock()
        team = Team.objects.select_related("domain").filter(key=key).first()
        if team is not None and is_new:
            raise KeyTaken(key)
        need_domain(by, domain, *([team.domain] if team else []))
        fields = [k for k, v in said.items() if team is not None and getattr(team, k) != v]
        if team is not None and not fields:
            return team
        if team is None:
            check_key(key)
            need_free(Team, key)
            team = Team(key=key)
        for field, value in said.items():
            setattr(team, field, value)
        check_row(team)
        team.save()
        record([group_event("team.saved", team, by, {"name": team.name, "fields": fields})])
    return team


def set_member(team: Team, user: User, *, role: str | None, by: User | None) -> None:
    """Give a person a role in a team; None takes them out.

    Raises PermissionDenied, and ChangeRefused for an unknown role and for who may not sign in.
    """
    need_members(by, team)
    if role is not None and role not in Role.values:
        raise ChangeRefused("role", role, f"is unknown; allowed: {', '.join(Role.values)}")
    with transaction.atomic():
        lock()
        before = Membership.objects.filter(team=team, user=user).first()
        if (before.role if before else None) == role:
            return
        if role is None:
            Membership.objects.filter(team=team, user=user).delete()
        else:
            _need_account(user)
            Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
        _record_member(team, user, by, before=before.role if before else None, after=role)


def set_steward(domain: Domain, user: User, *, by: User | None) -> None:
    """Make a person steward of a domain and everything below it. Raises PermissionDenied, ChangeRefused."""
    need_domain(by, domain)
    with transaction.atomic():
        lock()
        _need_account(user)
        _, made = DomainSteward.objects.get_or_create(domain=domain, user=user)
        if made:
            _record_member(domain, user, by, before=None, after=STEWARD)


def remove_steward(domain: Domain, user: User, *, by: User | None) -> None:
    """End a stewardship; ending none changes nothing. Raises PermissionDenied."""
    need_domain(by, domain)
    with transaction.atomic():
        lock()
        gone, _ = DomainSteward.objects.filter(domain=domain, user=user).delete()
        if gone:
            _record_member(domain, user, by, before=STEWARD, after=None)


def _need_account(user: User) -> None:
    if not user.is_active:
        raise ChangeRefused("person", user.username, "cannot sign in; switch the account on first")


class LastAccount(ValueError):
    """An account cannot be changed this way; the message says why."""


def switch_on(user: User, *, by: User) -> None:
    """Let a person sign in again, with a password they choose by a link; what was ended stays ended.

    Raises PermissionDenied.
    """
    need_domain(by, None)
    with transaction.atomic():
        lock()
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            record_account(user, by, {"active": True})


def switch_off(user: User, *, by: User) -> None:
    """End an account, its sessions and its role of platform admin; see `catalog.handover` for all else.

    Without a password no session lives and none comes back. Raises PermissionDenied, and LastAccount for
    one's own and the last admin's.
    """
    need_domain(by, None)
    if user.pk == by.pk:
        raise LastAccount("You cannot switch off your own account; ask another platform admin.")
    with transaction.atomic():
        lock()
        _keep_an_admin(user, stays=False)
        ended = {"is_active": False, "is_superuser": False, "is_staff": False}
        done = User.objects.filter(pk=user.pk, is_active=True).update(
            **ended, password=make_password(None)
        )
        if done:
            record_account(user, by, {"active": False})


def set_admin(user: User, is_admin: bool, *, by: User) -> None:
    """Make a person a platform admin, or no longer. Raises PermissionDenied; LastAccount for the last one."""
    need_domain(by, None)
    with transaction.atomic():
        lock()
        if is_admin and not user.is_active:
            raise LastAccount(f"{user} cannot sign in; switch the account on first.")
        if not is_admin and user.pk == by.pk:
            raise LastAccount("You cannot take the role from yourself; ask another platform admin.")
        _keep_an_admin(user, stays=is_admin)
        changed = User.objects.filter(pk=user.pk).exclude(is_superuser=is_admin)
        if changed.update(is_superuser=is_admin, is_staff=is_admin):
            record_account(user, by, {"admin": is_admin})


def _keep_an_admin(user: User, *, stays: bool) -> None:
    """Raise LastAccount when nobody would be left to administer."""
    if stays or not user.is_superuser:
        return
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise LastAccount(f"{user} is the last platform admin who can sign in; name another first.")


def record_account(user: User, by: User, data: dict[str, object]) -> None:
    """Tell a person, and platform admins, what became of the account."""
    record(
        [
            NewEvent(
                type="person.changed",
                actor=by,
                subject_kind="person",
                subject_key=user.username,
                subject_id=user.pk,
                audience=person_token(user.pk),
                data={"name": str(user), **data},
            )
        ]
    )


def _record_member(
    group: Team | Domain, user: User, by: User | None, *, before: str | None, after: str | None
) -> None:
    data: dict[str, object] = {"person": str(user), "before": before, "after": after}
    record([group_event("member.changed", group, by, data)])


def group_event(
    kind: str, group: Team | Domain, by: User | None, data: Mapping[str, object]
) -> NewEvent:
    """Make the event of a domain or team, for those who see the domain."""
    domain = group if isinstance(group, Domain) else group.domain
    return NewEvent(
        type=kind,
        actor=by,
        subject_kind="domain" if isinstance(group, Domain) else "team",
        subject_key=group.key,
        subject_id=group.pk,
        audience=SIGNED_IN if domain is None else domain.audience,
        data=data,
    )

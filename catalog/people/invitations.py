"""Invite people by a link that works once, and let them in.

Who says who is in a team invites into it; platform admins invite into any team, or into none. An invitation lasts
as long as the right of whoever made it: it opens nothing when they left or no longer speak for the team.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.events.log import NewEvent, lock, record
from catalog.models import ApiToken, Invitation, Membership, Role, Team, User
from catalog.people.policies import Action, may, teams_where
from catalog.people.teams import set_member
from catalog.people.viewers import forget_tokens
from catalog.visibility import person_token, team_token

DAYS, MAX_DAYS = 7, 30
CLOSED = "This invitation opens nothing any more: it was used, withdrawn, or has ended."


class InvitationRefused(ValueError):
    """It cannot be made or accepted so; `field` names what is wrong, empty for the whole."""

    def __init__(self, field: str, value: object, message: str) -> None:
        self.field, self.value, self.message = field, value, message
        super().__init__(f"{field}: {message}" if field else message)


class InvitationClosed(InvitationRefused):
    """The link opens nothing (any more); why is not told to strangers."""

    def __init__(self) -> None:
        super().__init__("", None, CLOSED)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What the invited say of themselves; the password was judged by the form."""

    username: str
    password: str
    display_name: str = ""


def may_invite(user: User, team: Team | None) -> bool:
    """Tell whether a person may invite into a team; None: into none."""
    if team is None:
        return may(user, Action.ADMINISTER)
    return may(user, Action.MANAGE_TEAM, team)


def invite(
    *,
    by: User,
    team: Team | None = None,
    role: str = "",
    email: str = "",
    note: str = "",
    days: int = DAYS,
    at: datetime | None = None,
) -> tuple[Invitation, str]:
    """Make an invitation; return it and the secret of its link, which is not kept.

    Whether an account has the address is neither asked nor told. Raises PermissionDenied, InvitationRefused.
    """
    now = at or timezone.now()
    _need(by, team)
    role = (role or Role.MEMBER) if team else ""
    _check(role=role, email=email, note=note, days=days, has_team=team is not None)
    secret = _new_secret()
    with transaction.atomic():
        made = Invitation.objects.create(
            digest=ApiToken.digest_of(secret),
            team=team,
            role=role,
            email=email.strip(),
            note=note.strip(),
            invited_by=by,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        record([_event("invitation.made", made, by)])
    return made, secret


def renew_invitation(
    invitation: Invitation, *, by: User, days: int = DAYS, at: datetime | None = None
) -> str:
    """Give an open or ended invitation a new link and return its secret; the old link opens nothing.

    From then on it is an invitation by `by`. Raises PermissionDenied, InvitationClosed (used or withdrawn).
    """
    now = at or timezone.now()
    _need(by, invitation.team)
    secret = _new_secret()
    with transaction.atomic():
        done = Invitation.objects.filter(
            pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
        ).update(
            digest=ApiToken.digest_of(secret),
            invited_by=by,
            expires_at=now + timedelta(days=days),
            mailed_at=None,
        )
        if not done:
            raise InvitationClosed
        record([_event("invitation.renewed", invitation, by)])
    invitation.refresh_from_db()
    return secret


def revoke_invitation(invitation: Invitation, *, by: User, at: datetime | None = None) -> None:
    """Let the link open nothing; withdrawing twice changes nothing. Raises PermissionDenied."""
    _need(by, invitation.team)
    with transaction.atomic():
        done = Invitation.objects.filter(
            pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
        ).update(revoked_at=at or timezone.now())
        if done:
            record([_event("invitation.revoked", invitation, by)])


def invitations_for(user: User) -> QuerySet[Invitation]:
    """Return the invitations that a person may renew and revoke, not yet used nor withdrawn, newest first."""
    rows = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True)
    rows = rows.select_related("team__domain", "invited_by")
    teams = teams_where(user, Action.MANAGE_TEAM)
    if teams is None:
        return rows
    return rows.filter(Q(team__in=teams))


def find_invitation(secret: str, *, at: datetime | None = None) -> Invitation | None:
    """Return the invitation that a link opens now; None for every other reason alike."""
    rows = Invitation.objects.open(at or timezone.now()).select_related(
        "team__domain", "invited_by"
    )
    found = rows.filter(digest=ApiToken.digest_of(secret)).first()
    if found is None or not may_invite(found.invited_by, found.team):
        return None
    return found


def accept_as_new(secret: str, account: NewAccount, *, at: datetime | None = None) -> User:
    """Make the account of the invited and put it into the team. Of two at once the first gets it.

    Raises InvitationClosed, and InvitationRefused where the user name cannot be had.
    """
    now = at or timezone.now()
    with transaction.atomic():
        invitation = _use(secret, now)
        user = _make_account(account, invitation.email)
        _enter(invitation, user)
    return user


def accept_as(secret: str, user: User, *, at: datetime | None = None) -> Invitation:
    """Put somebody who has an account into the team. Raises InvitationClosed, InvitationRefused."""
    now = at or timezone.now()
    with transaction.atomic():
        invitation = _use(secret, now)
        if invitation.email and invitation.email.casefold() != user.email.casefold():
            raise InvitationRefused(
                "", None, "This invitation is for another mail address than yours."
            )
        if invitation.team is None:
            raise InvitationRefused(
                "", None, "You have an account already; there is no team to join."
            )
        if Membership.objects.filter(team=invitation.team, user=user).exists():
            raise InvitationRefused("", None, f"You are in {invitation.team} already.")
        _enter(invitation, user)
    return invitation


def _use(secret: str, now: datetime) -> Invitation:
    """Mark the invitation as used, so that nobody else can. Raises InvitationClosed."""
    lock()
    found = find_invitation(secret, at=now)
    if found is None:
        raise InvitationClosed
    if not Invitation.objects.open(now).filter(pk=found.pk).update(accepted_at=now):
        raise InvitationClosed
    return found


def _make_account(account: NewAccount, email: str) -> User:
    user = User(username=account.username.strip(), email=email)
    user.display_name = account.display_name.strip()
    user.set_password(account.password)
    try:
        user.full_clean()
        with transaction.atomic():
            user.save(force_insert=True)
    except ValidationError as error:
        field, said = next(iter(error.message_dict.items()))
        raise InvitationRefused(field, getattr(user, field, None), said[0]) from error
    except IntegrityError as error:
        said_ = "A user with that username already exists."
        raise InvitationRefused("username", user.username, said_) from error
    return user


def _enter(invitation: Invitation, user: User) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    if invitation.team is not None:
        set_member(invitation.team, user, role=invitation.role, by=invitation.invited_by)
        forget_tokens(user)
    record([_event("invitation.accepted", invitation, user)])


def _check(*, role: str, email: str, note: str, days: int, has_team: bool) -> None:
    if has_team and role not in Role.values:
        said = f"is unknown; allowed: {', '.join(Role.values)}"
        raise InvitationRefused("role", role, said)
    if not 1 <= days <= MAX_DAYS:
        raise InvitationRefused("days", days, f"write 1 to {MAX_DAYS}")
    if len(note.strip()) > 200:
        raise InvitationRefused("note", note[:120], "write at most 200 characters")
    if email.strip():
        try:
            validate_email(email.strip())
        except ValidationError as error:
            raise InvitationRefused("email", email, "is no mail address") from error


def _new_secret() -> str:
    """Return a secret that lines of logs never show."""
    return f"gz_{secrets.token_urlsafe(32)}"


def _need(by: User, team: Team | None) -> None:
    if may_invite(by, team):
        return
    if team is None:
        raise PermissionDenied("Only platform admins invite people without a team.")
    raise PermissionDenied(
        f"Only owners of {team}, stewards of its domain and platform admins invite into it."
    )


def _event(kind: str, invitation: Invitation, by: User) -> NewEvent:
    """Tell those who say who is in the team; never for whom the link is."""
    team = invitation.team
    return NewEvent(
        type=kind,
        actor=by,
        subject_kind="invitation",
        subject_key=f"{team.key if team else 'installation'}:{invitation.pk}",
        subject_id=invitation.pk,
        audience=team_token(team.pk) if team else person_token(invitation.invited_by_id),
        data={"name": team.name if team else "Gazetteer", "role": invitation.role},
    )

"""A new password by a link that a platform admin passes on: Django's own token, which a use, a sign-in or days end."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied
from django.db import transaction

from catalog.events.log import lock
from catalog.models import User
from catalog.people.policies import Action, may
from catalog.people.teams import record_account

PREFIX = "gz_"  # lines of logs never show what begins so


class LinkClosed(ValueError):
    """The link opens nothing (any more)."""

    def __init__(self) -> None:
        super().__init__("This link opens nothing any more: it was used, or has ended.")


def make_password_link(user: User, *, by: User) -> str:
    """Return the secret of a link with which a person chooses a new password; it is not kept.

    Raises PermissionDenied, also for an account that is switched off.
    """
    if not may(by, Action.ADMINISTER):
        raise PermissionDenied("Only platform admins make links for new passwords.")
    if not user.is_active:
        raise PermissionDenied(f"{user} cannot sign in; switch the account on first.")
    with transaction.atomic():
        record_account(user, by, {"password": "link made"})
    return f"{PREFIX}{user.pk}-{default_token_generator.make_token(user)}"


def find_by_link(secret: str) -> User | None:
    """Return whose password a link changes; None for every reason alike."""
    number, _, token = secret.removeprefix(PREFIX).partition("-")
    if not number.isdecimal() or len(number) > 18:
        return None
    user = User.objects.filter(pk=int(number), is_active=True).first()
    return user if user and default_token_generator.check_token(user, token) else None


def set_password_by_link(secret: str, password: str) -> User:
    """Give a person the password they chose, which ends their sessions; of two at once the first counts.

    Raises LinkClosed.
    """
    with transaction.atomic():
        lock()
        user = find_by_link(secret)
        if user is None:
            raise LinkClosed
        user.set_password(password)
        user.save(update_fields=["password"])
        record_account(user, user, {"password": "changed by link"})
    return user

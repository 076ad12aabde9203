"""The first platform admin: made by whoever holds the link that the start of an empty installation prints.

Only the digest of the link's secret is kept, in a file of the data folder. The link works once, ends when there is
an admin, and is replaced by that of the next start.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from django.db import IntegrityError, transaction

from catalog.events.log import NewEvent, lock, record
from catalog.models import ApiToken, User
from catalog.visibility import person_token

FILE = "setup-link"


class SetupClosed(ValueError):
    """The link opens nothing (any more)."""

    def __init__(self) -> None:
        super().__init__("This link opens nothing: it was used, replaced, or there is an admin.")


def has_admin() -> bool:
    """Tell whether anybody can administer the installation."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def make_setup_link(folder: Path) -> str:
    """Return the secret of a new link, which is not kept; nothing where there is an admin."""
    file = folder / FILE
    file.unlink(missing_ok=True)
    if has_admin():
        return ""
    secret = "gz_" + secrets.token_urlsafe(32)
    file.touch(mode=0o600)
    file.write_text(ApiToken.digest_of(secret), encoding="ascii")
    return secret


def is_setup_link(folder: Path, secret: str) -> bool:
    """Tell whether a link can be used now."""
    try:
        kept = (folder / FILE).read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return hmac.compare_digest(kept, ApiToken.digest_of(secret)) and not has_admin()


def make_first_admin(
    folder: Path, secret: str, *, username: str, name: str, email: str, password: str
) -> User:
    """Make the account of the first admin and end the link; of two at once the first gets it.

    Raises SetupClosed, also where the user name was taken meanwhile.
    """
    try:
        with transaction.atomic():
            lock()
            if not is_setup_link(folder, secret):
                raise SetupClosed
            user = User.objects.create_superuser(username, email, password, display_name=name)
            record([_event(user)])
    except IntegrityError as error:
        raise SetupClosed from error
    (folder / FILE).unlink(missing_ok=True)
    return user


def _event(user: User) -> NewEvent:
    return NewEvent(
        type="person.changed",
        actor=user,
        subject_kind="person",
        subject_key=user.username,
        subject_id=user.pk,
        audience=person_token(user.pk),
        data={"name": str(user), "admin": True},
    )

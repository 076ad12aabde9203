"""People whom callers name."""

from __future__ import annotations

from catalog.api.problems import Invalid
from catalog.models import User
from catalog.registry.outcomes import Problem


def account_named(username: str) -> User:
    """Return who signs in under a user name. Raises Invalid."""
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise Invalid([Problem("person", username, "nobody who may sign in has this user name")])
    return found

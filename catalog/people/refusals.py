"""Why a domain or team cannot become so, and who may change the mesh at all."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from catalog.models import Domain, Team, User
from catalog.names import KEY, KEY_RULE
from catalog.people import policies
from catalog.people.policies import Action

#: Keys that pages use themselves, as `/domains/new`.
RESERVED = frozenset({"new"})


class ChangeRefused(ValueError):
    """A domain, team or role cannot become so; `field` names what is wrong."""

    def __init__(self, field: str, value: object, message: str) -> None:
        self.field, self.value, self.message = field, value, message
        super().__init__(f"{field}: {message}")


class KeyTaken(ChangeRefused):
    """Something has this key, or had it before; whether one may see it is not told."""

    def __init__(self, key: str) -> None:
        super().__init__("key", key, "is taken or reserved; choose another")


def need_domain(by: User | None, *domains: Domain | None) -> None:
    """Raise PermissionDenied unless a person stewards each domain; None stands for the top of the tree."""
    if by is None:
        return
    for domain in domains:
        if domain is None and not policies.may(by, Action.ADMINISTER):
            raise PermissionDenied("Only platform admins change what stands at the top.")
        if domain is not None and not policies.may(by, Action.MANAGE_DOMAIN, domain):
            raise PermissionDenied(f"Only stewards of {domain} and platform admins may do this.")


def need_members(by: User | None, team: Team) -> None:
    """Raise PermissionDenied unless a person may say who is in a team."""
    if by is not None and not policies.may(by, Action.MANAGE_TEAM, team):
        where = f", stewards of {team.domain}" if team.domain else ""
        raise PermissionDenied(
            f"Only owners of {team}{where} and platform admins say who is in it."
        )


def check_key(key: str) -> None:
    """Raise ChangeRefused for what cannot be a key."""
    if not KEY.match(key) or key in RESERVED:
        raise ChangeRefused("key", key, f"write {KEY_RULE}")


def check_row(row: models.Model, *, exclude: tuple[str, ...] = ()) -> None:
    """Raise ChangeRefused for the first field that its model does not take."""
    try:
        row.full_clean(exclude=exclude, validate_unique=False)
    except ValidationError as error:
        field, said = next(iter(error.message_dict.items()))
        raise ChangeRefused(field, getattr(row, field, None), said[0].rstrip(".")) from error

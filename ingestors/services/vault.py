"""The vault: secrets of teams, written once, never shown, used by the sources of their team alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.events.log import NewEvent, record
from catalog.models import Team, User
from catalog.names import KEY, KEY_RULE
from catalog.people import policies
from catalog.people.policies import Action, Viewer
from catalog.visibility import team_token
from ingestors.authority.cipher import Cipher, KeysInvalid, Undecipherable, read_keys
from ingestors.connectors.secrets import references_in
from ingestors.models import Secret, Source

LONGEST = 16_384
LONGEST_NAME = 63
CLOSED = "the vault has no key, so it takes no secrets; the operator sets GAZETTEER_VAULT_KEYS"


class SecretInvalid(ValueError):
    """A secret cannot be kept like that; `field` says what of it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class VaultClosed(Exception):
    """The vault cannot be used; an operator must set or mend its keys."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many secrets were encrypted anew, and which no key decrypts."""

    renewed: int
    lost: tuple[str, ...]


def cipher() -> Cipher:
    """Return the cipher of this installation. Raises VaultClosed; there is no key but the operator's."""
    keys = read_keys(settings.VAULT_KEYS)
    if not keys:
        raise VaultClosed(CLOSED)
    try:
        return Cipher(keys)
    except KeysInvalid as error:
        raise VaultClosed(f"the keys of the vault cannot be used: {error}") from None


def is_open() -> bool:
    """Tell whether the vault takes secrets."""
    try:
        cipher()
    except VaultClosed:
        return False
    return True


def secrets_for(user: Viewer) -> QuerySet[Secret]:
    """Return the secrets a person manages; their values stay where they are."""
    rows = Secret.objects.select_related("team", "created_by", "replaced_by").defer("sealed")
    teams = policies.teams_where(user, Action.MANAGE_SOURCE)
    return rows if teams is None else rows.filter(team__in=teams)


def create_secret(team: Team, *, name: str, value: str, by: User | None, note: str = "") -> Secret:
    """Keep a secret. Raises PermissionDenied, SecretInvalid, VaultClosed."""
    _authorize(by, team)
    if not KEY.match(name) or len(name) > LONGEST_NAME:
        raise SecretInvalid("name", f"{name!r}: allowed are {KEY_RULE}")
    secret = Secret(team=team, name=name, note=note[:200], created_by=by)
    secret.sealed = _sealed(secret, value)
    try:
        with transaction.atomic():
            secret.save()
            record([_event("secret.added", secret, by)])
    except IntegrityError:
        message = f"{name!r} is taken in this team; replace it, or choose another name"
        raise SecretInvalid("name", message) from None
    return secret


def replace_secret(secret: Secret, *, value: str, by: User | None) -> None:
    """Put another value in the place of a secret. Raises PermissionDenied, SecretInvalid, VaultClosed."""
    _authorize(by, secret.team)
    sealed = _sealed(secret, value)
    with transaction.atomic():
        Secret.objects.filter(pk=secret.pk).update(
            sealed=sealed, replaced_at=timezone.now(), replaced_by=by
        )
        record([_event("secret.replaced", secret, by)])


def delete_secret(secret: Secret, *, by: User | None) -> None:
    """Forget a secret; sources that refer to it fail from then on. Raises PermissionDenied."""
    _authorize(by, secret.team)
    with transaction.atomic():
        record([_event("secret.removed", secret, by)])
        secret.delete()


def use_of(secrets: Iterable[Secret]) -> Mapping[int, list[Source]]:
    """Return, for each secret, the sources of its team that refer to it: one query."""
    wanted = {(one.team_id, str(one)): one.pk for one in secrets}
    found: dict[int, list[Source]] = {pk: [] for pk in wanted.values()}
    teams = {team for team, _ in wanted}
    if not teams:
        return found
    own = Q(team__in=teams) | Q(team__isnull=True, domain__team__in=teams)
    for source in Source.objects.filter(own).select_related("domain").order_by("name"):
        owner = source.team_id or source.domain.team_id
        for reference in {reference for _, reference in references_in(source.config)}:
            if (pk := wanted.get((owner or 0, reference))) is not None:
                found[pk].append(source)
    return found


def reveal(team: Team | None, name: str) -> str:
    """Return a secret's value, for a source of its team alone. Raises LookupError, VaultClosed."""
    secret = Secret.objects.filter(team=team, name=name).first() if team else None
    if secret is None:
        raise LookupError(f"the team has no secret {name!r} in the vault")
    try:
        return cipher().open(secret.sealed, name=_bound_name(secret))
    except Undecipherable as error:
        raise VaultClosed(f"the secret {name!r} cannot be decrypted: {error}") from None


def rotate() -> Rotated:
    """Encrypt every secret with the first key. Raises VaultClosed."""
    keys, renewed, lost = cipher(), 0, []
    for pk in list(Secret.objects.values_list("pk", flat=True)):
        with transaction.atomic():
            secret = Secret.objects.select_for_update().select_related("team").filter(pk=pk).first()
            if secret is None:
                continue
            try:
                secret.sealed = keys.renew(secret.sealed)
            except Undecipherable:
                lost.append(f"{secret.team.key}/{secret.name}")
                continue
            secret.save(update_fields=["sealed"])
            renewed += 1
    return Rotated(renewed, tuple(lost))


def _authorize(by: User | None, team: Team) -> None:
    """Let the operator, and who manages the sources of the team."""
    if by is not None and not policies.may(by, Action.MANAGE_SOURCE, team):
        raise PermissionDenied("Secrets of a team are for its engineers and owners.")


def _sealed(secret: Secret, value: str) -> str:
    if not value or len(value) > LONGEST or "\0" in value:
        raise SecretInvalid("value", f"write 1 to {LONGEST} characters")
    return cipher().seal(value, name=_bound_name(secret))


def _bound_name(secret: Secret) -> str:
    return f"{secret.team.key}/{secret.name}"


def _event(kind: str, secret: Secret, by: User | None) -> NewEvent:
    return NewEvent(
        type=kind,
        actor=by,
        subject_kind="secret",
        subject_key=f"{secret.team.key}/{secret.name}",
        subject_id=secret.pk,
        audience=team_token(secret.team_id),
        data={"name": secret.name, "team": secret.team.key},
    )

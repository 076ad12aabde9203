"""API tokens: made once, kept as a digest, revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.events.log import NewEvent, record
from catalog.models import ApiToken, TokenScope, User
from catalog.visibility import person_token

MAX_DAYS = 3660


class TokenInvalid(ValueError):
    """The token asked for cannot be made; the message says why."""


def make_token(
    user: User, *, name: str, scope: str = TokenScope.READ, days: int = 90
) -> tuple[ApiToken, str]:
    """Make a token; return it and its secret, which is not kept. Raises TokenInvalid."""
    if scope not in TokenScope.values:
        raise TokenInvalid(f"scope {scope!r} is unknown; allowed: {', '.join(TokenScope.values)}")
    if not 1 <= days <= MAX_DAYS:
        raise TokenInvalid(f"{days} days are not possible; allowed: 1 to {MAX_DAYS}")
    if not name.strip() or len(name) > 100:
        raise TokenInvalid(f"name {name[:120]!r}: write 1 to 100 characters")
    secret = "gz_" + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name.strip(),
            prefix=secret[:10],
            digest=ApiToken.digest_of(secret),
            scope=scope,
            expires_at=timezone.now() + timedelta(days=days),
        )
        record([_event("token.created", token, user)])
    return token, secret


def revoke_token(token: ApiToken, *, by: User) -> None:
    """Make a token open nothing any more; revoking twice changes nothing."""
    with transaction.atomic():
        done = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
            revoked_at=timezone.now()
        )
        if done:
            record([_event("token.revoked", token, by)])


def open_tokens(user: User) -> QuerySet[ApiToken]:
    """Return the tokens of a person that are neither revoked nor expired."""
    return ApiToken.objects.filter(
        user=user, revoked_at__isnull=True, expires_at__gt=timezone.now()
    ).order_by("pk")


def revoke_tokens(user: User, *, by: User) -> int:
    """Make every token of a person open nothing any more; return how many did until now."""
    with transaction.atomic():
        tokens = list(open_tokens(user).select_for_update(of=("self",)).select_related("user"))
        ApiToken.objects.filter(pk__in=[token.pk for token in tokens]).update(
            revoked_at=timezone.now()
        )
        record([_event("token.revoked", token, by) for token in tokens])
    return len(tokens)


def _event(kind: str, token: ApiToken, by: User) -> NewEvent:
    return NewEvent(
        type=kind,
        actor=by,
        subject_kind="token",
        subject_key=f"{token.user.username}:{token.name}",
        subject_id=token.pk,
        audience=person_token(token.user_id),
        data={"scope": token.scope},
    )

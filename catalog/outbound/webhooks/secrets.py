"""Secrets of webhooks: derived from a salt and the key of the installation, so no table holds one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from catalog.models import Webhook
from catalog.outbound.webhooks.signing import write_secret

#: So long messages are signed with the replaced secret too.
OVERLAP = timedelta(hours=24)


def secret_of(salt: str) -> str:
    """Return the secret that belongs to a salt."""
    return write_secret(salted_hmac("gazetteer.webhook", salt, algorithm="sha256").digest())


def secrets_of(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    """Return the secrets to sign with, the newest first."""
    replaced = webhook.old_salt and webhook.rotated_at and now - webhook.rotated_at < OVERLAP
    salts = [webhook.salt, *([webhook.old_salt] if replaced else [])]
    return tuple(secret_of(salt) for salt in salts)

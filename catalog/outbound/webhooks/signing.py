"""Signatures of Standard Webhooks. Free of Django.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: HMAC-SHA256 over
`id.timestamp.body`, as `v1,<base64>`; several, with spaces between, while a secret is being replaced.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"


def write_secret(key: bytes) -> str:
    """Return a key as receivers keep it."""
    return PREFIX + base64.b64encode(key).decode()


def sign(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """Return one signature."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{number}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(
    secrets: Sequence[str], number: str, timestamp: int, body: bytes
) -> Mapping[str, str]:
    """Return the three headers of a message; `number` is the same whenever it is sent again."""
    return {
        "webhook-id": number,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(one, number, timestamp, body) for one in secrets),
    }

"""Which server, as whom: from the environment, so that no secret stands in a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gazetteer.failures import UsageError

DEFAULT_URL = "http://127.0.0.1:8000"
_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
_NEAR = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Where and as whom. `url` has no slash at its end; `timeout` in seconds."""

    url: str
    token: str = field(repr=False)
    timeout: float

    @property
    def is_open_road(self) -> bool:
        """Tell whether the token would go through a network in plain text."""
        parts = urlsplit(self.url)
        return bool(self.token) and parts.scheme == "http" and parts.hostname not in _NEAR


def read_settings(url: str, timeout: float, environment: Mapping[str, str]) -> Settings:
    """Check the address and take the token from GAZETTEER_TOKEN. Raises UsageError."""
    token = environment.get("GAZETTEER_TOKEN", "").strip()
    if token and not _TOKEN.fullmatch(token):
        raise UsageError("GAZETTEER_TOKEN holds characters that no token has; paste it again")
    return Settings(_checked(url.strip()), token, timeout)


def _checked(url: str) -> str:
    message = "write the address as https://gazetteer.example.org, with --url or in GAZETTEER_URL"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no address: {message}") from error
    if parts.username is not None or parts.password is not None:
        raise UsageError("the address holds a password: put the token into GAZETTEER_TOKEN instead")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is no address: {message}")
    return url.rstrip("/")

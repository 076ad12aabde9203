"""Secrets of a configuration: references in, values only at the moment of use, never in a text.

A reference is `env:NAME` (an environment variable) or `file:/path` (a file, trailing newline cut).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from ingestors.errors import ConfigInvalid

REFERENCE = re.compile(r"^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$")
REFERENCE_RULE = "write a reference: env:NAME or file:/path"
HIDDEN = "•••"

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|credential|private|(^|_)key$|api_?key|sas|account_key",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^\s/@:]*):[^\s]*@")
_PARAMETER = re.compile(
    r"(?P<name>\b(?:password|passwd|pwd|secret|token|api_?key|access_?key|sig)\s*[=:]\s*)"
    r"(?!env:|file:/)[^\s&;,'\"]+",
    re.IGNORECASE,
)


def is_reference(text: str) -> bool:
    """Tell whether a text refers to a secret."""
    return bool(REFERENCE.match(text))


def is_secret_name(name: str) -> bool:
    """Tell whether a field of this name is bound to hold a secret."""
    return bool(_SECRET_NAME.search(name))


def resolve(reference: str, *, field: str) -> str:
    """Return the secret a reference points at; raise ConfigInvalid when there is none."""
    kind, _, target = reference.partition(":")
    if kind == "env":
        value = os.environ.get(target)
        if value is None:
            raise ConfigInvalid.of(field, reference, "the environment has no such variable")
        return value
    try:
        return Path(target).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as e:
        why = e.strerror if isinstance(e, OSError) else "not a text file"
        raise ConfigInvalid.of(field, reference, f"the file cannot be read: {why}") from None


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Take passwords of URLs, secret parameters and the given secrets out of a message."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _URL_LOGIN.sub(rf"\g<scheme>\g<user>:{HIDDEN}@", text)
    return _PARAMETER.sub(rf"\g<name>{HIDDEN}", text)

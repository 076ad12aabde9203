"""Secrets of a configuration: references in, values only at the moment of use, never in a text.

A reference is `vault:NAME` (a secret of the source's team, kept in the portal), `env:NAME` (a variable that the
operator exposes) or `file:/path` (a file that the operator exposes). Who starts the harvest looks them up; the process
that harvests is given the values and can look up nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ingestors.authority.process import held
from ingestors.errors import ConfigInvalid

REFERENCE = re.compile(
    r"^(?:vault:[a-z0-9][a-z0-9-]{0,62}|env:[A-Za-z_][A-Za-z0-9_]*|file:/[^/].*)$", re.DOTALL
)
REFERENCE_RULE = "write a reference: vault:NAME, env:GAZETTEER_SECRET_NAME or file:/path"
HIDDEN = "•••"

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|credential|private|(^|_)key$|api_?key|sas|account_key",
    re.IGNORECASE,
)
_URL_LOGIN = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^\s/@:]*):[^\s]*@")
_PARAMETER = re.compile(
    r"(?P<name>\b(?:password|passwd|pwd|secret|token|api_?key|access_?key|sig)\s*[=:]\s*)"
    r"(?!vault:|env:|file:/)[^\s&;,'\"]+",
    re.IGNORECASE,
)


def is_reference(text: str) -> bool:
    """Tell whether a text refers to a secret."""
    return bool(REFERENCE.match(text))


def is_secret_name(name: str) -> bool:
    """Tell whether a field of this name is bound to hold a secret."""
    return bool(_SECRET_NAME.search(name))


def references_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each reference of a configuration with the path of its field."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from references_in(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from references_in(inner, f"{path}[{place}]")
    elif isinstance(value, str) and is_reference(value):
        yield path, value


def resolve(reference: str, *, field: str) -> str:
    """Return the secret this process was given for a reference; raise ConfigInvalid when it was given none."""
    value = held().secrets.get(reference)
    if value is None:
        raise ConfigInvalid.of(field, reference, "this harvest was not given the secret")
    return value


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Take passwords of URLs, secret parameters and the given secrets out of a message."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _URL_LOGIN.sub(rf"\g<scheme>\g<user>:{HIDDEN}@", text)
    return _PARAMETER.sub(rf"\g<name>{HIDDEN}", text)

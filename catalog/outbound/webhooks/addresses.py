"""Where a webhook may lead. Free of Django.

A receiver is named by whoever may sign in, so its address must not lead into the network of Gazetteer itself.
The name is resolved once, every address found is judged, and the connection goes to a judged address: what the
name means a moment later makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import SplitResult, urlsplit

from catalog.hosts import Resolve, is_public, literal, lookup, read_address, unwrapped

LONGEST = 1000


class TargetRefused(ValueError):
    """The address must not be called; the message says why, and names no address of the network."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows: plain HTTP, and networks that are not public (`10.2.0.0/16`)."""

    is_http_allowed: bool = False
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver: `path` begins with a slash and has the query in it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return what the header `Host` says."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return name if self.port == usual else f"{name}:{self.port}"


def read_target(url: str, rules: Rules) -> Target:
    """Read an address. Raises TargetRefused for what is none, and for a literal that is not allowed."""
    if len(url) > LONGEST or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise TargetRefused(f"write an address without spaces, of at most {LONGEST} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
    except ValueError as error:
        raise TargetRefused("this is no address") from error
    _check(parts, host, rules)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise TargetRefused("escape each byte of UTF-8 in the path as %XX")
    target = Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
    if number := literal(host):
        _judge([number], rules)
    return target


def _check(parts: SplitResult, host: str, rules: Rules) -> None:
    allowed = ("https", "http") if rules.is_http_allowed else ("https",)
    if parts.scheme not in allowed:
        raise TargetRefused(f"begin it with {' or '.join(f'{name}://' for name in allowed)}")
    if not host:
        raise TargetRefused("it names no host")
    if parts.username is not None or parts.password is not None:
        raise TargetRefused("leave user name and password out; the signature proves who sends")
    if parts.fragment:
        raise TargetRefused("leave out what follows #")


def resolve(target: Target, rules: Rules, ask: Resolve = lookup) -> Sequence[str]:
    """Return the addresses to connect to. Raises TargetRefused when one of them is not allowed."""
    try:
        found = ask(target.host, target.port)
    except (OSError, UnicodeError) as error:
        raise TargetRefused("its host name has no address") from error
    if not found:
        raise TargetRefused("its host name has no address")
    _judge(found, rules)
    return found


def _judge(addresses: Sequence[str], rules: Rules) -> None:
    networks = [ip_network(one, strict=False) for one in rules.networks]
    for text in addresses:
        address = read_address(text)
        plain = unwrapped(address)
        if any(one in network for network in networks for one in (address, plain)):
            continue
        if not (is_public(address) and is_public(plain)):
            raise TargetRefused("it leads to an address that is not public; ask the operator")

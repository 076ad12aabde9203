"""Where a call came from: the address that a limit counts for."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

#: An IPv6 connection is given a whole network of this size, and may take any address in it.
IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """Return the address a request came from.

    `X-Forwarded-For` is believed only when the request comes from TRUSTED_PROXIES, and of it only what the
    outermost of PROXY_COUNT own proxies wrote: everything left of that was sent by the client.
    """
    own: str = request.META.get("REMOTE_ADDR", "")
    count = settings.PROXY_COUNT
    if not count or not _is_trusted(own, tuple(settings.TRUSTED_PROXIES)):
        return own
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    return (_plain(seen[-count]) if count <= len(seen) else "") or own


def connection_of(address: str) -> str:
    """Return what one connection to the internet has: an IPv4 address, or a /64 of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((parsed.packed[: IPV6_PREFIX // 8].ljust(16, b"\0"), IPV6_PREFIX)))
    return str(parsed)


@cache
def _networks(texts: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)


def _is_trusted(address: str, networks: tuple[str, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:  # a socket of this machine has no address
        return not address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in _networks(networks))


def _plain(text: str) -> str:
    """Return the address in one part of the header without its port; a word in its place as it is."""
    address = text
    if text.startswith("["):
        address = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        address = text.partition(":")[0]
    try:
        return str(ip_address(address))
    except ValueError:
        return text

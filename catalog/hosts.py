"""What an address of a network is: public, this machine, or one that nobody may be sent to. Free of Django.

Whoever opens a connection on behalf of a person asks here: webhooks, mail to chat, sources. A name is resolved
once, what it resolved to is judged, and the connection goes to the judged address.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
#: Networks of IPv6 that hold an address of IPv4 in their last, or after their first 16, bits (RFC 6052, 3056).
_NAT64 = ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ip_network("2002::/16")
_TEREDO = ip_network("2001::/32")
_COMPATIBLE = ip_network("::/96")
#: Called public by the registries, yet answered by the network or cloud one stands in (metadata of Azure, Oracle).
_INNER = tuple(map(ip_network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24")))
#: Where clouds hand out credentials of the machine, beside link-local addresses: Azure, Oracle, Alibaba, AWS, Google.
_METADATA = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",
            "192.0.0.192/32",
            "100.100.100.200/32",
            "fd00:ec2::/32",
            "fd20:ce::254/128",
        ),
    )
)


def read_address(text: str) -> Address:
    """Read an address as the system writes it, zone and all. Raises ValueError for a name."""
    return ip_address(text.partition("%")[0])


def literal(host: str) -> str:
    """Return the address that a host writes as a number in whatever form, empty for a name."""
    try:
        found = socket.getaddrinfo(host, 0, flags=socket.AI_NUMERICHOST)
    except OSError:
        return ""
    return str(found[0][4][0])


def lookup(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet and to one machine."""
    if any(address in network for network in _INNER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_never_allowed(address: Address) -> bool:
    """Tell whether nobody may be sent there whatever a policy says: metadata of clouds, link-local, no machine."""
    return any(
        one.is_link_local
        or one.is_multicast
        or one.is_unspecified
        or (isinstance(one, IPv4Address) and (int(one) >> 24 == 0 or one.is_reserved))
        or any(one in network for network in _METADATA)
        for one in (address, unwrapped(address))
    )


def is_loopback(address: Address) -> bool:
    """Tell whether an address is this machine's own."""
    return address.is_loopback or unwrapped(address).is_loopback


def is_local(address: Address) -> bool:
    """Tell whether this machine answers to an address, on whichever of its interfaces."""
    if is_loopback(address):
        return True
    plain = unwrapped(address)
    family = socket.AF_INET if isinstance(plain, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(plain), 0))
    except OSError:
        return False
    return True


def unwrapped(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 holds, else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _SIX_TO_FOUR and address.sixtofour:
        return address.sixtofour
    if address in _TEREDO and address.teredo:
        return address.teredo[1]
    if any(_holds(network, address) for network in (_NAT64, _COMPATIBLE)) and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _holds(network: object, address: IPv6Address) -> bool:
    return isinstance(network, IPv6Network) and address in network

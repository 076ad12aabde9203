"""Which address a limit counts for."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from catalog.api.callers import address_of, connection_of


@pytest.mark.parametrize(
    ("own", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.9", "198.51.100.1", 0, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", 1, "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "192.0.2.6, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "192.0.2.6, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1", 2, "10.0.0.1"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "unknown", 1, "unknown"),
        ("10.0.0.1", "198.51.100.1:4711", 1, "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("10.0.0.1", "2001:DB8::1", 1, "2001:db8::1"),
    ],
)
def test_only_what_an_own_proxy_wrote_is_believed(
    rf: RequestFactory,
    settings: LazySettings,
    own: str,
    forwarded: str,
    proxies: int,
    expected: str,
) -> None:
    settings.PROXY_COUNT, settings.TRUSTED_PROXIES = proxies, ("10.0.0.0/8",)
    request = rf.get("/", REMOTE_ADDR=own, headers={"x-forwarded-for": forwarded})
    assert address_of(request) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_connection_is_an_address_or_a_network_of_ipv6(address: str, expected: str) -> None:
    assert connection_of(address) == expected

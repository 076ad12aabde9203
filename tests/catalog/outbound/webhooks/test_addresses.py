"""Where a webhook may lead: never into the network of Gazetteer, however the way is written."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from catalog.outbound.webhooks import calls
from catalog.outbound.webhooks.addresses import (
    Rules,
    Target,
    TargetRefused,
    read_target,
    resolve,
)
from catalog.outbound.webhooks.calls import Message, Receiver, talk
from tests.catalog.outbound.webhooks.receiver import Receiver as Server

STRICT = Rules()
OPEN = Rules(is_http_allowed=True, networks=("127.0.0.0/8",))

INNER = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "10.0.0.8",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[ff02::1]",
    "[2001:db8::1]",
)


def answers(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: list(addresses)


@pytest.mark.parametrize("host", INNER)
def test_inner_addresses_are_refused_in_every_form(host: str) -> None:
    with pytest.raises(TargetRefused):
        resolve(read_target(f"https://{host}/x", STRICT), STRICT)


@pytest.mark.parametrize("host", INNER)
def test_a_name_that_means_an_inner_address_is_refused(host: str) -> None:
    try:
        found = socket.getaddrinfo(host.strip("[]").replace("%25", "%"), 0)
    except OSError:
        pytest.skip("this system does not read that form")
    target = read_target("https://receiver.example/x", STRICT)
    with pytest.raises(TargetRefused, match="not public"):
        resolve(target, STRICT, answers(str(found[0][4][0])))


def test_one_inner_address_among_public_ones_is_enough() -> None:
    target = read_target("https://receiver.example/x", STRICT)
    with pytest.raises(TargetRefused, match="not public"):
        resolve(target, STRICT, answers("93.184.216.34", "10.0.0.1"))
    assert resolve(target, STRICT, answers("93.184.216.34")) == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://receiver.example/", "https://"),
        ("ftp://receiver.example/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("//receiver.example/", "https://"),
        ("https:///x", "no host"),
        ("https://ben:pw@receiver.example/", "user name"),
        ("https://receiver.example/#x", "#"),
        ("https://receiver.example/a b", "spaces"),
        ("https://receiver.example/\r\nX-Evil: 1", "spaces"),
        ("https://receiver.example/\x00", "spaces"),
        ("https://receiver.example:99999/", "no address"),
        ("https://receiver.example:x/", "no address"),
        ("https://[::1/", "no address"),
        ("https://receiver.example/é", "escape"),
        (f"https://{'a' * 70}.example/", "no address"),
        ("https://receiver.example/" + "a" * 1000, "1000 characters"),
    ],
)
def test_what_is_no_proper_address_is_refused(url: str, said: str) -> None:
    with pytest.raises(TargetRefused, match=said):
        read_target(url, STRICT)


def test_a_proper_address_is_read() -> None:
    target = read_target("https://Receiver.Example.:8443/a?b=c", STRICT)
    assert target == Target("https", "receiver.example", 8443, "/a?b=c")
    assert target.authority == "receiver.example:8443"
    assert read_target("https://bücher.example", STRICT).authority == "xn--bcher-kva.example"


def receiver(url: str, rules: Rules = OPEN, timeout: float = 1.0) -> Receiver:
    return Receiver(url, ("whsec_c2VjcmV0",), "gazetteer.example", False, rules, timeout)


MESSAGE = Message("1", 1, b"{}")


def test_the_operator_may_allow_a_network_of_his_own() -> None:
    server = Server()
    server.start()
    assert talk(receiver(server.url), [MESSAGE]).taken == 1
    said = talk(receiver(server.url, Rules(is_http_allowed=True)), [MESSAGE])
    server.stop()
    assert said.failure
    assert "not public" in said.failure.problem
    assert len(server.received) == 1


def test_a_name_is_asked_once_and_the_judged_address_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server()
    server.start()
    assert server.server
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.9.9.9"]

    monkeypatch.setattr(calls, "resolve", lambda t, r: resolve(t, r, rebinding))
    said = talk(receiver(f"http://receiver.test:{server.server.server_port}/"), [MESSAGE])
    server.stop()
    assert (said.taken, asked) == (1, ["receiver.test"])
    assert server.received[0].headers["host"] == f"receiver.test:{server.server.server_port}"


def drip(pause: float, *, endless: bytes) -> tuple[socket.socket, str]:
    """Listen, and answer each call with a part of an answer again and again."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, suppress(OSError):
                client.sendall(b"HTTP/1.1 200 OK\r\n")
                for _ in range(2_000):
                    client.sendall(endless)
                    time.sleep(pause)

    threading.Thread(target=serve, daemon=True).start()
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize("endless", [b"X-A: b\r\n", b"\r\nbody"], ids=["headers", "body"])
def test_a_receiver_that_never_ends_is_cut_off(endless: bytes) -> None:
    listener, url = drip(0.05, endless=endless)
    said = talk(receiver(url, timeout=0.5), [MESSAGE])
    listener.close()
    if said.failure:
        assert "within 0.5 s" in said.failure.problem
    assert said.calls[0].took < 5


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://nowhere.invalid/", "no address"),
        ("http://127.0.0.1:9/", "refused"),
    ],
)
def test_what_cannot_be_reached_is_said_in_words(url: str, said: str) -> None:
    failure = talk(receiver(url), [MESSAGE]).failure
    assert failure
    assert said in failure.problem
    assert "127.0.0.1" not in failure.problem


def test_what_speaks_no_http_or_no_tls_is_said_in_words() -> None:
    server = Server()
    server.start()
    assert server.server
    failure = talk(receiver(f"https://127.0.0.1:{server.server.server_port}/"), [MESSAGE]).failure
    server.stop()
    assert failure
    assert "TLS" in failure.problem

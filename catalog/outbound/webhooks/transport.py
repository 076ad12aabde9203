"""One call to a receiver. Free of Django.

The connection goes to an address that was judged, while the header `Host`, the name TLS asks for and the name the
certificate must have are those of the receiver. Redirects are not followed, proxies of the environment are not
used, little of the answer is read, and after `timeout` seconds it is over whatever the receiver does.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from catalog.outbound.webhooks.addresses import Target

MOST_READ = 16 * 1024
MOST_ADDRESSES = 3
LONGEST_CONNECT = 5.0
DAY = 86_400


class Unreachable(Exception):
    """No answer came; the message says why in a few words."""


@dataclass(frozen=True, slots=True)
class ReceiverResponse:
    """What a receiver said. `retry_after` is in seconds."""

    status: int
    retry_after: float | None = None
    allowed_origin: str = ""
    allowed_rate: int | None = None


def call(
    method: str,
    target: Target,
    addresses: Sequence[str],
    headers: Mapping[str, str],
    body: bytes = b"",
    timeout: float = 10.0,
) -> ReceiverResponse:
    """Call a receiver once. Raises Unreachable."""
    deadline = time.monotonic() + timeout
    connection = _connect(target, addresses, timeout)
    sock = connection.sock
    over = threading.Event()
    left = max(0.0, deadline - time.monotonic())
    watchdog = threading.Timer(left, _cut, [sock, over])
    watchdog.daemon = True
    watchdog.start()
    try:
        sent = {"Host": target.authority, "Accept-Encoding": "identity", **headers}
        connection.request(method, target.path, body, sent, preload_content=False)
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return _read(answer.status, answer.headers)
    except (OSError, HTTPError, http.client.HTTPException, ValueError) as error:
        if over.is_set():
            raise Unreachable(f"no whole answer within {timeout:g} s") from error
        raise Unreachable(_words(error, timeout)) from error
    finally:
        watchdog.cancel()
        connection.close()


def _connect(target: Target, addresses: Sequence[str], timeout: float) -> HTTPConnection:
    problem = Unreachable("no connection")
    for address in addresses[:MOST_ADDRESSES]:
        connection = _connection(target, address, min(timeout, LONGEST_CONNECT))
        try:
            connection.connect()
        except (OSError, HTTPError, http.client.HTTPException, ValueError) as error:
            connection.close()
            problem = Unreachable(_words(error, LONGEST_CONNECT))
            continue
        connection.timeout = timeout
        connection.sock.settimeout(timeout)
        return connection
    raise problem


def _connection(target: Target, address: str, timeout: float) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout)
    return HTTPSConnection(
        address,
        target.port,
        timeout=timeout,
        server_hostname=target.host,
        assert_hostname=target.host,
        ssl_context=_context(),
        cert_reqs="CERT_REQUIRED",
    )


@cache
def _context() -> ssl.SSLContext:
    """Trust what the system trusts; `SSL_CERT_FILE` names another list."""
    return ssl.create_default_context()


def _cut(sock: socket.socket, over: threading.Event) -> None:
    """End a call that takes too long: shut the socket below TLS, so that its reader wakes."""
    over.set()
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _read(status: int, headers: Mapping[str, str]) -> ReceiverResponse:
    rate = headers.get("WebHook-Allowed-Rate", "").strip()
    return ReceiverResponse(
        status=status,
        retry_after=_seconds(headers.get("Retry-After", "")),
        allowed_origin=headers.get("WebHook-Allowed-Origin", "").strip(),
        allowed_rate=int(rate) if rate.isascii() and rate.isdigit() and 0 < len(rate) < 7 else None,
    )


def _seconds(text: str) -> float | None:
    """Read `Retry-After`: seconds or a date (RFC 9110), a day at most."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), DAY))
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        left = parsedate_to_datetime(text).timestamp() - time.time()
        return min(max(left, 0.0), float(DAY))
    return None


def _words(error: Exception, timeout: float) -> str:
    """Say what went wrong without saying where: the log is read by whoever made the webhook."""
    cause = (
        error.args[0] if isinstance(error, urllib3.exceptions.SSLError) and error.args else error
    )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError | urllib3.exceptions.SSLError):
        return "TLS failed"
    is_refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError) and not is_refused:
        return f"no answer within {timeout:g} s"
    if is_refused or isinstance(error, OSError):
        return "the connection was refused or broke off"
    return "it answered with something that is no HTTP"

"""Guessing passwords is slowed down, for one account and from one address, without telling who exists."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from portal import throttle
from portal.models import SignInFailure
from tests.conftest import Mesh
from tests.installations import Installation, fresh_postgres


def sign_in(client: Client, username: str, password: str, **headers: str) -> HttpResponse:
    said = {"username": username, "password": password}
    return cast(HttpResponse, client.post("/sign-in", said, headers=headers))


@pytest.mark.parametrize("username", ["alice", "ALICE ", "nobody-here"])
def test_after_ten_wrong_passwords_the_right_one_is_refused_too(
    client: Client, mesh: Mesh, username: str
) -> None:
    for _ in range(throttle.MOST_TOGETHER):
        assert sign_in(client, username, "wrong").status_code == 422
    answer = sign_in(client, username.strip().lower(), "secret-alice")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 900
    assert "Too many wrong passwords. Wait 15 minutes" in answer.content.decode()
    assert sign_in(client, "bob", "secret-bob").status_code == 302


def test_after_a_while_it_goes_on(client: Client, mesh: Mesh) -> None:
    for _ in range(throttle.MOST_TOGETHER):
        sign_in(client, "alice", "wrong")
    SignInFailure.objects.update(at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    assert sign_in(client, "alice", "secret-alice").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(client: Client, mesh: Mesh) -> None:
    for _ in range(throttle.MOST_TOGETHER - 1):
        sign_in(client, "alice", "wrong")
    assert sign_in(client, "alice", "secret-alice").status_code == 302
    assert not SignInFailure.objects.exists()


def test_one_address_does_not_lock_others_out(
    client: Client, mesh: Mesh, settings: LazySettings
) -> None:
    settings.PROXY_COUNT = 1
    for number in range(throttle.MOST_FROM_ADDRESS):
        sign_in(client, f"guess-{number}", "wrong", **{"x-forwarded-for": "10.9.9.9, 203.0.113.7"})
    refused = sign_in(client, "bob", "secret-bob", **{"x-forwarded-for": "10.1.1.1, 203.0.113.7"})
    assert refused.status_code == 429
    other = sign_in(client, "bob", "secret-bob", **{"x-forwarded-for": "203.0.113.7, 203.0.113.8"})
    assert other.status_code == 302


@pytest.mark.parametrize("trusted", [("192.0.2.0/24",), ()])
def test_an_address_that_only_the_client_claims_is_not_believed(
    client: Client, mesh: Mesh, settings: LazySettings, trusted: tuple[str, ...]
) -> None:
    settings.PROXY_COUNT, settings.TRUSTED_PROXIES = 1, trusted
    for number in range(throttle.MOST_TOGETHER):
        sign_in(client, "alice", "wrong", **{"x-forwarded-for": f"203.0.113.{number}"})
    refused = sign_in(client, "alice", "secret-alice", **{"x-forwarded-for": "203.0.113.99"})
    assert refused.status_code == 429


def test_a_network_of_ipv6_counts_as_one(client: Client, mesh: Mesh) -> None:
    for number in range(throttle.MOST_TOGETHER):
        said = {"username": "alice", "password": "wrong"}
        client.post("/sign-in", said, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    said = {"username": "alice", "password": "secret-alice"}
    assert client.post("/sign-in", said, REMOTE_ADDR="2001:db8:1:2:3::4").status_code == 429
    assert client.post("/sign-in", said, REMOTE_ADDR="2001:db8:1:3::4").status_code == 302


GUESSES = """
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
from django.test import Client

start = Barrier(16)

def guess(number):
    start.wait()
    try:
        said = {"username": "alice", "password": f"wrong-{number}"}
        return Client(headers={"host": "localhost"}).post("/sign-in", said).status_code
    finally:
        connection.close()

with ThreadPoolExecutor(16) as pool:
    answers = Counter(pool.map(guess, range(16)))
print(*(answers[code] for code in (422, 429)))
"""


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_guesses_made_at_once_are_judged_no_more_often_than_allowed(
    tmp_path: Path, engine: str
) -> None:
    with fresh_postgres() if engine == "postgres" else nullcontext("") as database:
        made = Installation(tmp_path, database)
        made.must("migrate", "--verbosity", "0")
        assert made.do(GUESSES).split() == [str(throttle.MOST_TOGETHER), "6"]


def test_names_and_addresses_are_not_kept(client: Client, mesh: Mesh) -> None:
    sign_in(client, "alice", "wrong")
    kept = SignInFailure.objects.get()
    assert len(kept.account) == len(kept.address) == 64
    assert "alice" not in kept.account


def test_a_name_written_in_other_letters_counts_as_the_same(client: Client, mesh: Mesh) -> None:
    for username in ("\uff41lice", "\uff21LICE", "alic\u24d4") * 4:  # full width, and in a circle
        sign_in(client, username, "wrong")
    assert sign_in(client, "alice", "secret-alice").status_code == 429

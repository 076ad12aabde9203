"""Guessing passwords is slowed down, for one account and from one address, without telling who exists."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from portal import throttle
from portal.models import SignInFailure
from tests.conftest import Mesh


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


def test_names_and_addresses_are_not_kept(client: Client, mesh: Mesh) -> None:
    sign_in(client, "alice", "wrong")
    kept = SignInFailure.objects.get()
    assert len(kept.account) == len(kept.address) == 64
    assert "alice" not in kept.account

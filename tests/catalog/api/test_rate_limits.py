"""A token, a person and an address make so many calls in a minute, and are told what is left."""

from __future__ import annotations

from typing import cast

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from redis import Redis

from catalog.api import call_counters, rate_limits
from catalog.api.call_counters import Counters, ProcessCounters, RedisCounters
from catalog.models import User
from catalog.people.tokens import make_token
from tests.conftest import Mesh
from tests.installations import fresh_redis

ADDRESS = "/api/v1/domains"


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Clock:
    """Limits of three calls for a token, four for a person, two for an address, and the clock they go by."""
    settings.RATE_LIMIT_TOKEN, settings.RATE_LIMIT_PERSON, settings.RATE_LIMIT_ADDRESS = 3, 4, 2
    clock = Clock()
    here = ProcessCounters(clock)
    monkeypatch.setattr(rate_limits, "counters", lambda: here)
    return clock


def secret_of(user: User) -> str:
    return make_token(user, name="t", scope="read", days=1)[1]


def call(secret: str = "", **more: str) -> HttpResponse:
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    return cast(HttpResponse, Client(headers=headers).get(ADDRESS, **more))  # type: ignore[arg-type]


def test_a_token_is_told_what_is_left_and_refused_when_nothing_is(mesh: Mesh, clock: Clock) -> None:
    secret = secret_of(mesh.alice)
    first = call(secret)
    assert first["RateLimit-Policy"] == '"token";q=3;w=60, "person";q=4;w=60'
    assert first["RateLimit"] == '"token";r=2;t=60, "person";r=3;t=60'
    clock.now = 20.5
    assert [call(secret).status_code for _ in range(3)] == [200, 200, 429]
    refused = call(secret)
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["RateLimit"] == '"token";r=0;t=40, "person";r=0;t=40'
    assert int(refused["Retry-After"]) >= 40
    assert "This token may make at most 3 calls in 60 seconds" in refused.content.decode()
    clock.now = 60.0
    assert call(secret)["RateLimit"].startswith('"token";r=2;t=60')


def test_a_person_has_one_limit_for_all_their_tokens(mesh: Mesh, clock: Clock) -> None:
    one, two = secret_of(mesh.alice), secret_of(mesh.alice)
    assert [call(secret).status_code for secret in (one, two, one, two, one)] == [200] * 4 + [429]
    assert call(secret_of(mesh.bob)).status_code == 200


def test_who_is_not_signed_in_is_counted_by_address(mesh: Mesh, clock: Clock) -> None:
    assert [call().status_code for _ in range(3)] == [200, 200, 429]
    assert call(REMOTE_ADDR="203.0.113.9").status_code == 200
    assert call(secret_of(mesh.alice)).status_code == 200


def test_guessing_tokens_is_counted_by_address(mesh: Mesh, clock: Clock) -> None:
    assert [call(f"gz_{number}").status_code for number in range(3)] == [401, 401, 429]


def test_a_limit_of_nothing_is_no_limit(mesh: Mesh, clock: Clock) -> None:
    with override_settings(RATE_LIMIT_ADDRESS=0):
        answers = [call() for _ in range(4)]
    assert {answer.status_code for answer in answers} == {200}
    assert not answers[0].has_header("RateLimit")


def test_counting_asks_the_database_nothing(mesh: Mesh, clock: Clock) -> None:
    secret = secret_of(mesh.alice)
    call(secret)
    with CaptureQueriesContext(connection) as counted:
        call(secret)
    with (
        CaptureQueriesContext(connection) as uncounted,
        override_settings(RATE_LIMIT_TOKEN=0, RATE_LIMIT_PERSON=0),
    ):
        call(secret)
    assert len(counted) == len(uncounted)


def test_a_process_forgets_the_oldest_when_it_keeps_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(call_counters, "MAX_CALLERS", 2)
    counters = ProcessCounters(Clock())
    assert [counters.count([caller])[0].calls for caller in "aabba"] == [1, 2, 1, 2, 3]
    assert [counters.count([caller])[0].calls for caller in "cba"] == [1, 3, 1]


def test_processes_count_together_in_redis() -> None:
    with fresh_redis() as address:
        one, two = (RedisCounters(Redis.from_url(address), ProcessCounters()) for _ in "ab")
        assert [each.count(["a", "b"])[0].calls for each in (one, two, one)] == [1, 2, 3]
        counted = two.count(["b"])[0]
        assert counted.calls == 4
        assert 50 < counted.seconds <= 60


def test_while_redis_is_away_each_process_counts_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    clock = Clock()
    counters: Counters = RedisCounters(away, ProcessCounters(clock), clock)
    assert [counters.count(["a"])[0].calls for _ in range(3)] == [1, 2, 3]
    assert len(caplog.records) == 1  # it is not asked again at once
    clock.now = 6.0
    counters.count(["a"])
    assert len(caplog.records) == 2

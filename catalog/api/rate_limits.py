"""How many calls a token, a person and, for those who are neither, an address may make in a minute.

A window begins with the first call and ends a minute later. Calls are counted in Redis where REDIS_URL is set,
for all processes together; else, and while Redis is away, in each process for itself. No call asks the database.
Headers follow draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy: "token";q=3000;w=60` and
`RateLimit: "token";r=2999;t=60`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from catalog.api.call_counters import WINDOW, counters
from catalog.api.callers import address_of, connection_of
from catalog.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView

_KEPT = "gazetteer.rate_limits"
Answer = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class QuotaPolicy:
    """Of one caller: at most `quota` calls in a window."""

    name: str
    quota: int
    caller: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What is left of a policy, and for how many seconds."""

    policy: QuotaPolicy
    left: int
    seconds: int


class TooManyCalls(exceptions.APIException):
    """A caller has no calls left; `wait` says for how many seconds."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS

    def __init__(self, limit: Limit) -> None:
        policy, self.wait = limit.policy, limit.seconds
        super().__init__(
            f"This {policy.name} may make at most {policy.quota} calls in {WINDOW} seconds; "
            f"go on in {limit.seconds} seconds."
        )


class RateLimit(BaseThrottle):
    """Counts each call of the API and refuses those over a limit."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Let the call go on. Raises TooManyCalls."""
        policies = []
        if isinstance(request.auth, ApiToken):
            quota, caller = settings.RATE_LIMIT_TOKEN, f"token:{request.auth.pk}"
            policies.append(QuotaPolicy("token", quota, caller))
        if request.user.is_authenticated:
            quota, caller = settings.RATE_LIMIT_PERSON, f"person:{request.user.pk}"
            policies.append(QuotaPolicy("person", quota, caller))
        else:
            policies.append(_of_address(request._request))
        _spend(request._request, policies)
        return True


def count_stranger(request: HttpRequest) -> None:
    """Count a call with a token that opens nothing for its address. Raises TooManyCalls."""
    _spend(request, [_of_address(request)])


def rate_limit_headers(get_response: Answer) -> Answer:
    """Tell callers of the API what is left to them."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        limits: Sequence[Limit] = request.META.get(_KEPT, ())
        if limits:
            response.headers["RateLimit-Policy"] = ", ".join(
                f'"{limit.policy.name}";q={limit.policy.quota};w={WINDOW}' for limit in limits
            )
            response.headers["RateLimit"] = ", ".join(
                f'"{limit.policy.name}";r={limit.left};t={limit.seconds}' for limit in limits
            )
        return response

    return answer


def _of_address(request: HttpRequest) -> QuotaPolicy:
    connection = connection_of(address_of(request))
    return QuotaPolicy("address", settings.RATE_LIMIT_ADDRESS, f"address:{connection}")


def _spend(request: HttpRequest, policies: Sequence[QuotaPolicy]) -> None:
    bounded = [policy for policy in policies if policy.quota]
    if not bounded:
        return
    counted = counters().count([policy.caller for policy in bounded])
    limits = [
        Limit(policy, max(0, policy.quota - one.calls), math.ceil(one.seconds))
        for policy, one in zip(bounded, counted, strict=True)
    ]
    request.META[_KEPT] = limits
    exceeded = [
        limit for limit, one in zip(limits, counted, strict=True) if one.calls > limit.policy.quota
    ]
    if exceeded:
        raise TooManyCalls(max(exceeded, key=lambda limit: limit.seconds))

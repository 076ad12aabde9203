"""For operators and their machines: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from catalog import policies
from catalog.models import DeadLetter
from catalog.policies import Action
from ingestors.models import Run
from portal.reading import health
from portal.viewer import person

LETTERS = 50
RUNS = 10


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer while this process can."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when pages can be served, 503 with the reasons when not; say what is late."""
    reasons = health.unready()
    late = [] if reasons else health.late()
    return JsonResponse(
        {"ready": not reasons, "reasons": reasons, "late": late}, status=503 if reasons else 200
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give figures to Prometheus: from this machine, or with METRICS_TOKEN as bearer token."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    events = _gauge(registry, "follower_lag_events", "Events a follower has not read.", "follower")
    seconds = _gauge(registry, "follower_lag_seconds", "Age of the first of them.", "follower")
    failures = _gauge(registry, "follower_failures", "Tries in a row that failed.", "follower")
    for one in health.followers():
        events.labels(one.name).set(one.events)
        seconds.labels(one.name).set(one.seconds)
        failures.labels(one.name).set(one.failures)
    usable = _gauge(registry, "index_up", "Whether a search index answers.", "index")
    letters = _gauge(registry, "index_dead_letters", "Documents an index refused.", "index")
    for index in health.engines():
        usable.labels(index.name).set(index.is_usable)
        letters.labels(index.name).set(index.letters)
    runs = _gauge(registry, "runs", "Harvests by state.", "state")
    for state, count in health.runs_by_state().items():
        runs.labels(state).set(count)
    queue = health.queue()
    if queue.waiting is not None:
        _gauge(registry, "queue_waiting", "Tasks no worker has taken.", "queue").labels(
            queue.name
        ).set(queue.waiting)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@login_required
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """Show the same to platform admins, with what to do about it."""
    if not policies.may(person(request), Action.ADMINISTER):
        raise Http404
    context = {
        "followers": health.followers(),
        "engines": health.engines(),
        "queue": health.queue(),
        "letters": DeadLetter.objects.all()[:LETTERS],
        "runs": Run.objects.select_related("source", "triggered_by").order_by("-id")[:RUNS],
        "late_after": health.MOST_LAG_SECONDS,
    }
    return render(request, "pages/operator/page.html", context)


def _gauge(registry: CollectorRegistry, name: str, text: str, label: str) -> Gauge:
    return Gauge(f"gazetteer_{name}", text, [label], registry=registry)


def _may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return hmac.compare_digest(given.encode(), token.encode())
    return ip_address(request.META.get("REMOTE_ADDR", "0.0.0.0")).is_loopback  # noqa: S104

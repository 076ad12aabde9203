"""For the machines of operators: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import hmac
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from catalog.api.callers import address_of
from ingestors.scheduling.chores import find_chores
from portal.reading import health


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer while this process can."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when pages can be served, 503 with the reasons when not; say what is late.

    Errors name hosts of the network: they are told to whom the metrics are.
    """
    reasons = health.unready()
    is_told = _may_read(request)
    late = health.late() if is_told and not reasons else []
    reasons = reasons if is_told else [f"{one.partition(':')[0].rstrip('.')}." for one in reasons]
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
    for follower in health.followers():
        events.labels(follower.name).set(follower.events)
        seconds.labels(follower.name).set(follower.seconds)
        failures.labels(follower.name).set(follower.failures)
    usable = _gauge(registry, "index_up", "Whether a search index answers.", "index")
    letters = _gauge(registry, "index_dead_letters", "Documents an index refused.", "index")
    for index in health.engines():
        usable.labels(index.name).set(index.is_usable)
        letters.labels(index.name).set(index.letters)
    _webhooks(registry)
    runs = _gauge(registry, "runs", "Harvests by state.", "state")
    for state, count in health.runs_by_state().items():
        runs.labels(state).set(count)
    waiting = _gauge(registry, "queue_waiting", "Tasks no worker has taken.", "queue")
    for queue in health.queues():
        if queue.waiting is not None:
            waiting.labels(queue.name).set(queue.waiting)
    heard = _gauge(registry, "worker_heard_seconds", "Time since a worker was heard.", "worker")
    for one in health.workers():
        heard.labels(one.worker.name).set(_seconds_since(one.worker.heard_at))
    done = _gauge(registry, "chore_done_seconds", "Time since a chore was done.", "chore")
    failing = _gauge(registry, "chore_failing", "Whether a chore failed last time.", "chore")
    for chore in find_chores():
        failing.labels(chore.name).set(bool(chore.error))
        if chore.finished_at:
            done.labels(chore.name).set(_seconds_since(chore.finished_at))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _webhooks(registry: CollectorRegistry) -> None:
    said = health.webhooks()
    states = _gauge(registry, "webhooks", "Webhooks by state.", "state")
    for state, count in said.states.items():
        states.labels(state).set(count)
    for name, text, value in (
        ("webhook_dead_letters", "Events no receiver took in any try.", said.letters),
        ("webhook_lag_events", "Events the webhook farthest behind has not passed.", said.events),
        ("webhook_lag_seconds", "Age of the first of them.", said.seconds),
    ):
        Gauge(f"gazetteer_{name}", text, registry=registry).set(value)


def _gauge(registry: CollectorRegistry, name: str, text: str, label: str) -> Gauge:
    return Gauge(f"gazetteer_{name}", text, [label], registry=registry)


def _seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()


def _may_read(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token:
        return hmac.compare_digest(given.encode(), token.encode())
    try:
        return ip_address(address_of(request)).is_loopback
    except ValueError:
        return False

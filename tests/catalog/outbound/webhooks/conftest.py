"""A receiver, and an operator who lets events go to this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from catalog.models import User, Webhook
from catalog.outbound.webhooks.subscriptions import make_webhook
from tests.catalog.outbound.webhooks.receiver import Receiver

Subscribe = Callable[..., Webhook]


@pytest.fixture(autouse=True)
def _local(settings: LazySettings) -> None:
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_NETWORKS = ("127.0.0.0/8",)
    settings.WEBHOOK_TIMEOUT = 2.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def subscribe(receiver: Receiver) -> Subscribe:
    """Make a webhook to the receiver: `subscribe(mesh.alice, types=[…])`."""

    def make(owner: User, **said: Any) -> Webhook:
        filters = {"types": ["product.*"], **said}
        return make_webhook(owner, **{"name": "w", "url": receiver.url, **filters})[0]

    return make


def later(webhook: Webhook, **ago: float) -> None:
    """Let the pause of a webhook be over, and its trouble have begun a while ago."""
    webhook.refresh_from_db()
    fields: dict[str, object] = {"retry_at": timezone.now()}
    if ago and webhook.failing_since:
        fields["failing_since"] = webhook.failing_since - timedelta(**ago)
    Webhook.objects.filter(pk=webhook.pk).update(**fields)

"""Webhooks in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.bodies import Body, texts
from catalog.models import Product, Webhook, WebhookAttempt, WebhookLetter
from catalog.visibility import viewer_tokens

STATES = ("waiting", "active", "failing", "paused", "stopped")


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook, never its secret."""

    state = serializers.SerializerMethodField()
    domain = serializers.SerializerMethodField()
    product = serializers.SerializerMethodField()
    eventId = serializers.IntegerField(source="event_id", help_text="The last event it is past.")
    isEnabled = serializers.BooleanField(source="is_enabled")
    stoppedBecause = serializers.CharField(source="stopped_because", allow_blank=True)
    verifiedAt = serializers.DateTimeField(source="verified_at", allow_null=True)
    deliveredAt = serializers.DateTimeField(source="delivered_at", allow_null=True)
    failingSince = serializers.DateTimeField(source="failing_since", allow_null=True)
    retryAt = serializers.DateTimeField(source="retry_at", allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Webhook
        fields = [
            "id",
            "name",
            "url",
            "types",
            "domain",
            "product",
            "state",
            "isEnabled",
            "stoppedBecause",
            "eventId",
            "problem",
            "verifiedAt",
            "deliveredAt",
            "failingSince",
            "retryAt",
            "createdAt",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, row: Webhook) -> str:
        """Return how it is: waiting has sent nothing yet."""
        return state_of(row)

    @extend_schema_field({"type": ["string", "null"]})
    def get_domain(self, row: Webhook) -> str | None:
        """Return the key of the domain, unless it is hidden from the owner by now."""
        return row.domain.key if row.domain and self._sees(row.domain.audience) else None

    @extend_schema_field({"type": ["string", "null"]})
    def get_product(self, row: Webhook) -> str | None:
        """Return the GUID of the product, unless it is gone or hidden from the owner by now."""
        found = self._products().get(row.product_id or 0)
        return found[0] if found and self._sees(found[1]) else None

    def _products(self) -> dict[int, tuple[str, str]]:
        context: dict[str, Any] = self.context  # type: ignore[assignment]
        if "_products" not in context:
            rows: Any = getattr(self.parent, "instance", None) or self.instance
            context["_products"] = products_of([rows] if isinstance(rows, Webhook) else rows)
        found: dict[int, tuple[str, str]] = context["_products"]
        return found

    def _sees(self, audience: str) -> bool:
        tokens = viewer_tokens(self.context["request"].user)
        return tokens is None or audience in tokens


def state_of(row: Webhook) -> str:
    """Return one word of STATES."""
    if not row.is_enabled:
        return "stopped" if row.stopped_because else "paused"
    if row.problem:
        return "failing"
    return "active" if row.delivered_at else "waiting"


def products_of(rows: Any) -> dict[int, tuple[str, str]]:
    """Return GUID and audience of the products that webhooks name, by id; one query."""
    wanted = {row.product_id for row in rows if row.product_id}
    found = Product.objects.filter(pk__in=wanted).values_list("pk", "guid", "audience")
    return {pk: (guid, audience) for pk, guid, audience in found}


class _Filters(Body[Webhook]):
    types = texts(top=80, required=False)
    domain = serializers.CharField(max_length=64, required=False, allow_null=True)
    product = serializers.CharField(max_length=64, required=False, allow_null=True)


class NewWebhookSerializer(_Filters):
    """What one says when making a webhook."""

    name = serializers.CharField(max_length=100)
    url = serializers.CharField(max_length=1000)


class ChangedWebhookSerializer(_Filters):
    """What is to change; what is left out stays."""

    name = serializers.CharField(max_length=100, required=False)
    url = serializers.CharField(max_length=1000, required=False)
    isEnabled = serializers.BooleanField(required=False)


class MadeWebhookSerializer(WebhookSerializer):
    """A webhook just made, with its secret."""

    secret = serializers.CharField(help_text="Shown this once.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class SecretSerializer(serializers.Serializer[Webhook]):
    """A new secret."""

    secret = serializers.CharField(help_text="Shown this once.")


class ReplaySerializer(Body[Webhook]):
    """From where to send again."""

    after = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


class CallSerializer(serializers.Serializer[Any]):
    """One call of the receiver, just made."""

    kind = serializers.ChoiceField(choices=("event", "handshake", "test"))
    status = serializers.IntegerField(allow_null=True)
    tookMs = serializers.IntegerField()
    problem = serializers.CharField(allow_blank=True)


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One call of the receiver."""

    event = serializers.IntegerField(source="event_id", allow_null=True)
    tookMs = serializers.IntegerField(source="took_ms")
    status = serializers.IntegerField(allow_null=True)

    class Meta:
        model = WebhookAttempt
        fields = ["id", "kind", "event", "at", "tookMs", "status", "problem"]


class LetterSerializer(serializers.ModelSerializer[WebhookLetter]):
    """An event that no try delivered."""

    event = serializers.IntegerField(source="event_id")
    type = serializers.CharField(source="event.type")
    tries = serializers.IntegerField()

    class Meta:
        model = WebhookLetter
        fields = ["id", "event", "type", "tries", "problem", "at"]

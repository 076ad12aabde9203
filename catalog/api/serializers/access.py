"""Access requests and grants in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import AccessRequest, Grant, Team


class AccessRequestSerializer(serializers.ModelSerializer[AccessRequest]):
    """A request for a port."""

    product = serializers.CharField(source="port.product.guid", read_only=True)
    port = serializers.CharField(source="port.name", read_only=True)
    requester = serializers.CharField(source="requester.username", read_only=True)
    team = serializers.SlugRelatedField[Team](
        source="grantee_team", slug_field="key", read_only=True, allow_null=True
    )
    endsOn = serializers.DateField(source="ends_on", read_only=True, allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)
    decidedAt = serializers.DateTimeField(source="decided_at", read_only=True, allow_null=True)

    class Meta:
        model = AccessRequest
        fields = [
            "id",
            "product",
            "port",
            "requester",
            "team",
            "purpose",
            "note",
            "endsOn",
            "state",
            "createdAt",
            "decidedAt",
            "comment",
        ]
        read_only_fields = fields


class NewAccessRequestSerializer(Body[AccessRequest]):
    """What one says when asking for a port."""

    product = serializers.CharField(help_text="GUID of the product.")
    port = serializers.CharField(help_text="Name of an output port.")
    purpose = serializers.CharField()
    note = serializers.CharField(required=False, default="", allow_blank=True)
    team = serializers.CharField(required=False, default=None, allow_null=True)
    endsOn = serializers.DateField(required=False, default=None, allow_null=True)


class DecisionSerializer(Body[AccessRequest]):
    """A decision."""

    comment = serializers.CharField(required=False, default="", allow_blank=True)


class GrantSerializer(serializers.ModelSerializer[Grant]):
    """A right to use a port."""

    product = serializers.CharField(source="port.product.guid", read_only=True)
    port = serializers.CharField(source="port.name", read_only=True)
    user = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)
    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True, allow_null=True)
    startsAt = serializers.DateTimeField(source="starts_at", read_only=True)
    endsOn = serializers.DateField(source="ends_on", read_only=True, allow_null=True)

    class Meta:
        model = Grant
        fields = ["id", "product", "port", "user", "team", "state", "startsAt", "endsOn"]

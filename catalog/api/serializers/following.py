"""What a person follows and is told, in JSON."""

from __future__ import annotations

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import Follow, Notification


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """Something the caller should know."""

    event = serializers.IntegerField(source="event_id", help_text="Number of the event behind it.")
    path = serializers.CharField(source="url", help_text="The page it leads to.")
    createdAt = serializers.DateTimeField(source="created_at")
    readAt = serializers.DateTimeField(source="read_at", allow_null=True)

    class Meta:
        model = Notification
        fields = ["id", "event", "kind", "text", "path", "createdAt", "readAt"]


class ReadNotificationsSerializer(Body[Notification]):
    """Which notifications were read; without `ids` all of them."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_null=True,
        default=None,
        max_length=1000,
    )


class ReadCountSerializer(serializers.Serializer[Notification]):
    """How many notifications became read."""

    read = serializers.IntegerField()


class FollowSerializer(serializers.ModelSerializer[Follow]):
    """A product the caller follows."""

    dataProductGUID = serializers.CharField(source="product.guid")
    displayname = serializers.CharField(source="product.name")
    since = serializers.DateTimeField()

    class Meta:
        model = Follow
        fields = ["dataProductGUID", "displayname", "since"]

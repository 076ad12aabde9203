"""Events in JSON."""

from __future__ import annotations

from rest_framework import serializers

from catalog.models import Event


class EventSerializer(serializers.ModelSerializer[Event]):
    """Something that happened."""

    actor = serializers.CharField(source="actor_name")
    subjectKind = serializers.CharField(source="subject_kind")
    subject = serializers.CharField(source="subject_key")

    class Meta:
        model = Event
        fields = ["id", "type", "at", "actor", "subjectKind", "subject", "data"]

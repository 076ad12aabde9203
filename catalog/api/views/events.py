"""The event log."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import mixins, viewsets

from catalog.api import filters
from catalog.api.query import StrictView
from catalog.api.serializers.events import EventSerializer
from catalog.models import Event


class EventViewSet(StrictView, mixins.ListModelMixin, viewsets.GenericViewSet[Event]):
    """What happened, oldest first; go on with `?after=` the last id you read."""

    serializer_class = EventSerializer
    filterset_class = filters.EventFilterSet
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        """Return the events the caller may see."""
        return Event.objects.visible_to(self.request.user)

"""The event log."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access.redaction import withhold
from catalog.api import filters
from catalog.api.pagination import LARGEST, SIZE
from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, number
from catalog.api.serializers.events import CLOUD_EVENTS, EventSerializer
from catalog.events.feed import cloud_events
from catalog.models import Event
from catalog.registry.outcomes import Problem
from catalog.standards.cloudevents import BATCH


class CloudEventsRenderer(JSONRenderer):
    """A batch of CloudEvents."""

    media_type = BATCH
    format = "cloudevents"


class EventViewSet(StrictView, mixins.ListModelMixin, viewsets.GenericViewSet[Event]):
    """What happened, oldest first; go on with `?after=` the last id you read."""

    serializer_class = EventSerializer
    filterset_class = filters.EventFilterSet
    queryset = Event.objects.none()
    renderer_classes = [JSONRenderer, CloudEventsRenderer]

    def get_queryset(self) -> QuerySet[Event]:
        """Return the events the caller may see."""
        return Event.objects.visible_to(self.request.user)

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return a page, without what opens with access."""
        page = super().paginate_queryset(queryset)
        return None if page is None else withhold(page, self.request.user)

    @extend_schema(
        responses={
            (200, "application/json"): EventSerializer(many=True),
            (200, BATCH): OpenApiResponse(CLOUD_EVENTS, "CloudEvents 1.0; `Link` leads on"),
        }
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with a page, or with a batch of CloudEvents to who accepts no other.

        A batch is walked by `after`: the header `Link` (`rel="next"`) names the address that goes on where
        the batch ends, also when it is empty. It takes no `cursor` and counts nothing.
        """
        if getattr(request, "accepted_media_type", "").partition(";")[0] != BATCH:
            return super().list(request, *args, **kwargs)
        if cursor := request.query_params.get("cursor"):
            message = "a batch of CloudEvents goes on by `after`, as its Link header says"
            raise BadQuery([Problem("cursor", cursor[:200], message)])
        size = number(request, "pageSize", default=SIZE, top=LARGEST)
        events = list(self.filter_queryset(self.get_queryset()).order_by("pk")[:size])
        last = str(events[-1].pk) if events else request.query_params.get("after", "0")
        query = urlencode({**request.query_params.dict(), "after": last})
        link = f'<{request.build_absolute_uri(request.path)}?{query}>; rel="next"'
        return Response(
            cloud_events(withhold(events, request.user)), content_type=BATCH, headers={"Link": link}
        )

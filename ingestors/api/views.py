"""Sources and runs over the API."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.filters import StrictFilterSet
from catalog.api.problems import Invalid
from catalog.api.tables import Tabled
from catalog.models import Domain
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.outcomes import Problem
from ingestors.api.serializers import NewRunSerializer, RunSerializer, SourceSerializer
from ingestors.models import Run, Source
from ingestors.services.runs import enqueue


def sources_for(request: Request) -> QuerySet[Source]:
    """Return the sources the caller may run."""
    seen = Domain.objects.visible_to(request.user)
    return policies.where(Source.objects.filter(domain__in=seen), request.user, Action.RUN_SOURCE)


class SourceFilterSet(StrictFilterSet):
    """Sources."""

    domain = django_filters.CharFilter(field_name="domain__key")

    class Meta:
        model = Source
        fields = ["domain", "connector"]


class RunFilterSet(StrictFilterSet):
    """Runs."""

    source = django_filters.CharFilter(field_name="source__key")

    class Meta:
        model = Run
        fields = ["source", "state"]


class SourceViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Source]):
    """Configured sources of the caller's teams and domains."""

    serializer_class = SourceSerializer
    filterset_class = SourceFilterSet
    lookup_field = "key"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,64}"
    orderings = {"key": "key", "name": "name", "nextRunAt": "next_run_at"}
    queryset = Source.objects.none()

    def get_queryset(self) -> QuerySet[Source]:
        """Return readable sources."""
        return sources_for(self.request).select_related("domain", "team")


class RunViewSet(
    Tabled, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Run]
):
    """Harvests."""

    serializer_class = RunSerializer
    filterset_class = RunFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    orderings = {"id": "pk", "queuedAt": "queued_at", "finishedAt": "finished_at"}
    queryset = Run.objects.none()

    def get_queryset(self) -> QuerySet[Run]:
        """Return runs of readable sources."""
        rows = Run.objects.filter(source__in=sources_for(self.request).values("pk"))
        return rows.select_related("source")

    @extend_schema(request=NewRunSerializer, responses={202: RunSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a run; a worker takes it."""
        user = person(request)
        form = NewRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        key = form.validated_data["source"]
        source = sources_for(request).filter(key=key).first()
        if source is None:
            raise Invalid([Problem("source", key, "no source you may run has this key")])
        run = enqueue(source, by=user, trigger="api", confirm=form.validated_data["confirmRemoval"])
        return Response(self.get_serializer(run).data, status=status.HTTP_202_ACCEPTED)

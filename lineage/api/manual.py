"""Edges drawn by people, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import Body
from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.tables import Tabled
from catalog.models import Dataset
from catalog.registry.outcomes import Problem
from lineage.models import ColumnEdge, Edge, EdgeKind
from lineage.services.column_flow import ColumnFlow
from lineage.services.manual import EdgeForbidden, InvalidEdge, draw_edge, erase_edge


class ColumnPairSerializer(Body[ColumnEdge]):
    """A column that goes into a column."""

    upstream = serializers.CharField(max_length=500)
    downstream = serializers.CharField(max_length=500)


class NewEdgeSerializer(Body[Edge]):
    """An edge to draw: ids of two datasets, and what else is known."""

    upstream = serializers.IntegerField(min_value=1)
    downstream = serializers.IntegerField(min_value=1)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    columns = ColumnPairSerializer(many=True, required=False)


class EdgeColumnSerializer(serializers.ModelSerializer[ColumnEdge]):
    """A flow between columns, while it held."""

    upstream = serializers.CharField(source="upstream_path")
    downstream = serializers.CharField(source="downstream_path")
    firstSeenAt = serializers.DateTimeField(source="first_seen_at")
    endedAt = serializers.DateTimeField(source="ended_at", allow_null=True)

    class Meta:
        model = ColumnEdge
        fields = ("upstream", "downstream", "firstSeenAt", "endedAt")


class DrawnEdgeSerializer(serializers.ModelSerializer[Edge]):
    """An edge that a person drew, ended ones as well."""

    upstream = serializers.IntegerField(source="upstream_id")
    downstream = serializers.IntegerField(source="downstream_id")
    by = serializers.SerializerMethodField()
    firstSeenAt = serializers.DateTimeField(source="first_seen_at")
    endedAt = serializers.DateTimeField(source="ended_at", allow_null=True)
    columns = EdgeColumnSerializer(many=True)

    class Meta:
        model = Edge
        fields = ("id", "upstream", "downstream", "note", "by", "firstSeenAt", "endedAt", "columns")

    def get_by(self, row: Edge) -> str:
        """Name who drew it."""
        return str(row.by or "")


class DrawnEdgeViewSet(
    Tabled, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Edge]
):
    """Edges drawn by people between datasets the caller may see, the newest first."""

    serializer_class = DrawnEdgeSerializer
    queryset = Edge.objects.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Edge]:
        """Return drawn edges of which both ends may be seen."""
        seen = Dataset.objects.visible_to(self.request.user).values("pk")
        rows = Edge.objects.filter(kind=EdgeKind.MANUAL, upstream__in=seen, downstream__in=seen)
        return rows.select_related("by", "upstream", "downstream").prefetch_related("columns")

    @extend_schema(
        request=NewEdgeSerializer, responses={200: DrawnEdgeSerializer, 201: DrawnEdgeSerializer}
    )
    def create(self, request: Request) -> Response:
        """Draw an edge (201), or say again what flows (200), as who may edit one of its ends."""
        user = person(request)
        form = NewEdgeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data: dict[str, Any] = form.validated_data
        rows = Dataset.objects.visible_to(user).select_related("domain", "product__domain")
        ends = rows.in_bulk([data["upstream"], data["downstream"]])
        missing = [n for n in ("upstream", "downstream") if data[n] not in ends]
        if missing:
            words = "there is no such dataset that you may see"
            raise Invalid([Problem(name, data[name], words) for name in missing])
        try:
            edge, is_new = draw_edge(
                ends[data["upstream"]],
                ends[data["downstream"]],
                by=user,
                note=data.get("note", ""),
                columns=[
                    ColumnFlow(c["upstream"], c["downstream"]) for c in data.get("columns", ())
                ],
            )
        except EdgeForbidden as error:
            raise PermissionDenied(str(error)) from error
        except InvalidEdge as error:
            raise Invalid([Problem(error.field, None, str(error))]) from error
        body = self.get_serializer(self.get_queryset().get(pk=edge.pk)).data
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(body, status=code)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End an edge; it stays in the past."""
        edge = self.get_object()
        try:
            erase_edge(edge, by=person(request))
        except EdgeForbidden as error:
            raise PermissionDenied(str(error)) from error
        return Response(status=status.HTTP_204_NO_CONTENT)

"""Impact over REST: what breaks if something goes."""

from __future__ import annotations

from typing import Any, cast

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import Body
from catalog.api.query import StrictView, number, read_moment
from catalog.models import User
from lineage.api.graph import FastJSONRenderer
from lineage.api.graph_json import moment
from lineage.api.graph_query import (
    AS_OF,
    FOCUS,
    get_focus,
    read_focus,
)
from lineage.api.graph_serializers import TruncatedSerializer
from lineage.api.impact_json import impact_csv, impact_json
from lineage.graph.focus import focus_on_datasets
from lineage.graph.impact import DEPTH, MOST, Impact, impact
from lineage.services.impact import (
    LONGEST_MESSAGE,
    Announcement,
    AnnouncementForbidden,
    announce_impact,
)

PARAMETERS = [
    FOCUS,
    OpenApiParameter(
        "depth", {"type": "integer", "minimum": 1, "maximum": DEPTH, "default": DEPTH}
    ),
    AS_OF,
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": 1_000},
        description="How many datasets are listed at most.",
    ),
]
TAKES = ("focus", "depth", "asOf", "limit")


class ImpactSerializer(serializers.Serializer[Impact]):
    """What follows, as far as the caller may see it."""

    focus = serializers.CharField()
    asOf = serializers.DateTimeField(allow_null=True)
    datasets = serializers.ListField(
        child=serializers.DictField(),
        help_text="id, name, url, distance, isCertain, product, domain",
    )
    columns = serializers.ListField(
        child=serializers.DictField(),
        help_text="dataset, path (empty: all its rows), distance; for a column as focus.",
    )
    products = serializers.ListField(
        child=serializers.DictField(), help_text="And owner, consumerCount; distance 0: its own."
    )
    contracts = serializers.ListField(child=serializers.DictField())
    consumers = serializers.ListField(
        child=serializers.DictField(),
        help_text="Holders of grants, named to those who decide on the product.",
    )
    owners = serializers.ListField(
        child=serializers.DictField(), help_text="Teams to tell: key, name, productCount."
    )
    hasHidden = serializers.BooleanField(help_text="Something the caller may not see follows too.")
    truncated = TruncatedSerializer(allow_null=True)


class _ImpactView(StrictView):
    takes = {"get": TAKES}
    renderer_classes = [FastJSONRenderer]

    def found(self, request: Request) -> Impact:
        """Read what is asked, and ask."""
        focus = focus_on_datasets(read_focus(request), request.user)
        return impact(
            focus,
            user=request.user,
            as_of=read_moment(request, "asOf"),
            depth=number(request, "depth", default=DEPTH, top=DEPTH),
            limit=number(request, "limit", default=1_000, top=MOST),
        )


class ImpactView(_ImpactView):
    """What breaks if something goes."""

    @extend_schema(operation_id="lineage_impact", parameters=PARAMETERS, responses=ImpactSerializer)
    def get(self, request: Request) -> Response:
        """List what follows from a column, dataset, product or job."""
        return Response(impact_json(self.found(request)))


class NotifyBody(Body[Any]):
    """What is about to change, and a word to those who depend on it."""

    focus = serializers.CharField(max_length=1_000)
    message = serializers.CharField(
        max_length=LONGEST_MESSAGE, required=False, default="", allow_blank=True
    )


class AnnouncementSerializer(serializers.Serializer[Any]):
    """Who is told."""

    productCount = serializers.IntegerField(
        help_text="Products whose owners, followers and consumers are told."
    )
    products = serializers.ListField(
        child=serializers.DictField(), help_text="id, name, domain: by name."
    )
    alreadyAt = serializers.DateTimeField(
        allow_null=True,
        help_text="You told them the same then, less than a day ago: they are not told again.",
    )


class ImpactNotifyView(StrictView):
    """Announce a change to those whom it hits."""

    takes = {"post": ()}

    @extend_schema(
        operation_id="lineage_impact_notify",
        request=NotifyBody,
        responses={200: AnnouncementSerializer},
    )
    def post(self, request: Request) -> Response:
        """Tell owners, followers and consumers; for who may edit what is about to change."""
        body = NotifyBody(data=request.data)
        body.is_valid(raise_exception=True)
        focus = focus_on_datasets(
            get_focus(body.validated_data["focus"], request.user), request.user
        )
        try:
            announcement = announce_impact(
                focus, message=body.validated_data["message"], by=cast("User", request.user)
            )
        except AnnouncementForbidden as error:
            raise PermissionDenied(str(error)) from error
        return Response(_announcement_json(announcement))


def _announcement_json(announcement: Announcement) -> dict[str, object]:
    return {
        "productCount": len(announcement.products),
        "products": [
            {"id": row.guid, "name": row.name, "domain": row.domain.key}
            for row in announcement.products
        ],
        "alreadyAt": moment(announcement.already_at),
    }


class ImpactTableView(_ImpactView):
    """The same as a table."""

    @extend_schema(
        operation_id="lineage_impact_csv",
        parameters=PARAMETERS,
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """List what follows, for a spreadsheet."""
        lines = impact_csv(self.found(request))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="impact.csv"'
        return answer

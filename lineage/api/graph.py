"""The graph over REST: what is near something, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.query import StrictView
from lineage.api.graph_json import answer_json
from lineage.api.graph_query import PARAMETERS, TAKES, fitted, read_focus, read_query
from lineage.api.graph_serializers import LineageGraphSerializer
from lineage.graph.around import around


class FastJSONRenderer(JSONRenderer):
    """JSON of plain values, many times as fast."""

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Write an answer; a problem is written by the project's own renderer."""
        return orjson.dumps(data)


class LineageGraphView(StrictView):
    """What a dataset, product, column or job is made of, and what is made of it."""

    takes = {"get": TAKES}
    renderer_classes = [FastJSONRenderer]

    @extend_schema(
        operation_id="lineage_graph", parameters=PARAMETERS, responses=LineageGraphSerializer
    )
    def get(self, request: Request) -> Response:
        """Follow flows from a focus, at any time."""
        focus, query = read_focus(request), read_query(request)
        answer = around(fitted(focus, query, request.user), query, user=request.user)
        return Response(answer_json(answer))

"""Search over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, choice, number
from catalog.api.serializers.datasets import DatasetSerializer
from catalog.api.serializers.products import ProductSerializer
from catalog.api.serializers.search import AnswerSerializer, SuggestionsSerializer
from catalog.models import Dataset, Product
from catalog.registry.outcomes import Problem
from catalog.search.find import Found, Row, find
from catalog.search.suggest import suggest
from catalog.search.types import FACETS, KINDS, SORTS

PARAMETERS = ("q", "kind", "sort", "page", "perPage", *FACETS)
LONGEST_TEXT = 500
DESCRIBED = [
    OpenApiParameter("q", str, description='Words, "phrases", -without, column:name.'),
    OpenApiParameter("kind", str, enum=KINDS, default=KINDS[0]),
    OpenApiParameter("sort", str, enum=SORTS, default=SORTS[0]),
    OpenApiParameter("page", int, default=1),
    OpenApiParameter("perPage", int, default=20, description="1 to 100."),
    *(OpenApiParameter(name, str, many=True, description="A facet's value.") for name in FACETS),
]


def _text(request: Request) -> str:
    text = request.query_params.get("q", "")
    if len(text) > LONGEST_TEXT:
        message = f"has {len(text)} characters; at most {LONGEST_TEXT} are allowed"
        raise BadQuery([Problem("q", text[:200], message)])
    return text


class SearchView(StrictView):
    """Products or datasets that meet a text, ranked, with facets."""

    takes = {"get": PARAMETERS}
    repeatable = FACETS

    @extend_schema(parameters=DESCRIBED, responses=AnswerSerializer)
    def get(self, request: Request) -> Response:
        """Search."""
        filters = {
            name: frozenset(request.query_params.getlist(name))
            for name in FACETS
            if name in request.query_params
        }
        found = find(
            _text(request),
            by=request.user,
            kind=choice(request, "kind", KINDS),
            filters=filters,
            sort=choice(request, "sort", SORTS),
            page=number(request, "page", default=1, top=500),
            per_page=number(request, "perPage", default=20, top=100),
        )
        return Response(self._body(request, found))

    def _body(self, request: Request, found: Found) -> dict[str, Any]:
        return {
            "kind": found.kind,
            "total": found.total,
            "totalIsExact": found.total_is_exact,
            "otherTotal": found.other_total,
            "page": found.page,
            "results": self._rows(request, found.rows),
            "facets": {
                name: [{"value": v.value, "label": v.label, "count": v.count} for v in values]
                for name, values in found.facets.items()
            },
            "spelling": found.spelling.text if found.spelling else None,
            "isWidened": found.is_widened,
            "isSimpler": found.is_simpler,
        }

    def _rows(self, request: Request, rows: Sequence[Row]) -> list[dict[str, Any]]:
        items = [row.item for row in rows]
        prefetch_related_objects(items, "tags")
        context = {"request": request}
        products = [item for item in items if isinstance(item, Product)]
        datasets = [item for item in items if isinstance(item, Dataset)]
        said = [
            *ProductSerializer(products, many=True, context=context).data,
            *DatasetSerializer(datasets, many=True, context=context).data,
        ]
        return [
            {
                "item": item,
                "reasons": list(row.hit.reasons),
                "matched": [{"field": m.field, "value": m.value} for m in row.hit.matched],
            }
            for item, row in zip(said, rows, strict=True)
        ]


class SuggestView(StrictView):
    """Names that begin as typed."""

    takes = {"get": ("q",)}

    @extend_schema(parameters=[OpenApiParameter("q", str)], responses=SuggestionsSerializer)
    def get(self, request: Request) -> Response:
        """Suggest."""
        found = suggest(_text(request), by=request.user)
        rows = [{"text": s.text, "kind": s.kind, "path": s.path, "hint": s.hint} for s in found]
        return Response({"results": rows})

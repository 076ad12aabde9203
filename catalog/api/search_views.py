"""Search over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api import serializers
from catalog.api.problems import Invalid
from catalog.models import Product
from catalog.registry.outcomes import Problem
from catalog.search.find import Found, Row, find
from catalog.search.suggest import suggest
from catalog.search.types import FACETS, KINDS, SORTS

PARAMETERS = ("q", "kind", "sort", "page", "perPage", *FACETS)


def _choice(request: Request, name: str, allowed: tuple[Any, ...]) -> Any:
    value = request.query_params.get(name, allowed[0])
    if value not in allowed:
        raise Invalid([Problem(name, value, f"allowed are {', '.join(allowed)}")])
    return value


def _number(request: Request, name: str, default: int, top: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text[:9]) <= top:
        raise Invalid([Problem(name, text, f"allowed are 1 to {top}")])
    return int(text)


class SearchView(APIView):
    """Products or datasets that meet a text, ranked, with facets."""

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in PARAMETERS], responses=dict[str, Any]
    )
    def get(self, request: Request) -> Response:
        """Search."""
        unknown = sorted(set(request.query_params) - set(PARAMETERS))
        if unknown:
            said = f"unknown parameter; allowed are {', '.join(PARAMETERS)}"
            raise Invalid([Problem(name, None, said) for name in unknown])
        filters = {
            name: frozenset(request.query_params.getlist(name))
            for name in FACETS
            if name in request.query_params
        }
        found = find(
            request.query_params.get("q", ""),
            by=request.user,
            kind=_choice(request, "kind", KINDS),
            filters=filters,
            sort=_choice(request, "sort", SORTS),
            page=_number(request, "page", 1, 500),
            per_page=_number(request, "perPage", 20, 100),
        )
        return Response(self._body(request, found))

    def _body(self, request: Request, found: Found) -> dict[str, Any]:
        return {
            "kind": found.kind,
            "total": found.total,
            "totalIsExact": found.total_is_exact,
            "otherTotal": found.other_total,
            "page": found.page,
            "results": [self._row(request, row) for row in found.rows],
            "facets": {
                name: [{"value": v.value, "label": v.label, "count": v.count} for v in values]
                for name, values in found.facets.items()
            },
            "spelling": found.spelling.text if found.spelling else None,
        }

    def _row(self, request: Request, row: Row) -> dict[str, Any]:
        context = {"request": request}
        if isinstance(row.item, Product):
            item: Any = serializers.ProductSerializer(row.item, context=context).data
        else:
            item = serializers.DatasetSerializer(row.item, context=context).data
        matched = [{"field": m.field, "value": m.value} for m in row.hit.matched]
        return {"item": item, "reasons": list(row.hit.reasons), "matched": matched}


class SuggestView(APIView):
    """Names that begin as typed."""

    @extend_schema(parameters=[OpenApiParameter("q", str)], responses=dict[str, Any])
    def get(self, request: Request) -> Response:
        """Suggest."""
        found = suggest(request.query_params.get("q", ""), by=request.user)
        rows = [{"text": s.text, "kind": s.kind, "path": s.path, "hint": s.hint} for s in found]
        return Response({"results": rows})

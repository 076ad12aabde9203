"""What a search finds, as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe
from rest_framework.serializers import BaseSerializer

from catalog.api.serializers.datasets import DatasetSerializer
from catalog.api.serializers.products import ProductSerializer
from catalog.exports.table import lines
from portal.views.search import find_asked

LOT = 100
MOST = 2_000


@require_safe
def search_table(request: HttpRequest) -> StreamingHttpResponse:
    """Download the best `MOST` results of a search; a last line says so when there are more."""
    kind = "dataset" if request.GET.get("kind") == "dataset" else "product"
    serializer = DatasetSerializer if kind == "dataset" else ProductSerializer
    header = list(serializer(context={"request": request}).fields)
    rows = _rows(request, serializer, header[0])
    answer = StreamingHttpResponse(lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}s.csv"'
    return answer


def _rows(
    request: HttpRequest, serializer: type[BaseSerializer[Any]], first: str
) -> Iterator[Mapping[str, Any]]:
    for page in range(1, MOST // LOT + 1):
        found = find_asked(request, page=page, per_page=LOT)
        items: Any = [row.item for row in found.rows]
        yield from serializer(items, many=True, context={"request": request}).data
        if not items or (page * LOT >= found.total and found.total_is_exact):
            return
    yield {first: f"truncated: the best {MOST} only; narrow the search for the rest"}

"""Lists as tables: every row that the filters of a list keep, streamed as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from catalog.api.pagination import ordered
from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, choice
from catalog.api.renderers import ProblemRenderer
from catalog.db.batches import batched
from catalog.exports.table import lines
from catalog.registry.outcomes import Problem

LOT = 500
MEDIA_TYPE = "text/csv"
FORMATS = ("json", "csv")


class CsvRenderer(ProblemRenderer):
    """`text/csv`; a problem stays JSON."""

    media_type = MEDIA_TYPE
    format = "csv"


class Tabled(StrictView):
    """A list that is answered as CSV, too: `?format=csv`, or `Accept: text/csv`. Stands before the mixins."""

    def parameters(self) -> list[str]:
        """Take the name of a form besides."""
        known = super().parameters()
        return [*known, "format"] if self._is_list() else known

    def get_renderers(self) -> list[BaseRenderer]:
        """Offer CSV for the list."""
        known = list(super().get_renderers())
        return [*known, CsvRenderer()] if self._is_list() else known

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Answer with a page, or with everything as a table."""
        form = request.accepted_renderer.format
        if "format" in request.query_params:
            form = choice(request, "format", FORMATS)
        if form == "csv":
            return self._table(request)
        return super().list(request, *args, **kwargs)  # type: ignore[misc]

    def _is_list(self) -> bool:
        return getattr(self, "action", None) == "list"

    def _table(self, request: Request) -> StreamingHttpResponse:
        given = [n for n in ("cursor", "pageSize") if n in request.query_params]
        if given:
            raise BadQuery([Problem(n, None, "a table has no pages; leave it out") for n in given])
        view: Any = self
        rows = ordered(view.filter_queryset(view.get_queryset()), request, view)
        serializer = view.get_serializer()
        header = list(serializer.fields)
        answer = StreamingHttpResponse(
            lines(header, self._rows(rows)), content_type=f"{MEDIA_TYPE}; charset=utf-8"
        )
        name = str(getattr(view, "basename", "") or "table").removeprefix("api-")
        answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return answer

    def _rows(self, rows: QuerySet[Any]) -> Iterator[Mapping[str, Any]]:
        """Yield rows in JSON, a lot at a time; what depends on the caller is read once for a lot."""
        view: Any = self
        found = rows.iterator(chunk_size=LOT)
        for lot in batched(found, LOT):
            yield from view.get_serializer(lot, many=True).data

"""Bulk edits by a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.query import StrictView, choice
from catalog.api.table_edits import MOST_BYTES, TableDone, edit_by_table
from catalog.registry.outcomes import Problem


class CsvParser(BaseParser):
    """`text/csv`, as bytes."""

    media_type = "text/csv"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the table, one byte more than it may have at most."""
        return bytes(stream.read(MOST_BYTES + 1))


class _ProblemSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="The column; empty for the whole row.")
    value = serializers.JSONField(allow_null=True)
    message = serializers.CharField()


class _ChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class _RowSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="Of the file; the header is line 1.")
    product = serializers.CharField(
        help_text="domain/key, or what the row says where it is not known."
    )
    outcome = serializers.ChoiceField(choices=["changed", "unchanged", "refused"])
    changes = _ChangeSerializer(many=True)
    problems = _ProblemSerializer(many=True)


class TableDoneSerializer(serializers.Serializer[Any]):
    """What became of each row."""

    dryRun = serializers.BooleanField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    ignored = serializers.ListField(
        child=serializers.CharField(), help_text="Columns that are shown but not written."
    )
    rows = _RowSerializer(many=True)


class ProductTableView(StrictView):
    """Products edited by a table."""

    takes = {"post": ("dryRun",)}
    parser_classes = [CsvParser]

    @extend_schema(
        operation_id="import_dataproducts",
        parameters=[
            OpenApiParameter(
                "dryRun",
                str,
                enum=["true", "false"],
                default="false",
                description="`true`: say what would happen, and change nothing.",
            )
        ],
        request={"text/csv": OpenApiTypes.STR},
        responses=TableDoneSerializer,
    )
    def post(self, request: Request) -> Response:
        """Edit the products that rows name, where a cell differs from what is shown; empty cells say nothing."""
        user = person(request)
        raw: object = request.data
        if not isinstance(raw, bytes) or not raw:
            raise Invalid([Problem("", None, "send a table as text/csv in the body")])
        is_dry = choice(request, "dryRun", ("false", "true")) == "true"
        return Response(done_json(edit_by_table(raw, by=user, dry_run=is_dry)))


def done_json(done: TableDone) -> dict[str, Any]:
    """Return what `TableDoneSerializer` describes."""
    return {
        "dryRun": done.is_dry_run,
        "changed": done.count("changed"),
        "unchanged": done.count("unchanged"),
        "refused": done.count("refused"),
        "ignored": list(done.ignored),
        "rows": [
            {
                "line": row.line,
                "product": row.product,
                "outcome": row.did,
                "changes": [
                    {"field": name, "before": before, "after": after}
                    for name, before, after in row.changes
                ],
                "problems": [
                    {"path": p.path, "value": p.value, "message": p.message} for p in row.problems
                ],
            }
            for row in done.rows
        ],
    }

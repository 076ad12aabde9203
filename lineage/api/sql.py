"""SQL lineage over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.bodies import Body
from catalog.api.query import StrictView
from lineage.api.impact_json import node_name
from lineage.graph.sql_lineage import SqlLineage, sql_lineage
from lineage.sql import DIALECTS, Statement
from lineage.sql.work import MAX_LENGTH


class SqlBody(Body[Any]):
    """A statement, or several with semicolons."""

    sql = serializers.CharField(max_length=MAX_LENGTH, trim_whitespace=False)
    dialect = serializers.ChoiceField(DIALECTS, required=False, default="")
    namespace = serializers.CharField(
        max_length=500,
        required=False,
        default="",
        allow_blank=True,
        help_text="Where its tables are, as `postgres://host:5432`.",
    )
    schema = serializers.CharField(
        max_length=500,
        required=False,
        default="",
        allow_blank=True,
        help_text="What stands before a bare name, as `shop.public`.",
    )


class SqlTableSerializer(serializers.Serializer[Any]):
    """A table as written, and the dataset it means: null if none is known that one may see."""

    name = serializers.CharField()
    dataset = serializers.DictField(allow_null=True)


class SqlColumnSerializer(serializers.Serializer[Any]):
    """A column goes into another. `fromTable` is empty where it cannot be told which it is."""

    fromTable = serializers.CharField()
    fromColumn = serializers.CharField(help_text="`*`: all of a table whose columns are not known.")
    toTable = serializers.CharField(help_text="Empty: the result is only shown.")
    toColumn = serializers.CharField(help_text="Empty: it decides which rows there are.")
    how = serializers.CharField(help_text="IDENTITY, TRANSFORMATION, AGGREGATION, JOIN, FILTER, …")


class SqlStatementSerializer(serializers.Serializer[Any]):
    """What one statement does."""

    kind = serializers.CharField()
    reads = SqlTableSerializer(many=True)
    writes = SqlTableSerializer(many=True)
    columns = SqlColumnSerializer(many=True)
    problem = serializers.CharField(allow_null=True, help_text="Why it is not wholly understood.")


class SqlLineageSerializer(serializers.Serializer[Any]):
    """What the statements do, one by one and from end to end."""

    statements = SqlStatementSerializer(many=True)
    whole = SqlStatementSerializer()


class SqlLineageView(StrictView):
    """What a statement of SQL reads and writes; it is never run."""

    permission_classes = [IsAuthenticated]
    takes = {"post": ()}

    @extend_schema(
        operation_id="lineage_sql", request=SqlBody, responses={200: SqlLineageSerializer}
    )
    def post(self, request: Request) -> Response:
        """Read SQL by table and column, with the columns of the datasets one may see."""
        body = SqlBody(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        found = sql_lineage(
            data["sql"],
            user=request.user,
            dialect=data["dialect"],
            namespace=data["namespace"],
            schema=data["schema"],
        )
        whole = found.script.end_to_end()
        statements = [_statement(s, found) for s in found.script.statements]
        return Response({"statements": statements, "whole": _statement(whole, found)})


def _statement(statement: Statement, found: SqlLineage) -> dict[str, Any]:
    columns = [
        (p.from_table, p.from_column, p.to_table, p.to_column, p.how) for p in statement.columns
    ]
    columns += [(i.from_table, i.from_column, i.to_table, "", i.how) for i in statement.influences]
    names = ("fromTable", "fromColumn", "toTable", "toColumn", "how")
    return {
        "kind": statement.kind,
        "reads": [_table(name, found) for name in statement.reads],
        "writes": [_table(name, found) for name in statement.writes],
        "columns": [dict(zip(names, row, strict=True)) for row in columns],
        "problem": statement.problem or None,
    }


def _table(name: str, found: SqlLineage) -> dict[str, Any]:
    node = found.meant.get(name)
    return {"name": name, "dataset": None if node is None else node_name(node)}

"""Parameters of Marquez' addresses, as documented and as read."""

from __future__ import annotations

from datetime import UTC, datetime

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from catalog.api.problems import BadQuery
from catalog.api.query import number
from catalog.registry.outcomes import Problem
from lineage.openlineage.parse import read_time

OBJECT = OpenApiTypes.OBJECT
LIMIT = OpenApiParameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
)
OFFSET = OpenApiParameter("offset", {"type": "integer", "minimum": 0, "default": 0})
NODE = OpenApiParameter("nodeId", str, required=True, description="`dataset:<namespace>:<name>`, …")
DEPTH = OpenApiParameter("depth", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
REST = OpenApiParameter("rest", str, OpenApiParameter.PATH, description="Escape `/` as %2F or not.")


def page(request: Request) -> tuple[int, int]:
    """Read limit and offset."""
    limit = number(request, "limit", default=100, top=1000)
    return limit, number(request, "offset", default=0, top=1_000_000, least=0)


def when(request: Request, name: str) -> datetime | None:
    """Read a moment or a day; None where it is not given."""
    text = request.query_params.get(name)
    if not text:
        return None
    at = read_time(text.replace(" ", "+"))
    if at is None:
        raise BadQuery([Problem(name, text[:60], "write a time as 2026-05-03T06:00:00Z")])
    return at if at.tzinfo else at.replace(tzinfo=UTC)

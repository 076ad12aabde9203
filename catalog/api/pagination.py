"""Pages of a list, walked by a cursor: nothing is skipped or shown twice while rows come and go.

A cursor holds the place of a row (its value in the order, and its id), so a page costs the same
wherever it is. `total` is counted up to `MOST`; beyond that `totalIsExact` is false.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer

from catalog.api.problems import BadQuery
from catalog.api.query import choice, number
from catalog.registry.outcomes import Problem

_Row = TypeVar("_Row", bound=Model)

SIZE = 50
LARGEST = 500
MOST = 10_000
BIGGEST_ID = 2**63 - 1
UNREADABLE = (
    binascii.Error,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    ValidationError,
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after (or, going back, before) a row of this value and id."""

    ordering: str
    value: Any
    pk: int
    is_back: bool = False

    def text(self) -> str:
        """Return the place as an opaque word."""
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        text = json.dumps([self.ordering, value, self.pk, int(self.is_back)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Order:
    """One allowed order: its public name, the field behind it, and the direction."""

    name: str
    field: str
    is_falling: bool
    may_be_empty: bool

    def sorted(self, rows: QuerySet[Any], is_back: bool) -> QuerySet[Any]:
        """Put rows in this order, or the opposite one; empty values come last."""
        falling = self.is_falling != is_back
        sign = "-" if falling else ""
        if self.field == "pk":
            return rows.order_by(f"{sign}pk")
        if not self.may_be_empty:
            return rows.order_by(f"{sign}{self.field}", f"{sign}pk")
        first, last = (True, None) if is_back else (None, True)
        by = F(self.field).desc if falling else F(self.field).asc
        return rows.order_by(by(nulls_first=first, nulls_last=last), f"{sign}pk")

    def after(self, place: Position) -> Q:
        """Return what comes after a place (before it when the place leads back)."""
        word = "lt" if self.is_falling != place.is_back else "gt"
        beyond = Q(**{f"pk__{word}": place.pk})
        if self.field == "pk":
            return beyond
        empty = Q(**{f"{self.field}__isnull": True})
        if place.value is None:
            return (empty & beyond) | ~empty if place.is_back else empty & beyond
        found = Q(**{f"{self.field}__{word}": place.value})
        found |= Q(**{self.field: place.value}) & beyond
        return found | empty if self.may_be_empty and not place.is_back else found


class Cursor(BasePagination):
    """Walk a list: `?cursor=…&pageSize=…&ordering=…`.

    A view says its `orderings` (public name -> field) and `default_ordering` (a name, perhaps with `-`).
    """

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: Any = None
    ) -> list[Any]:
        """Return the rows of the page asked for. Raises BadQuery."""
        if not isinstance(queryset, QuerySet):
            raise TypeError("a cursor walks rows of the database")
        self.request = request
        self.size = number(request, "pageSize", default=SIZE, top=LARGEST)
        orderings, default = orderings_of(view)
        chosen = choice(request, "ordering", choices(orderings), default)
        self.order = _order(queryset.model, orderings, chosen)
        place = self._place(queryset.model, chosen)
        is_back = place is not None and place.is_back
        bare = queryset.order_by()
        self.total = bare.values("pk")[: MOST + 1].count()
        rows = bare if place is None else bare.filter(self.order.after(place))
        found = list(self.order.sorted(rows, is_back)[: self.size + 1])
        has_more = len(found) > self.size
        found = found[: self.size]
        if is_back:
            found.reverse()
        self.next = self._link(found, -1, has_more or is_back)
        self.previous = self._link(found, 0, has_more if is_back else place is not None)
        return found

    def get_paginated_response(self, data: Any) -> Response:
        """Answer with the page, the ways on and back, and how many there are."""
        body = {
            "next": self.next,
            "previous": self.previous,
            "total": min(self.total, MOST),
            "totalIsExact": self.total <= MOST,
            "results": data,
        }
        return Response(body)

    def _link(self, rows: Sequence[Model], which: int, is_there: bool) -> str | None:
        if not rows or not is_there:
            return None
        row = rows[which]
        value = None if self.order.field == "pk" else getattr(row, self.order.field)
        place = Position(self.order.name, value, row.pk, is_back=which == 0)
        query = {k: v for k, v in self.request.query_params.items() if k != "cursor"}
        address = self.request.build_absolute_uri(self.request.path)
        return f"{address}?{urlencode({**query, 'cursor': place.text()})}"

    def _place(self, model: type[Model], ordering: str) -> Position | None:
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        problem = Problem("cursor", text[:200], "allowed are cursors of `next` and `previous`")
        try:
            padded = text + "=" * (-len(text) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            name, value, pk, back = parts
            is_whole = isinstance(pk, int) and 0 <= pk <= BIGGEST_ID
            if not is_whole or not isinstance(name, str):
                raise BadQuery([problem])
            if name != ordering:
                message = f"this cursor walks ordering={name}; keep the ordering it came with"
                raise BadQuery([Problem("cursor", text[:200], message)])
            return Position(name, self._value(model, value), pk, bool(back))
        except UNREADABLE as error:
            raise BadQuery([problem]) from error

    def _value(self, model: type[Model], sent: object) -> object:
        if self.order.field == "pk" or sent is None:
            return None
        if not isinstance(sent, str | int | float) or "\0" in str(sent):
            raise ValueError(sent)
        str(sent).encode()
        field = model._meta.get_field(self.order.field)
        value = field.to_python(sent) if isinstance(field, Field) else None
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(sent)
        if isinstance(value, int) and abs(value) > BIGGEST_ID:
            raise ValueError(sent)
        return value

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "total", "totalIsExact", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "total": {"type": "integer", "description": f"Counted up to {MOST}."},
                "totalIsExact": {"type": "boolean"},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters."""
        page = {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": SIZE}
        found: list[dict[str, Any]] = [
            _parameter("cursor", {"type": "string"}, "From `next` or `previous` of a page."),
            _parameter("pageSize", page, "Rows of one page."),
        ]
        orderings, default = orderings_of(view)
        if len(orderings) > 1 and getattr(view, "action", "list") == "list":
            words = {"type": "string", "enum": choices(orderings), "default": default}
            found.append(_parameter("ordering", words, "With `-`: the other way round."))
        if getattr(view, "action", "list") == "list" and hasattr(view, "_table"):
            forms = {"type": "string", "enum": ["json", "csv"], "default": "json"}
            found.append(_parameter("format", forms, "`csv`: every row, as a table."))
        return found


def ordered(rows: QuerySet[Any], request: Request, view: Any) -> QuerySet[Any]:
    """Put all rows of a list in the order asked for. Raises BadQuery."""
    orderings, default = orderings_of(view)
    chosen = choice(request, "ordering", choices(orderings), default)
    return _order(rows.model, orderings, chosen).sorted(rows, is_back=False)


class NewestFirst:
    """The order of measurements."""

    orderings = {"measuredAt": "measured_at"}
    default_ordering = "-measuredAt"


def history(
    request: Request, rows: QuerySet[_Row], serializer: type[ModelSerializer[_Row]]
) -> Response:
    """Answer with one page of measurements, newest first."""
    cursor = Cursor()
    page = cursor.paginate_queryset(rows, request, NewestFirst)
    return cursor.get_paginated_response(serializer(page, many=True).data)


def orderings_of(view: Any) -> tuple[Mapping[str, str], str]:
    """Return the orders a view allows, and the one it takes when nothing is said."""
    orderings = getattr(view, "orderings", {"id": "pk"})
    return orderings, getattr(view, "default_ordering", next(iter(orderings)))


def choices(orderings: Mapping[str, str]) -> list[str]:
    """Return every word that `ordering` may say."""
    return [word for name in orderings for word in (name, f"-{name}")]


def _order(model: type[Model], orderings: Mapping[str, str], chosen: str) -> Order:
    field = orderings[chosen.removeprefix("-")]
    try:
        may_be_empty = field != "pk" and bool(getattr(model._meta.get_field(field), "null", False))
    except FieldDoesNotExist:
        may_be_empty = False
    return Order(chosen, field, chosen.startswith("-"), may_be_empty)


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }

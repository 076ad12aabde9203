"""What callers send in the query of an address: read strictly, refused with the name, value and rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.problems import BadQuery, LengthRequired
from catalog.models import Product, User
from catalog.registry.outcomes import Problem

LONGEST = 2000
_Word = TypeVar("_Word", bound=str)


class StrictView(APIView):
    """Refuses query parameters that the address does not take, or takes once and gets twice.

    `takes` names them for each action (or method) beside the filters and the cursor of a list.
    """

    takes: Mapping[str, Sequence[str]] = {}
    repeatable: Collection[str] = ()
    #: Takes bodies whose length is not announced.
    takes_pieces = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the caller, then the query."""
        super().initial(request, *args, **kwargs)
        has_length = bool(request.headers.get("Content-Length"))
        if request.headers.get("Transfer-Encoding") and not (has_length or self.takes_pieces):
            raise LengthRequired
        check_query(request, self.parameters(), self.repeatable)

    def parameters(self) -> list[str]:
        """Return the names that this call may carry."""
        name = getattr(self, "action", None) or str(self.request.method).lower()
        known = list(self.takes.get(name, ()))
        if name == "list":
            filters = getattr(self, "filterset_class", None)
            known += [] if filters is None else list(filters.base_filters)
        if name == "list" or name in getattr(self, "paged_actions", ()):
            known += ["cursor", "pageSize"]
        if name == "list" and len(getattr(self, "orderings", ())) > 1:
            known.append("ordering")
        return known


def check_query(request: Request, known: Sequence[str], repeatable: Collection[str] = ()) -> None:
    """Raise BadQuery for a name that is unknown or repeated, or a value that is no text."""
    problems = [Problem("", "…", "the query is no UTF-8; escape each byte of UTF-8 as %XX")]
    if not _is_text(str(request.META.get("QUERY_STRING", ""))):
        raise BadQuery(problems)
    problems = []
    allowed = ", ".join(sorted(known)) or "none here"
    for name, values in sorted(request.query_params.lists()):
        if name not in known:
            message = f"unknown parameter; allowed are {allowed}"
            problems.append(Problem(name[:200], _brief(values[0]), message))
        elif len(values) > 1 and name not in repeatable:
            problems.append(Problem(name, _brief(values[1]), "is given twice; give it once"))
        elif any("\0" in value for value in values):
            message = "holds the character NUL (U+0000), which no text may hold"
            problems.append(Problem(name, "…", message))
        elif any(len(value) > LONGEST for value in values):
            problems.append(Problem(name, "…", f"is longer than {LONGEST} characters"))
    if problems:
        raise BadQuery(problems)


def choice(request: Request, name: str, allowed: Sequence[_Word], default: str = "") -> _Word:
    """Read one of a few words; without a default the first is meant where nothing is said."""
    value = request.query_params.get(name, default or allowed[0])
    for word in allowed:
        if word == value:
            return word
    raise BadQuery([Problem(name, _brief(value), f"allowed are {', '.join(allowed)}")])


def number(request: Request, name: str, *, default: int, top: int, least: int = 1) -> int:
    """Read a whole number within bounds."""
    text = request.query_params.get(name)
    return default if text is None else whole(name, text, least=least, top=top)


def read_moment(request: Request, name: str) -> datetime | None:
    """Read a moment: a date is its end of day, without an offset it is UTC."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        found = _end_of(text.strip()) or parse_datetime(text.strip().replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 9000:
        message = "is no moment; write 2026-05-03T06:00:00Z, or a day"
        raise BadQuery([Problem(name, text[:200], message)])
    return found if timezone.is_aware(found) else found.replace(tzinfo=UTC)


def _end_of(text: str) -> datetime | None:
    day = parse_date(text)
    return None if day is None else datetime(day.year, day.month, day.day, 23, 59, 59, 999_999)


def whole(name: str, text: str, *, least: int = 1, top: int) -> int:
    """Return the whole number a text says; raise BadQuery outside the bounds."""
    is_plain = text.isascii() and text.isdigit() and len(text) <= 19
    if not is_plain or not least <= int(text) <= top:
        raise BadQuery([Problem(name, _brief(text), f"allowed are whole numbers {least} to {top}")])
    return int(text)


def _is_text(raw: str) -> bool:
    try:
        unquote_to_bytes(raw.encode("latin-1")).decode()
    except UnicodeError:
        return False
    return True


def _brief(value: str) -> str:
    return value if len(value) <= 200 else f"{value[:200]}… ({len(value)} characters)"


def product_named(request: Request, user: User) -> Product | None:
    """Return the product whose GUID is asked for as `product`, None where none is. Raises BadQuery."""
    guid = request.query_params.get("product")
    if not guid:
        return None
    rows = Product.objects.visible_to(user).select_related("domain", "team")
    product = rows.filter(guid=guid).first()
    if product is None:
        raise BadQuery([Problem("product", guid, "no product that you may see has this GUID")])
    return product

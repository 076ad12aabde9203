"""Search: the page, its part for htmx, and suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.access.grants import granted_products
from catalog.models import Dataset, Product
from catalog.search.find import Found, find
from catalog.search.suggest import suggest as suggestions
from catalog.search.types import FACETS, KINDS, SORTS, FacetValue, Hit, Kind, Match, Sort
from portal.paging import Page, page_number
from portal.viewer import viewer

PER_PAGE = 20
LABELS = {
    "domain": "Domain",
    "archetype": "Kind of product",
    "team": "Team",
    "status": "Status",
    "tag": "Tag",
    "classification": "Classification",
    "quality": "Quality",
    "technology": "Stored in",
    "updated": "Updated",
}
SORT_WORDS = {
    "relevance": "Best match",
    "name": "Name",
    "updated": "Last updated",
    "quality": "Quality",
    "use": "Most used",
}
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of values at the left: the first few, and the rest folded."""

    key: str
    label: str
    values: tuple[FacetValue, ...]

    @property
    def first(self) -> tuple[FacetValue, ...]:
        """The values shown at once: chosen ones always are."""
        return tuple(v for i, v in enumerate(self.values) if i < SHOWN or v.is_chosen)

    @property
    def rest(self) -> tuple[FacetValue, ...]:
        """The values folded away."""
        return tuple(v for i, v in enumerate(self.values) if i >= SHOWN and not v.is_chosen)


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen filter and the address without it."""

    label: str
    value: str
    query: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a question finds; the same answer without its frame for htmx."""
    user = viewer(request)
    found = find_asked(request, page=page_number(request), per_page=PER_PAGE)
    context = {
        "query": found.text,
        "found": found,
        "page": Page(found.rows, found.page, found.per_page, found.total),
        "facets": _facets(found),
        "chips": _chips(request.GET, found),
        "sorts": SORT_WORDS.items(),
        "rows": [(row, _shown(row.item, row.hit)) for row in found.rows],
        "granted": granted_products(user) if user.is_authenticated else frozenset(),
        "area": "search",
        "cleared": _without(request.GET, *FACETS),
    }
    part = request.headers.get("HX-Target") == "results"
    response = render(request, f"pages/search/{'_results' if part else 'page'}.html", context)
    patch_vary_headers(response, ["HX-Target"])
    return response


def find_asked(request: HttpRequest, *, page: int, per_page: int) -> Found:
    """Return one page of what the address asks for: text, kind, facets and order; unknown words count for nothing."""
    kind: Kind = next((one for one in KINDS if one == request.GET.get("kind")), "product")
    sort: Sort = next((one for one in SORTS if one == request.GET.get("sort")), "relevance")
    chosen = {key: frozenset(request.GET.getlist(key)) - {""} for key in FACETS}
    return find(
        request.GET.get("q", "").strip()[:400],
        by=viewer(request),
        kind=kind,
        filters={key: values for key, values in chosen.items() if values},
        sort=sort,
        page=page,
        per_page=per_page,
    )


MATCHES = 4


@dataclass(frozen=True, slots=True)
class MatchDetail:
    """Where a result met the question, and the place on its page, for columns."""

    field: str
    value: str
    url: str


def _shown(item: Product | Dataset, hit: Hit) -> tuple[MatchDetail, ...]:
    """Keep the matches worth a line: a key that only repeats the name is none."""
    names = {match.value.lower() for match in hit.matched if match.field == "name"}
    kept = []
    for match in hit.matched:
        spoken = match.value.lower().replace("-", " ").replace("_", " ")
        if match.field == "key" and spoken in names:
            continue
        kept.append(MatchDetail(match.field, match.value, _place(item, match)))
    return tuple(kept[:MATCHES])


def _place(item: Product | Dataset, match: Match) -> str:
    if match.field != "column":
        return ""
    if isinstance(item, Product):
        page = reverse("product-tab", args=[item.domain.key, item.key, "schema"])
    else:
        page = reverse("dataset", args=[item.pk])
    return f"{page}?column={quote(match.value)}#c.{quote(match.value)}"


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """List names that start as typed."""
    found = suggestions(request.GET.get("q", "")[:100], by=viewer(request))
    return render(request, "pages/search/_suggestions.html", {"suggestions": found})


def _facets(found: Found) -> list[Facet]:
    return [Facet(key, LABELS[key], tuple(v)) for key, v in found.facets.items() if v]


def _chips(params: QueryDict, found: Found) -> list[Chip]:
    chips = []
    for key, values in found.facets.items():
        for value in values:
            if value.is_chosen:
                left = params.copy()
                left.setlist(key, [v for v in params.getlist(key) if v != value.value])
                left.pop("page", None)
                chips.append(Chip(LABELS[key], value.label, left.urlencode()))
    return chips


def _without(params: QueryDict, *keys: str) -> str:
    left = params.copy()
    for key in (*keys, "page"):
        left.pop(key, None)
    return left.urlencode()

"""Find products and datasets for a person: the index proposes, the database decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.contrib.auth.models import AnonymousUser

from catalog.models import Dataset, Domain, Product, Team, User
from catalog.people.viewers import without_hidden_domains
from catalog.search.engines import backend
from catalog.search.types import (
    FACETS,
    Dropped,
    FacetValue,
    Hit,
    Kind,
    Query,
    Sort,
    Spelling,
)
from catalog.visibility import viewer_tokens

#: A filter that nothing meets: no key of a domain has a slash.
NOTHING = "/"


@dataclass(frozen=True, slots=True)
class Row:
    """One found row with why it was found."""

    item: Product | Dataset
    hit: Hit


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an answer, ready to show.

    `other_total` counts what the other kind would find. `facets` come in the order of `FACETS`,
    chosen values included even where they count 0. `unfiltered_total` is set when only the filters
    left nothing.
    """

    kind: Kind
    text: str
    rows: tuple[Row, ...]
    total: int
    total_is_exact: bool
    other_total: int
    page: int
    per_page: int
    sort: Sort
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    spelling: Spelling | None = None
    dropped: tuple[Dropped, ...] = ()
    is_widened: bool = False
    unfiltered_total: int | None = None
    is_simpler: bool = False

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))


def find(
    text: str,
    *,
    by: User | AnonymousUser,
    kind: Kind = "product",
    filters: Mapping[str, frozenset[str]] | None = None,
    sort: Sort = "relevance",
    page: int = 1,
    per_page: int = 20,
) -> Found:
    """Return one page of what the person may see; unknown facet keys are ignored."""
    chosen = {k: v for k, v in (filters or {}).items() if k in FACETS and v}
    if keys := chosen.get("domain"):
        chosen["domain"] = _known_domains(keys, by) or frozenset({NOTHING})
    query = Query(
        viewers=viewer_tokens(by),
        text=text,
        kind=kind,
        filters=chosen,
        sort=sort,
        offset=(page - 1) * per_page,
        limit=per_page,
        counts_other=True,
    )
    answer = backend().search(query)
    return Found(
        kind,
        text,
        _rows(answer.hits, kind, by),
        answer.total,
        answer.total_is_exact,
        answer.other_total or 0,
        page,
        per_page,
        sort,
        labelled(answer.facets, by),
        answer.spelling,
        answer.dropped,
        answer.is_widened,
        answer.unfiltered_total,
        answer.is_simpler,
    )


def _known_domains(keys: frozenset[str], by: User | AnonymousUser) -> frozenset[str]:
    """Return the domains the person may know of: a hidden one filters as one that is not there."""
    seen = Domain.objects.visible_to(by).filter(key__in=keys)
    return frozenset(seen.order_by().values_list("key", flat=True))


def _rows(hits: Sequence[Hit], kind: Kind, by: User | AnonymousUser) -> tuple[Row, ...]:
    """Load the rows in order; what the index still shows but the database hides is left out."""
    ids = [hit.id for hit in hits]
    found: Mapping[int, Product | Dataset]
    if kind == "product":
        found = Product.objects.visible_to(by).with_summary().in_bulk(ids)
    else:
        datasets = Dataset.objects.visible_to(by).select_related(
            "domain", "team", "product__domain"
        )
        rows = datasets.in_bulk(ids)
        without_hidden_domains(rows.values(), by)
        found = rows
    pairs = [(found[hit.id], hit) for hit in hits if hit.id in found]
    if by.is_authenticated:
        return tuple(Row(item, hit) for item, hit in pairs)
    return tuple(Row(item, _without_people(hit, item)) for item, hit in pairs)


def _without_people(hit: Hit, item: Product | Dataset) -> Hit:
    """Leave out which people of the owning team met the question: they are named to who signs in."""
    people = {one.value for one in hit.matched if one.field == "owner"}
    people -= {item.team.name} if item.team else set()
    matched = tuple(one for one in hit.matched if one.value not in people)
    hidden = {f"owner {name}" for name in people}
    return replace(hit, matched=matched, reasons=tuple(r for r in hit.reasons if r not in hidden))


def labelled(
    facets: Mapping[str, Sequence[FacetValue]], by: User | AnonymousUser
) -> dict[str, tuple[FacetValue, ...]]:
    """Give facet values their names, domains in the order of the tree."""
    domains = {d.key: d for d in Domain.objects.visible_to(by)}
    teams = dict(Team.objects.values_list("key", "name")) if facets.get("team") else {}
    shown: dict[str, tuple[FacetValue, ...]] = {}
    for facet, values in facets.items():
        if facet == "domain":
            known = [(domains[v.value], v) for v in values if v.value in domains]
            known.sort(key=lambda pair: pair[0].path)
            shown[facet] = tuple(
                replace(v, label=d.name, depth=d.depth, hue=d.hue) for d, v in known
            )
        elif facet == "team":
            shown[facet] = tuple(replace(v, label=teams.get(v.value, v.value)) for v in values)
        else:
            named = LABELS.get(facet, {})
            ranked = [replace(v, label=named.get(v.value, _plain(v.value))) for v in values]
            order = list(named)
            if named:
                ranked.sort(key=lambda v: order.index(v.value) if v.value in named else 99)
            shown[facet] = tuple(ranked)
    return shown


def _plain(value: str) -> str:
    return value.replace("-", " ").capitalize() if value.islower() else value


LABELS: dict[str, dict[str, str]] = {
    "quality": {
        "90": "90 and better",
        "75": "75 to 89",
        "50": "50 to 74",
        "0": "Below 50",
        "unmeasured": "Not measured",
    },
    "updated": {
        "day": "Last 24 hours",
        "week": "Last 7 days",
        "month": "Last 30 days",
        "year": "Last year",
    },
    "technology": {
        "postgresql": "PostgreSQL",
        "sqlite": "SQLite",
        "parquet": "Parquet",
        "csv": "CSV",
        "tsv": "TSV",
        "ndjson": "NDJSON",
        "json": "JSON",
    },
}

"""Find products and datasets for a person: the index proposes, the database decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import AnonymousUser

from catalog.models import Dataset, Product, User
from catalog.search.types import Dropped, FacetValue, Hit, Kind, Sort, Spelling


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
    raise NotImplementedError

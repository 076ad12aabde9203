"""The words of search: what is asked, what is indexed, what is answered. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Kind = Literal["product", "dataset"]
KINDS: tuple[Kind, ...] = ("product", "dataset")
Sort = Literal["relevance", "name", "updated", "quality", "use"]
SORTS: tuple[Sort, ...] = ("relevance", "name", "updated", "quality", "use")
Viewers = frozenset[str] | None
"""The audience tokens of the person who asks; None: a platform admin, who sees everything."""

FACETS = (
    "domain",
    "archetype",
    "team",
    "status",
    "tag",
    "classification",
    "quality",
    "technology",
    "updated",
)
"""The keys by which answers can be narrowed; they are also URL parameters."""


@dataclass(frozen=True, slots=True)
class FieldText:
    """One described thing inside a document: a column, a port, a dataset."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an index keeps of one product or dataset.

    `facets` maps a facet key to the values the document has; for `domain` that is the key of the
    domain and of all domains above it. `quality` and `updated` are not among them: an index makes
    those bands itself, of `quality_score`, and of `updated_at` at the time of asking.
    """

    kind: Kind
    id: int
    audience: str
    name: str
    key: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    domain: str = ""
    team: str = ""
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    ports: tuple[FieldText, ...] = ()
    datasets: tuple[FieldText, ...] = ()
    columns: tuple[FieldText, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: str = ""
    is_certified: bool = False
    quality_score: float | None = None
    use_count: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question. `viewers` has no default: nobody asks without saying who asks.

    `filters` maps facet keys to chosen values: any of one facet, all facets together. `counts_other` asks,
    too, how much the same text finds of the other kind, without filters.
    """

    viewers: Viewers
    text: str = ""
    kind: Kind = "product"
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    now: datetime | None = None
    counts_other: bool = False

    def of_other(self) -> Query:
        """Return the same question about the other kind, without filters, from the start."""
        other: Kind = "dataset" if self.kind == "product" else "product"
        return replace(self, kind=other, filters={}, offset=0, counts_other=False)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a document met the question: `column` `claim_date`, `tag` `late`, `name` `Claims`."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One found document: `reasons` say what counted, `matched` what met the question."""

    id: int
    score: float
    reasons: tuple[str, ...] = ()
    matched: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value by which an answer can be narrowed, and how many hits it would leave."""

    value: str
    label: str
    count: int
    is_chosen: bool = False
    depth: int = 0
    hue: int | None = None


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling that was searched instead (`is_applied`) or that would find `count`."""

    text: str
    count: int
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Dropped:
    """A question with one word less, and what it would find."""

    word: str
    text: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found, in order, with what narrows it further.

    `total_is_exact` is False where counting stopped. `is_widened` says that hits meeting only some
    of the words follow those that meet all. `unfiltered_total` is what the question would find
    without filters, given when nothing was found with them. `is_simpler` says that the embedded index
    answered while the search engine is away. `other_total` is there when the question counts the other kind.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool = True
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    spelling: Spelling | None = None
    dropped: tuple[Dropped, ...] = ()
    is_widened: bool = False
    unfiltered_total: int | None = None
    is_simpler: bool = False
    other_total: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A name that starts as typed: of a document (`id`), or of one of its columns or tags."""

    text: str
    kind: Literal["product", "dataset"]
    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Health:
    """How an index is: whether it answers, how many documents it holds, what is wrong in words."""

    is_usable: bool
    counts: Mapping[Kind, int] = field(default_factory=dict)
    problem: str = ""

"""The lineage explorer: what an address asks for, and the answer as page and script need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.models import Dataset, Domain, Product
from lineage.api.graph_json import answer_json
from lineage.graph.around import around
from lineage.graph.focus import Focus, FocusRow, InvalidFocus, find_focus, focus_on_datasets
from lineage.graph.neighbourhood import GraphQuery
from lineage.graph.types import Direction, GraphEdge, GraphNode, Level, LineageGraph
from lineage.models import EdgeKind
from portal.viewer import viewer

Context = dict[str, object]
DEPTHS = (1, 2, 3, 5, 8)
DIRECTIONS: tuple[tuple[Direction, str], ...] = (
    ("both", "Both ways"),
    ("upstream", "Where it comes from"),
    ("downstream", "What depends on it"),
)
KINDS = tuple((kind.value, kind.label) for kind in EdgeKind if kind != EdgeKind.FOREIGN_KEY)
#: No more than so many nodes are sent to a page, and so many flows listed.
MOST_NODES = 1_000
MOST_ROWS = 2_000
MOST_COLUMNS_OF = 50
#: How far back one looks who asks what changed without saying since when.
LATELY = timedelta(days=7)
_WORDS: dict[Level, str] = {"product": "Products", "dataset": "Datasets", "column": "Columns"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(FocusRow):
    """What the explorer is opened for."""

    title: str
    url: str
    domain: Domain | None

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels it can be shown on."""
        if self.job is not None:
            return ("dataset",)
        if self.product is not None:
            return ("product", "dataset")
        return ("dataset", "column")


@dataclass(frozen=True, slots=True)
class Then:
    """A moment to look at; `clock` is its time of day in UTC, empty for the end of a day."""

    at: datetime
    clock: str


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A line of the table: all flows of one kind from one node to another."""

    source: GraphNode
    target: GraphNode
    edges: tuple[GraphEdge, ...]

    @property
    def first(self) -> GraphEdge:
        """The flow that stands for all of them."""
        return self.edges[0]

    @property
    def number(self) -> str:
        """The number of the flow's own page, where it has one."""
        own = self.first.id.removeprefix("e")
        return own if own.isdecimal() and self.first.id.startswith("e") else ""

    @property
    def word(self) -> str:
        """How data flows, in words."""
        if self.first.kind == "restricted":
            return "restricted"
        return str(EdgeKind(self.first.kind).label) if self.first.kind in EdgeKind else "flow"


def of_product_page(product: Product) -> Subject:
    """Return a product as the subject."""
    return _subject(FocusRow(f"product:{product.guid}", product=product))


def of_dataset_page(dataset: Dataset) -> Subject:
    """Return a dataset as the subject."""
    return _subject(FocusRow(f"dataset:{dataset.pk}", dataset=dataset))


def subject_of(request: HttpRequest, text: str) -> Subject:
    """Find what a focus names (`lineage.graph.focus`); 404 where it is unknown, hidden or malformed."""
    try:
        row = find_focus(text, viewer(request), with_domain=True)
    except InvalidFocus as error:
        raise Http404(f"There is nothing of that name to start from: {error}.") from error
    if row is None:
        raise Http404("There is nothing of that name to start from.")
    return _subject(row)


def _subject(row: FocusRow) -> Subject:
    title, url, domain = _shown_as(row)
    return Subject(
        name=row.name,
        product=row.product,
        dataset=row.dataset,
        path=row.path,
        job=row.job,
        title=title,
        url=url,
        domain=domain,
    )


def _shown_as(row: FocusRow) -> tuple[str, str, Domain | None]:
    """Return the title, the page and the domain of what a focus names."""
    if row.job is not None:
        return row.job.name, reverse("job", args=[row.job.pk]), None
    if row.product is not None:
        home = row.product.domain
        return row.product.name, reverse("product", args=[home.key, row.product.key]), home
    assert row.dataset is not None  # it is a job, a product or a dataset
    name = row.dataset.display_name
    title = f"{name} . {row.path}" if row.path else name
    return title, reverse("dataset", args=[row.dataset.pk]), row.dataset.domain


def explore(request: HttpRequest, subject: Subject) -> Context:
    """Return the graph around a subject, as templates and the element need it."""
    user = viewer(request)
    level = _level(request, subject)
    then, is_compared = _then(request)
    moment = then.at if then else None
    query = GraphQuery(
        level=level,
        direction=direction_of(request),
        depth=depth_of(request),
        as_of=None if is_compared else moment,
        changed_since=moment if is_compared else None,
        kinds=_kinds(request),
        domains=_domains(request),
        limit=MOST_NODES,
        columns_of=_columns(request) if level == "dataset" else (),
    )
    focus = subject.focus()
    if subject.dataset is not None and level == "dataset":
        focus = Focus(subject.name, datasets=(subject.dataset.pk,))
    if subject.product is not None and level == "dataset":
        focus = replace(focus_on_datasets(focus, user), products=())
    answer = around(focus, query, user=user)
    context = _shown(answer, subject, then, is_compared)
    chosen = request.GET.get("domain", "")
    return context | {
        "page_json": _page(subject, query, chosen),
        "domain_choices": domain_choices(answer, chosen),
        "chosen_domain": chosen,
        "chosen_kinds": query.kinds or (),
        "is_filtered": bool(query.kinds or chosen),
        "impact_url": _impact_url(subject),
    }


def _shown(answer: LineageGraph, subject: Subject, then: Then | None, is_compared: bool) -> Context:
    rows = flow_rows(answer)
    today = timezone.now().astimezone(UTC).date()
    known = [e.first_seen_at for e in answer.edges if e.first_seen_at is not None]
    day = then.at.astimezone(UTC).date() if then else None
    oldest = min([*(at.date() for at in known), today - timedelta(days=30), day or today])
    changes = [edge.change for edge in answer.edges]
    return {
        "subject": subject,
        "answer": answer,
        "answer_json": answer_json(answer),
        "flows": rows[:MOST_ROWS],
        "rows_left": max(0, len(rows) - MOST_ROWS),
        "level": answer.level,
        "levels": [(key, _WORDS[key]) for key in subject.levels],
        "depth": answer.depth,
        "depths": DEPTHS,
        "direction": answer.direction,
        "directions": DIRECTIONS,
        "kinds": KINDS,
        "day": day,
        "clock": then.clock if then else "",
        "oldest": oldest,
        "today": today,
        "is_compared": is_compared,
        "added": changes.count("added"),
        "removed": changes.count("removed"),
    }


def flow_rows(answer: LineageGraph) -> list[FlowRow]:
    """Return the flows as lines of a table, several of one kind in one line."""
    nodes = {node.id: node for node in answer.nodes}
    grouped: dict[tuple[str, str, str, str | None], list[GraphEdge]] = {}
    for edge in answer.edges:
        if edge.source in nodes and edge.target in nodes:
            key = (edge.source, edge.target, edge.kind, edge.change)
            grouped.setdefault(key, []).append(edge)
    return [
        FlowRow(nodes[source], nodes[target], tuple(edges))
        for (source, target, _, _), edges in grouped.items()
    ]


def depth_of(request: HttpRequest, default: int = 2) -> int:
    """Read how many steps to follow."""
    text = request.GET.get("depth", "")
    return int(text) if text.isdecimal() and len(text) < 3 and int(text) in DEPTHS else default


def direction_of(request: HttpRequest) -> Direction:
    """Read which way to follow."""
    asked = request.GET.get("direction", "")
    return next((key for key, _ in DIRECTIONS if key == asked), "both")


def domain_choices(answer: LineageGraph, chosen: str) -> list[tuple[str, str]]:
    """Return the domains to choose from: those in the answer, and the one chosen."""
    found = {node.domain.key: node.domain.name for node in answer.nodes if node.domain}
    if chosen:
        found.setdefault(chosen, chosen)
    return sorted(found.items(), key=lambda item: item[1])


def _page(subject: Subject, query: GraphQuery, domain: str) -> dict[str, object]:
    """Return where the element asks on, and what it keeps of the question."""
    kept = {
        "asOf": query.as_of.isoformat() if query.as_of else "",
        "changedSince": query.changed_since.isoformat() if query.changed_since else "",
        "kind": ",".join(query.kinds or ()),
        "domain": domain if query.domains else "",
    }
    explorer = reverse("lineage")
    return {
        "rest": reverse("api-lineage-graph"),
        "explorer": explorer,
        "edge": reverse("lineage-edge", args=[0]).removesuffix("0"),
        "query": {name: value for name, value in kept.items() if value},
    }


def _impact_url(subject: Subject) -> str:
    return "" if subject.job is not None else reverse("lineage-impact")


def _level(request: HttpRequest, subject: Subject) -> Level:
    asked = request.GET.get("level", "")
    default: Level = "column" if subject.path else subject.levels[0]
    return next((level for level in subject.levels if level == asked), default)


def _then(request: HttpRequest) -> tuple[Then | None, bool]:
    """Read the moment to look at, and whether it is compared with now; nonsense and the future mean now.

    `asOf` is a moment as REST takes it, or a day: its end, or what `time` says (UTC). To compare today with
    now is to ask what changed lately: since a week ago.
    """
    text = request.GET.get("asOf", "").strip()
    is_compared = request.GET.get("compare") == "1"
    today = timezone.now().astimezone(UTC).date()
    if is_compared and text in ("", today.isoformat()) and not request.GET.get("time"):
        text = (today - LATELY).isoformat()
    try:
        then = _moment(text) if "T" in text else _on(text, request.GET.get("time", "").strip())
    except (ValueError, OverflowError):
        return None, False
    if then is None or not then.at.year >= 1970 or then.at >= timezone.now():
        return None, False
    return then, is_compared


def _moment(text: str) -> Then | None:
    at = parse_datetime(text.replace(" ", "+"))
    if at is None:
        return None
    at = at.astimezone(UTC) if timezone.is_aware(at) else at.replace(tzinfo=UTC)
    return Then(at, f"{at:%H:%M}")


def _on(day: str, clock: str) -> Then:
    at = time.fromisoformat(clock).replace(tzinfo=None) if clock else time.max
    return Then(datetime.combine(date.fromisoformat(day), at, UTC), f"{at:%H:%M}" if clock else "")


def _kinds(request: HttpRequest) -> tuple[str, ...] | None:
    asked = set(",".join(request.GET.getlist("kind")).split(","))
    found = tuple(key for key, _ in KINDS if key in asked)
    return found if found and len(found) < len(KINDS) else None


def _domains(request: HttpRequest) -> tuple[int, ...] | None:
    key = request.GET.get("domain", "")
    if not key:
        return None
    row = Domain.objects.visible_to(viewer(request)).filter(key=key[:200]).first()
    if row is None:
        return None
    return tuple(Domain.objects.filter(path__startswith=row.path).values_list("pk", flat=True))


def _columns(request: HttpRequest) -> tuple[int, ...]:
    words: Sequence[str] = request.GET.get("columns", "").split(",")
    return tuple(int(word) for word in words if _is_number(word))[:MOST_COLUMNS_OF]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19

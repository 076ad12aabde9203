"""What is asked of the graph, read strictly from the query of an address."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from catalog.api.problems import BadQuery
from catalog.api.query import choice, number, read_moment
from catalog.models import Dataset, Domain, Product
from catalog.registry.outcomes import Problem
from lineage.graph.focus import Focus, InvalidFocus, find_focus
from lineage.graph.neighbourhood import MAX_DEPTH, MAX_NODES, GraphQuery
from lineage.graph.node_visibility import Viewer
from lineage.graph.types import Direction, Level
from lineage.models import EdgeKind

LEVELS: tuple[Level, ...] = ("dataset", "product", "column")
DIRECTIONS: tuple[Direction, ...] = ("both", "upstream", "downstream")
KINDS = tuple(kind.value for kind in EdgeKind if kind != EdgeKind.FOREIGN_KEY)
DEPTH = 3
LIMIT = 500
MAX_COLUMNS_OF = 50

FOCUS = OpenApiParameter(
    "focus",
    str,
    required=True,
    description="`dataset:<id>`, `product:<guid>`, `column:<dataset id>:<path>` or `job:<id>`.",
)
AS_OF = OpenApiParameter("asOf", str, description="A moment (ISO 8601): the graph as it was then.")
DEPTH_PARAMETER = OpenApiParameter(
    "depth", {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "default": DEPTH}
)
KIND_PARAMETER = OpenApiParameter(
    "kind", str, description=f"Only edges of these kinds, by comma: {', '.join(KINDS)}."
)
PARAMETERS = [
    FOCUS,
    OpenApiParameter("level", str, enum=LEVELS, default="dataset"),
    OpenApiParameter("direction", str, enum=DIRECTIONS, default="both"),
    DEPTH_PARAMETER,
    AS_OF,
    OpenApiParameter(
        "changedSince",
        str,
        description="A moment: what ended since is shown as `removed`, what came as `added`.",
    ),
    KIND_PARAMETER,
    OpenApiParameter("job", str, description="Only edges of these jobs, ids by comma."),
    OpenApiParameter("domain", str, description="Only nodes of these domains, keys by comma."),
    OpenApiParameter(
        "influences",
        bool,
        description="Columns: follow filters, joins, groupings and conditions too.",
    ),
    OpenApiParameter(
        "limit", {"type": "integer", "minimum": 1, "maximum": MAX_NODES, "default": LIMIT}
    ),
    OpenApiParameter(
        "columnsOf",
        str,
        description=f"Datasets (ids by comma, at most {MAX_COLUMNS_OF}) shown with their columns.",
    ),
]
TAKES = tuple(parameter.name for parameter in PARAMETERS)


def read_focus(request: Request, name: str = "focus") -> Focus:
    """Read what is asked about; what is hidden or unknown is 404, what cannot be understood 400."""
    return get_focus(request.query_params.get(name, ""), request.user, name)


def get_focus(text: str, user: Viewer, name: str = "focus") -> Focus:
    """Return what a text like `dataset:12` asks about. Raises BadQuery and Http404."""
    try:
        row = find_focus(text, user)
    except InvalidFocus as error:
        raise BadQuery([Problem(name, text[:200], str(error))]) from error
    if row is None:
        raise Http404
    return row.focus()


def read_query(request: Request) -> GraphQuery:
    """Read how far, which way, when and what of."""
    since = read_moment(request, "changedSince")
    at = read_moment(request, "asOf")
    if since is not None and since >= (at or timezone.now()):
        message = "is not before asOf" if at else "is not in the past"
        raise BadQuery([Problem("changedSince", since.isoformat(), message)])
    return GraphQuery(
        level=choice(request, "level", LEVELS, _level_of(request)),
        direction=choice(request, "direction", DIRECTIONS),
        depth=number(request, "depth", default=DEPTH, top=MAX_DEPTH),
        as_of=at,
        changed_since=since,
        kinds=read_kinds(request),
        jobs=_numbers(request, "job", 100),
        domains=read_domains(request),
        with_influences=choice(request, "influences", ("false", "true")) == "true",
        limit=number(request, "limit", default=LIMIT, top=MAX_NODES),
        columns_of=_numbers(request, "columnsOf", MAX_COLUMNS_OF) or (),
    )


def fitted(focus: Focus, query: GraphQuery, user: Viewer) -> Focus:
    """Return the focus on the level that is asked for; 400 where there is none."""
    if focus.job is not None:
        if query.level != "dataset":
            _refuse(query.level, "a job is shown on the level of datasets")
        return focus
    if query.level == "product":
        return _on_products(focus, user)
    if focus.products:
        rows = Dataset.objects.visible_to(user).filter(product__in=focus.products)
        return Focus(focus.name, datasets=tuple(rows.order_by("pk").values_list("pk", flat=True)))
    if query.level == "dataset" and focus.columns:
        return Focus(focus.name, datasets=tuple(pk for pk, _ in focus.columns))
    return focus


def read_kinds(request: Request) -> tuple[str, ...] | None:
    """Read the kinds of edges to follow."""
    words = _words(request, "kind")
    if words is None:
        return None
    for word in words:
        if word not in KINDS:
            raise BadQuery([Problem("kind", word[:200], f"allowed are {', '.join(KINDS)}")])
    return words


def _level_of(request: Request) -> Level:
    kind = request.query_params.get("focus", "").partition(":")[0]
    return next((level for level in LEVELS if level == kind), "dataset")


def _words(request: Request, name: str) -> tuple[str, ...] | None:
    text = request.query_params.get(name)
    if not text:
        return None
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def _numbers(request: Request, name: str, most: int) -> tuple[int, ...] | None:
    words = _words(request, name)
    if words is None:
        return None
    plain = all(word.isascii() and word.isdecimal() and len(word) < 19 for word in words)
    if not plain or len(words) > most:
        message = f"allowed are up to {most} whole numbers by comma"
        raise BadQuery([Problem(name, ",".join(words)[:200], message)])
    return tuple(int(word) for word in words)


def read_domains(request: Request) -> tuple[int, ...] | None:
    """Read domains, with all below them; one that is hidden is as unknown as one that is not there."""
    words = _words(request, "domain")
    if words is None:
        return None
    rows = Domain.objects.visible_to(request.user).filter(key__in=words)
    known = dict(rows.values_list("key", "path"))
    for word in words:
        if word not in known:
            raise BadQuery([Problem("domain", word[:200], "there is no such domain")])
    found: set[int] = set()
    for path in known.values():
        found |= set(Domain.objects.filter(path__startswith=path).values_list("pk", flat=True))
    return tuple(sorted(found))


def _on_products(focus: Focus, user: Viewer) -> Focus:
    if focus.products:
        return focus
    datasets = [*focus.datasets, *(pk for pk, _ in focus.columns)]
    served = Dataset.objects.filter(pk__in=datasets, product__isnull=False)
    rows = Product.objects.visible_to(user).filter(pk__in=served.values("product_id"))
    products = tuple(rows.order_by("pk").values_list("pk", flat=True))
    if not products:
        _refuse("product", "no product serves this dataset; ask for level=dataset")
    return Focus(focus.name, products=products)


def _refuse(level: str, message: str) -> None:
    raise BadQuery([Problem("level", level, message)])

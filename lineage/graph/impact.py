"""What breaks if a column, dataset or product goes: what follows from it, who promised it, who uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.models import Contract, Dataset, Grant, Port, PortDataset, Product, Team
from catalog.people import policies
from lineage.adjacency.ids import among
from lineage.graph.focus import Focus
from lineage.graph.impact_walk import ImpactWalk, walk_columns, walk_datasets
from lineage.graph.node_visibility import NodeVisibility, Viewer
from lineage.graph.nodes import dataset_nodes, product_nodes
from lineage.graph.types import GraphNode, Truncated
from lineage.questions.flows import TimeWindow, moment

DEPTH = 20
MOST = 10_000


@dataclass(frozen=True, slots=True)
class DatasetImpact:
    """A dataset that follows; not certain where it is not known which columns it is made of."""

    node: GraphNode
    distance: int
    is_certain: bool


@dataclass(frozen=True, slots=True)
class ColumnImpact:
    """A column that follows; an empty path is every row of the dataset."""

    dataset: GraphNode
    path: str
    distance: int


@dataclass(frozen=True, slots=True)
class ProductImpact:
    """A product with something in it that follows; `distance` 0 is the focus' own."""

    node: GraphNode
    distance: int
    is_certain: bool
    team: str
    team_key: str
    consumer_count: int


@dataclass(frozen=True, slots=True)
class ContractImpact:
    """A contract that promises what goes or follows."""

    id: int
    key: str
    version: str
    port: str
    product: GraphNode
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody with a current grant on a port that serves what goes or follows."""

    name: str
    kind: str  # person or team
    port: str
    product: GraphNode
    ends_on: str


@dataclass(frozen=True, slots=True)
class TeamImpact:
    """A team to tell, and how many of its products are hit."""

    key: str
    name: str
    product_count: int


@dataclass(frozen=True, slots=True)
class Impact:
    """All that follows, as far as the asker may see; `has_hidden`: and something they may not see."""

    focus: str
    as_of: datetime | None
    datasets: tuple[DatasetImpact, ...]
    columns: tuple[ColumnImpact, ...]
    products: tuple[ProductImpact, ...]
    contracts: tuple[ContractImpact, ...]
    consumers: tuple[Consumer, ...]
    owners: tuple[TeamImpact, ...]
    has_hidden: bool
    truncated: Truncated | None


def impact(
    focus: Focus,
    *,
    user: Viewer,
    as_of: datetime | None = None,
    depth: int = DEPTH,
    limit: int = MOST,
) -> Impact:
    """Return what follows from a focus at a time: every list holds only what the asker may see."""
    when = TimeWindow(None if as_of is None else moment(as_of))
    visibility = NodeVisibility(user, Dataset)
    hit = (
        walk_columns(focus, when, depth, visibility)
        if focus.columns
        else walk_datasets(focus, when, depth, visibility)
    )
    order = sorted(hit.datasets, key=lambda pk: (hit.datasets[pk], pk))
    shown = [pk for pk in order if pk not in hit.own][:limit]
    levels = {pk: hit.datasets[pk] for pk in [*hit.own, *shown]}
    nodes = dataset_nodes(levels, user=user, statuses=len(levels) <= 2_000)
    products, certain = _products(hit, nodes, focus)
    rows = _product_rows(products, certain, user)
    contracts = _contracts(hit, nodes, rows)
    left = len(order) - len(shown) - len(hit.own & set(order))
    return Impact(
        focus.name,
        as_of,
        tuple(
            DatasetImpact(nodes[pk], hit.datasets[pk], pk in hit.certain)
            for pk in shown
            if pk in nodes
        ),
        _columns(hit, nodes),
        tuple(sorted(rows.values(), key=lambda row: (row.distance, row.node.name))),
        contracts,
        _consumers(hit, rows, user),
        _owners(rows.values()),
        hit.hidden,
        _truncated(left, hit.is_cut, len(shown)),
    )


def _columns(hit: ImpactWalk, nodes: Mapping[int, GraphNode]) -> tuple[ColumnImpact, ...]:
    if hit.paths is None:
        return ()
    found = []
    for key, level in sorted(hit.columns.items(), key=lambda item: (item[1], item[0])):
        dataset, path = hit.paths.paths.column(key)
        if level and dataset in nodes:
            found.append(ColumnImpact(nodes[dataset], path, level))
    return tuple(found)


def _products(
    hit: ImpactWalk, nodes: Mapping[int, GraphNode], focus: Focus
) -> tuple[dict[int, int], set[int]]:
    """Return the distance of each product that is hit, and which are certain."""
    products = dict.fromkeys(focus.products, 0)
    certain = set(products)
    by_dataset = {pk: node.product.id for pk, node in nodes.items() if node.product is not None}
    served: list[tuple[int, int]] = list(by_dataset.items())
    sure = len(served)  # a port names the dataset that is read: which columns, nobody knows
    reading = PortDataset.objects.filter(port__direction="in", dataset__in=among(nodes))
    served += [
        (dataset or 0, product)
        for dataset, product in reading.values_list("dataset_id", "port__product_id")
    ]
    for at, (dataset, product) in enumerate(served):
        level = hit.datasets.get(dataset, 0)
        products[product] = min(level, products.get(product, level))
        if dataset in hit.certain and (at < sure or not focus.columns):
            certain.add(product)
    frontier = set(products)
    for step in range(1, DEPTH):
        rows = Port.objects.filter(direction="in", upstream__in=frontier)
        fresh = set(rows.values_list("product_id", flat=True)) - set(products)
        if not fresh:
            break
        products |= dict.fromkeys(fresh, step)
        frontier = fresh
    return products, certain


def _product_rows(
    levels: Mapping[int, int], certain: Collection[int], user: Viewer
) -> dict[int, ProductImpact]:
    nodes = product_nodes(levels, user=user)
    rows = Product.objects.filter(pk__in=nodes).select_related("team", "domain__team")
    found = {}
    for row in rows:
        team: Team | None = row.team or row.domain.team
        found[row.pk] = ProductImpact(
            nodes[row.pk],
            levels[row.pk],
            row.pk in certain,
            team.name if team else "",
            team.key if team else "",
            row.consumer_count,
        )
    return found


def _contracts(
    hit: ImpactWalk, nodes: Mapping[int, GraphNode], products: Mapping[int, ProductImpact]
) -> tuple[ContractImpact, ...]:
    """Return the contracts in force that promise what is hit: with its columns, where these are known."""
    hit_columns: dict[int, set[str]] = {}
    if hit.paths is not None:
        for key in hit.columns:
            dataset, path = hit.paths.paths.column(key)
            product = nodes[dataset].product if dataset in nodes else None
            if product is not None:
                hit_columns.setdefault(product.id, set()).add(path.lower())
    holders = {n.product.id for pk, n in nodes.items() if n.product and pk in hit.certain}
    rows = Contract.objects.filter(product__in=holders & products.keys()).order_by(
        "product_id", "key", "-created_at"
    )
    found: dict[tuple[int, str], ContractImpact] = {}
    for row in rows.defer("document"):
        if (row.product_id, row.key) in found or row.status in ("retired", "deprecated"):
            continue
        promised = [str(c.get("path", c.get("name", ""))) for c in row.columns]
        named = tuple(
            path for path in promised if path.lower() in hit_columns.get(row.product_id, set())
        )
        everything = "" in hit_columns.get(row.product_id, set())
        if hit.paths is not None and not named and not everything:
            continue
        found[row.product_id, row.key] = ContractImpact(
            row.pk, row.key, row.version, row.port_name, products[row.product_id].node, named
        )
    return tuple(found.values())


def _consumers(
    hit: ImpactWalk, products: Mapping[int, ProductImpact], user: Viewer
) -> tuple[Consumer, ...]:
    """Return who holds a grant: named to those who decide on the product, and to the holders themselves."""
    served = PortDataset.objects.filter(dataset__in=among(hit.datasets))
    ports = Q(port__in=served.values("port_id")) | Q(port__addresses__isnull=True)
    rows = (
        Grant.objects.current()
        .filter(ports, port__product__in=products)
        .select_related("user", "team", "port__product__domain", "port__product__team")
        .order_by("port__product__name", "pk")
        .distinct()
    )
    own = set(user.teams.values_list("pk", flat=True)) if user.is_authenticated else set()
    return tuple(
        Consumer(
            str(row.user or row.team),
            "person" if row.user_id else "team",
            str(row.port),
            products[row.port.product_id].node,
            row.ends_on.isoformat() if row.ends_on else "",
        )
        for row in rows
        if policies.may(user, policies.Action.REVOKE_GRANT, row) or row.team_id in own
    )


def _owners(products: Iterable[ProductImpact]) -> tuple[TeamImpact, ...]:
    counts: dict[tuple[str, str], int] = {}
    for row in products:
        if row.team:
            key = (row.team_key, row.team)
            counts[key] = counts.get(key, 0) + 1
    return tuple(TeamImpact(key, name, count) for (key, name), count in sorted(counts.items()))


def _truncated(left: int, is_cut: bool, shown: int) -> Truncated | None:
    if left <= 0 and not is_cut:
        return None
    more = "at least " if is_cut else ""
    message = f"Only the nearest {shown} datasets are listed; {more}{max(left, 0)} more follow."
    return Truncated(max(left, 0), 0, is_cut, message)

"""Nodes by name: datasets, products and columns as an answer shows them, in a few queries whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from catalog.db.batches import batched
from catalog.models import Column, Dataset, Domain, Objective, Product
from catalog.visibility import viewer_tokens
from lineage.adjacency.ids import among
from lineage.graph.node_visibility import Viewer
from lineage.graph.types import DomainName, GraphNode, NodeColumn, ProductName
from lineage.models import Job, JobDataset, JobRun

_AT_ONCE = 10_000
#: Stands for an id in an address until it is known.
_NUMBER = 123_456_789_012


_DATASET = (
    "pk",
    "display_name",
    "kind",
    "gone_at",
    "domain__key",
    "domain__name",
    "domain__hue",
    "domain__audience",
    "product_id",
    "product__guid",
    "product__name",
    "product__key",
    "product__status",
    "product__audience",
    "product__domain__key",
)


def dataset_nodes(
    levels: Mapping[int, int], *, user: Viewer, focus: Collection[int] = (), statuses: bool = True
) -> dict[int, GraphNode]:
    """Return the nodes of datasets (by id, with their levels) that a person may see."""
    rows: list[tuple[Any, ...]] = []
    for part in batched(sorted(levels), _AT_ONCE):
        found = Dataset.objects.visible_to(user).filter(pk__in=among(part)).order_by()
        rows += found.values_list(*_DATASET)
    known = _statuses(rows) if statuses else {}
    return _dataset_nodes(rows, levels, set(focus), known, user)


def _dataset_nodes(
    rows: Iterable[tuple[Any, ...]],
    levels: Mapping[int, int],
    focus: Collection[int],
    statuses: Mapping[int, str],
    user: Viewer,
) -> dict[int, GraphNode]:
    tokens = viewer_tokens(user)
    addresses = _Addresses()
    domains: dict[str, DomainName | None] = {}
    products: dict[int, ProductName | None] = {}
    nodes = {}
    for pk, name, kind, _, key, domain, hue, audience, product, *of_product in rows:
        if key is not None and key not in domains:
            is_seen = tokens is None or audience in tokens
            domains[key] = DomainName(key, domain, hue, addresses.domain(key)) if is_seen else None
        if product is not None and product not in products:
            guid, title, own_key, _, seen_by, home = of_product
            is_seen = tokens is None or seen_by in tokens
            url = addresses.product(home, own_key)
            products[product] = ProductName(guid, title, url, product) if is_seen else None
        served = products.get(product)
        nodes[pk] = GraphNode(
            f"d{pk}",
            "dataset",
            name,
            levels[pk],
            pk in focus,
            f"p{product}" if served else None,
            served,
            domains.get(key),
            addresses.dataset(pk),
            statuses.get(pk, "ok"),
            kind,
        )
    return nodes


class _Addresses:
    """Addresses of many pages of a kind: resolved once, then filled in."""

    def __init__(self) -> None:
        self._dataset = reverse("dataset", args=[_NUMBER]).split(str(_NUMBER), 1)

    def dataset(self, pk: int) -> str:
        """Return the page of a dataset."""
        return f"{self._dataset[0]}{pk}{self._dataset[1]}"

    def product(self, domain: str, key: str) -> str:
        """Return the page of a product."""
        return reverse("product", args=[domain, key])

    def domain(self, key: str) -> str:
        """Return the page of a domain."""
        return reverse("domain", args=[key])


def product_nodes(
    levels: Mapping[int, int], *, user: Viewer, focus: Collection[int] = ()
) -> dict[int, GraphNode]:
    """Return the nodes of products that a person may see."""
    rows: dict[int, Product] = {}
    for part in batched(sorted(levels), _AT_ONCE):
        found = Product.objects.visible_to(user).filter(pk__in=among(part))
        rows |= found.select_related("domain").in_bulk()
    stale = set(
        Objective.objects.filter(product__in=rows, indicator="freshness", is_kept=False)
        .order_by()
        .values_list("product_id", flat=True)
    )
    nodes = {}
    for pk, row in rows.items():
        status = "stale" if pk in stale else "ok"
        if row.status in ("deprecated", "retired"):
            status = "deprecated"
        nodes[pk] = GraphNode(
            f"p{pk}",
            "product",
            row.name,
            levels[pk],
            pk in focus,
            product=product_name(row),
            domain=domain_name(row.domain, user),
            url=product_name(row).url,
            status=status,
            type=row.archetype,
        )
    return nodes


def product_name(row: Product) -> ProductName:
    """Return how a product is called; needs its domain loaded."""
    return ProductName(
        row.guid, row.name, reverse("product", args=[row.domain.key, row.key]), row.pk
    )


def domain_name(row: Domain | None, user: Viewer) -> DomainName | None:
    """Return how a domain is called, unless it is hidden."""
    if row is None or not _sees(row.audience, user):
        return None
    return DomainName(row.key, row.name, row.hue, reverse("domain", args=[row.key]))


def columns_of(datasets: Collection[int]) -> dict[int, tuple[NodeColumn, ...]]:
    """Return the columns of datasets that a person may see, in their order."""
    found: dict[int, list[NodeColumn]] = {pk: [] for pk in datasets}
    rows = Column.objects.filter(dataset__in=datasets).order_by("dataset_id", "ordinal", "path")
    for dataset, path, kind in rows.values_list("dataset_id", "path", "type"):
        found[dataset].append(NodeColumn(path, kind))
    return {pk: tuple(columns) for pk, columns in found.items()}


def _sees(audience: str, user: Viewer) -> bool:
    tokens = viewer_tokens(user)
    return tokens is None or audience in tokens


def _statuses(rows: Sequence[tuple[Any, ...]]) -> dict[int, str]:
    """Return how datasets fare: the worst that is known of each."""
    ids = {row[0] for row in rows}
    served = {row[0] for row in rows if row[8] is not None}
    found = {row[0]: "deprecated" for row in rows if row[12] in ("deprecated", "retired")}
    found |= dict.fromkeys(stale_datasets(served), "stale")
    found |= dict.fromkeys(failing_datasets(ids), "failing")
    return found | {row[0]: "gone" for row in rows if row[3]}


def stale_datasets(ids: Collection[int]) -> set[int]:
    """Return which datasets are served by products whose promise of freshness is broken."""
    broken = Objective.objects.filter(indicator="freshness", is_kept=False).order_by()
    found: set[int] = set()
    for part in batched(sorted(ids), _AT_ONCE):
        rows = Dataset.objects.filter(pk__in=among(part), product__in=broken.values("product_id"))
        found |= set(rows.order_by().values_list("pk", flat=True))
    return found


def failing_datasets(ids: Collection[int]) -> set[int]:
    """Return which datasets are written by a job whose newest finished run failed."""
    newest = JobRun.objects.filter(
        job=OuterRef("job"), state__in=("COMPLETED", "FAILED", "ABORTED")
    ).order_by("-last_event_at", "-pk")
    found: set[int] = set()
    for part in batched(sorted(ids), _AT_ONCE):
        rows = JobDataset.objects.filter(dataset__in=among(part), direction="out")
        state = Subquery(newest.values("state")[:1])
        failed = rows.annotate(newest_state=state).filter(newest_state="FAILED")
        found |= set(failed.values_list("dataset_id", flat=True))
    return found


def job_node(row: Job) -> GraphNode:
    """Return the node of a job that is the focus."""
    return GraphNode(f"j{row.pk}", "job", row.name, 0, True, type=row.type)

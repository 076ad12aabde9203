"""Nodes by name: datasets, products and columns as an answer shows them, in a few queries whatever their number."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from catalog.models import Column, Dataset, Domain, Objective, Product
from catalog.visibility import viewer_tokens
from lineage.graph_answer import (
    AnswerNode,
    ColumnShown,
    DomainName,
    NodeKind,
    ProductName,
)
from lineage.graph_sight import Viewer
from lineage.models import Job, JobDataset, JobRun

_AT_ONCE = 10_000


def dataset_nodes(
    levels: Mapping[int, int], *, user: Viewer, focus: Collection[int] = (), statuses: bool = True
) -> dict[int, AnswerNode]:
    """Return the nodes of datasets (by id, with their levels) that a person may see."""
    rows: dict[int, Dataset] = {}
    for part in _parts(levels):
        found = Dataset.objects.visible_to(user).filter(pk__in=part)
        rows |= found.select_related("domain", "product__domain").in_bulk()
    known = _statuses(rows.values()) if statuses else {}
    return {
        pk: replace(
            _dataset_node(row, user),
            level=levels[pk],
            is_focus=pk in focus,
            status=known.get(pk, "ok"),
        )
        for pk, row in rows.items()
    }


def product_nodes(
    levels: Mapping[int, int], *, user: Viewer, focus: Collection[int] = ()
) -> dict[int, AnswerNode]:
    """Return the nodes of products that a person may see."""
    rows: dict[int, Product] = {}
    for part in _parts(levels):
        found = Product.objects.visible_to(user).filter(pk__in=part)
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
        nodes[pk] = AnswerNode(
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


def columns_of(datasets: Collection[int]) -> dict[int, tuple[ColumnShown, ...]]:
    """Return the columns of datasets that a person may see, in their order."""
    found: dict[int, list[ColumnShown]] = {pk: [] for pk in datasets}
    rows = Column.objects.filter(dataset__in=datasets).order_by("dataset_id", "ordinal", "path")
    for dataset, path, kind in rows.values_list("dataset_id", "path", "type"):
        found[dataset].append(ColumnShown(path, kind))
    return {pk: tuple(columns) for pk, columns in found.items()}


def _dataset_node(row: Dataset, user: Viewer) -> AnswerNode:
    product = row.product
    if product is not None and not _sees(product.audience, user):
        product = None
    kind: NodeKind = "dataset"
    return AnswerNode(
        f"d{row.pk}",
        kind,
        row.display_name,
        0,
        parent=f"p{product.pk}" if product else None,
        product=product_name(product) if product else None,
        domain=domain_name(row.domain, user),
        url=reverse("dataset", args=[row.pk]),
        type=row.kind,
    )


def _sees(audience: str, user: Viewer) -> bool:
    tokens = viewer_tokens(user)
    return tokens is None or audience in tokens


def _statuses(rows: Iterable[Dataset]) -> dict[int, str]:
    """Return how datasets fare: the worst that is known of each."""
    by_id = {row.pk: row for row in rows}
    found = {
        pk: "deprecated"
        for pk, row in by_id.items()
        if row.product is not None and row.product.status in ("deprecated", "retired")
    }
    found |= dict.fromkeys(stale_datasets(by_id), "stale")
    found |= dict.fromkeys(failing_datasets(by_id), "failing")
    return found | {pk: "gone" for pk, row in by_id.items() if row.gone_at}


def stale_datasets(ids: Collection[int]) -> set[int]:
    """Return which datasets are served by products whose promise of freshness is broken."""
    broken = Objective.objects.filter(indicator="freshness", is_kept=False).order_by()
    found: set[int] = set()
    for part in _parts(ids):
        rows = Dataset.objects.filter(pk__in=part, product__in=broken.values("product_id"))
        found |= set(rows.order_by().values_list("pk", flat=True))
    return found


def failing_datasets(ids: Collection[int]) -> set[int]:
    """Return which datasets are written by a job whose newest finished run failed."""
    newest = JobRun.objects.filter(
        job=OuterRef("job"), state__in=("COMPLETED", "FAILED", "ABORTED")
    ).order_by("-last_event_at", "-pk")
    found: set[int] = set()
    for part in _parts(ids):
        rows = JobDataset.objects.filter(dataset__in=part, direction="out")
        state = Subquery(newest.values("state")[:1])
        failed = rows.annotate(newest_state=state).filter(newest_state="FAILED")
        found |= set(failed.values_list("dataset_id", flat=True))
    return found


def job_node(row: Job) -> AnswerNode:
    """Return the node of a job that is the focus."""
    return AnswerNode(f"j{row.pk}", "job", row.name, 0, True, type=row.type)


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    whole = sorted(ids)
    for start in range(0, len(whole), _AT_ONCE):
        yield whole[start : start + _AT_ONCE]

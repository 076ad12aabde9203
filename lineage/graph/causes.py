"""Why something is late or wrong: which of all it is made of failed, or is stale, first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Exists, F, Min, OuterRef, Q, Subquery

from catalog.db.batches import batched
from catalog.models import Dataset, Measurement, Objective, Product
from lineage.adjacency.ids import among
from lineage.adjacency.memory import dataset_flows
from lineage.graph.edge_details import job_names
from lineage.graph.node_visibility import NodeVisibility, Viewer
from lineage.graph.nodes import dataset_nodes
from lineage.graph.types import GraphNode, JobName
from lineage.models import Job, JobDataset, JobRun
from lineage.questions.walk import Walk, walk

DEPTH = 20
#: No more of what stands before something is looked at.
MOST = 2_000
#: Of one product no more datasets than these are looked at.
MOST_OWN = 500
NEAR = 3
_FINAL = ("COMPLETED", "FAILED", "ABORTED")
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Cause:
    """Something upstream that is not well. `is_root`: nothing before it is, as far as can be seen."""

    node: GraphNode
    reason: Literal["failed", "stale"]
    since: datetime | None
    distance: int
    is_root: bool
    job: JobName | None = None
    run: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Causes:
    """What is not well among all that something is made of: roots first, then the oldest."""

    causes: tuple[Cause, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Failure:
    """A job whose newest finished run failed."""

    dataset: int
    job: int
    since: datetime | None
    run: str
    message: str


def causes(datasets: Collection[int], *, user: Viewer, most: int = MOST) -> Causes:
    """Return what is not well among datasets and all they are made of, as far as one may see."""
    source = dataset_flows()
    visibility = NodeVisibility(user, Dataset)
    found = walk(
        source.flows,
        [source.meant(pk) for pk in datasets],
        depth=DEPTH,
        signs=(-1,),
        hidden=visibility.hidden,
        most=most,
    )
    seen = [pk for pk in found.levels if pk not in found.hidden and pk not in visibility.missing]
    return _causes(found, seen, datasets, user)


def anything_ill() -> tuple[Exists, Exists]:
    """Return whether any run failed and any promise of freshness is broken anywhere, to ask within a query."""
    stale = Objective.objects.filter(indicator="freshness", is_kept=False)
    return Exists(JobRun.objects.filter(state="FAILED")), Exists(stale.order_by())


def late_inputs(product: Product, *, user: Viewer) -> tuple[Cause, ...]:
    """Return what is not well among all that a product reads, its own datasets left out: roots first.

    Looks less far where the graph is not in memory, for a page that shows it beside much else.
    """
    source = dataset_flows()
    near = Q(product=product)
    near |= Q(port_links__port__product=product, port_links__port__direction="in")
    near |= Q(product__read_by_ports__product=product, product__read_by_ports__direction="in")
    datasets = set(Dataset.objects.filter(near).order_by().values_list("pk", flat=True)[:MOST_OWN])
    if not datasets:
        return ()
    found = walk(
        source.flows,
        [source.meant(pk) for pk in datasets],
        depth=DEPTH if source.graph is not None else NEAR,
        signs=(-1,),
        most=MOST,
    )
    rows = _causes(found, list(found.levels), (), user).causes
    own = f"p{product.pk}"
    return tuple(cause for cause in rows if cause.node.parent != own)


def _causes(found: Walk, seen: Collection[int], focus: Collection[int], user: Viewer) -> Causes:
    failures = {failure.dataset: failure for failure in reversed(list(_failures(seen)))}
    stale = _stale(seen, user)
    ill = failures.keys() | stale.keys()
    if not ill:
        return Causes((), found.is_cut)
    nodes = dataset_nodes({pk: found.levels[pk] for pk in ill}, user=user, focus=focus)
    roots = _roots(nodes, found)
    jobs = job_names({failure.job for failure in failures.values()}, user=user)
    is_open = _open(jobs, user)
    rows = [
        _cause(nodes[pk], failures.get(pk), stale.get(pk), pk in roots, jobs, is_open)
        for pk in ill
        if pk in nodes
    ]
    rows.sort(key=lambda c: (not c.is_root, c.since is None, c.since, -c.distance, c.node.id))
    return Causes(tuple(rows), found.is_cut)


def _open(jobs: Collection[int], user: Viewer) -> set[int]:
    """Return the jobs whose errors one may read."""
    if not jobs:
        return set()
    rows = Job.objects.open_to(user).filter(pk__in=jobs).order_by()
    return set(rows.values_list("pk", flat=True))


def _cause(
    node: GraphNode,
    failure: _Failure | None,
    stale_since: datetime | None,
    is_root: bool,
    jobs: dict[int, JobName],
    is_open: Collection[int],
) -> Cause:
    if failure is None:
        return Cause(node, "stale", stale_since, -node.level, is_root)
    job = jobs.get(failure.job)
    return Cause(
        node,
        "failed",
        failure.since,
        -node.level,
        is_root,
        job,
        failure.run if job else None,
        failure.message if failure.job in is_open else "",
    )


def _failures(datasets: Iterable[int]) -> Iterable[_Failure]:
    """Yield the failed writers of datasets, the one that failed first at the front."""
    runs = JobRun.objects.filter(job=OuterRef("job"), state__in=_FINAL)
    newest = runs.order_by("-last_event_at", "-pk")
    good = runs.filter(state="COMPLETED").order_by("-last_event_at").values("last_event_at")[:1]
    for part in batched(sorted(datasets), _AT_ONCE):
        rows = JobDataset.objects.filter(dataset__in=among(part), direction="out")
        failed = rows.annotate(
            state=Subquery(newest.values("state")[:1]),
            run=Subquery(newest.values("run_id")[:1]),
            message=Subquery(newest.values("error_message")[:1]),
            last_good=Subquery(good),
        ).filter(state="FAILED")
        since = failed.annotate(
            since=Min(
                "job__runs__last_event_at",
                filter=Q(job__runs__state="FAILED")
                & (Q(last_good__isnull=True) | Q(job__runs__last_event_at__gt=F("last_good"))),
            )
        ).order_by("since", "pk")
        for row in since.values_list("dataset_id", "job_id", "since", "run", "message"):
            yield _Failure(row[0], row[1], row[2], str(row[3]), (row[4] or "")[:500])


def _stale(datasets: Collection[int], user: Viewer) -> dict[int, datetime | None]:
    """Return since when datasets are stale: the promise of freshness of the product that serves them."""
    measured = Measurement.objects.filter(objective=OuterRef("pk"))
    kept = measured.filter(is_kept=True).order_by("-measured_at").values("measured_at")[:1]
    objectives = (
        Objective.objects.filter(indicator="freshness", is_kept=False)
        .annotate(last_kept=Subquery(kept))
        .annotate(
            since=Min(
                "measurements__measured_at",
                filter=Q(measurements__is_kept=False)
                & (Q(last_kept__isnull=True) | Q(measurements__measured_at__gt=F("last_kept"))),
            )
        )
        .order_by()
    )
    rows = Dataset.objects.visible_to(user).filter(product__isnull=False)
    products: dict[int, int] = {}
    for part in batched(sorted(datasets), _AT_ONCE):
        some = rows.filter(pk__in=among(part)).order_by()
        products |= dict(some.values_list("pk", "product_id"))
    broken: dict[int, datetime | None] = {}
    for product, since, measured_at in objectives.filter(
        product__in=set(products.values())
    ).values_list("product_id", "since", "measured_at"):
        broken[product] = since or measured_at
    return {pk: broken[product] for pk, product in products.items() if product in broken}


def _roots(ill: Collection[int], found: Walk) -> set[int]:
    """Return what is not well without anything before it being so: seen through what is hidden, too."""
    before: dict[int, set[int]] = {}
    arcs = found.arcs
    for up, down in zip(arcs.up.tolist(), arcs.down.tolist(), strict=True):
        before.setdefault(down, set()).add(up)
    roots = set()
    for start in ill:
        seen, stack = {start}, [start]
        while stack:
            fresh = before.get(stack.pop(), set()) - seen
            seen |= fresh
            stack += fresh
        if not (seen - {start}) & set(ill):
            roots.add(start)
    return roots

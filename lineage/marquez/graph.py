"""Graphs of jobs and datasets around one of them, read level by level.

Directed: upstream of the focus only upstream is followed, downstream only downstream. Each level takes a
fixed number of queries. What the viewer may not see is one nameless node each; the path stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Dataset
from lineage.marquez.find import Viewer, visible_datasets, visible_jobs
from lineage.marquez.names import dataset_node, job_node, restricted
from lineage.marquez.shapes import dataset_bodies, hidden_dataset, hidden_job, job_bodies
from lineage.models import DatasetAlias, Edge, Job, JobDataset

MAX_NODES = 2000
#: ("d", dataset id) or ("j", job id).
Place = tuple[str, int]


@dataclass(slots=True)
class _Walk:
    """What was met so far."""

    places: dict[Place, None] = field(default_factory=dict)
    arrows: set[tuple[Place, Place]] = field(default_factory=set)
    is_cut: bool = False

    def meet(self, places: Iterable[Place]) -> None:
        """Take places, up to the bound."""
        for place in places:
            if place not in self.places and len(self.places) >= MAX_NODES:
                self.is_cut = True
                return
            self.places[place] = None


def lineage_graph(focus: Dataset | Job, *, user: Viewer, depth: int) -> dict[str, Any]:
    """Return the graph around a dataset or job; `depth` counts steps between jobs and datasets."""
    walk = _Walk()
    steps = max(1, (min(depth, 100) + 1) // 2)
    for direction in ("in", "out"):
        if isinstance(focus, Job):
            walk.meet([("j", focus.pk)])
            start = _beside(focus, direction, walk)
        else:
            walk.meet([("d", focus.pk)])
            start = {focus.pk}
        _follow(walk, start, direction, steps)
    return _answer(walk, user)


def _beside(job: Job, direction: str, walk: _Walk) -> set[int]:
    rows = JobDataset.objects.filter(job=job, direction=direction)
    found = set(_nodes(rows.values_list("dataset_id", flat=True)).values())
    _draw(walk, job.pk, found, direction)
    return found


def _draw(walk: _Walk, job: int, datasets: Iterable[int], direction: str) -> None:
    for dataset in datasets:
        walk.meet([("j", job), ("d", dataset)])
        ends: tuple[Place, Place] = (("d", dataset), ("j", job))
        walk.arrows.add(ends if direction == "in" else (ends[1], ends[0]))


def _follow(walk: _Walk, start: set[int], direction: str, steps: int) -> None:
    """Follow edges of jobs from datasets: `in` goes upstream, `out` downstream."""
    frontier, seen = start, set(start)
    near, far = ("downstream", "upstream") if direction == "in" else ("upstream", "downstream")
    close, distant = ("out", "in") if direction == "in" else ("in", "out")
    for _ in range(steps):
        if not frontier or walk.is_cut:
            break
        names = _names(frontier)
        alone = JobDataset.objects.filter(dataset__in=names, direction=close, job__deleted_at=None)
        for job, dataset in alone.values_list("job_id", "dataset_id"):
            _draw(walk, job, [names[dataset]], close)
        rows = Edge.objects.current().filter(job__deleted_at=None, job__isnull=False)
        edges = list(
            rows.filter(**{f"{near}__in": names}).values_list("job_id", f"{near}_id", f"{far}_id")
        )
        nodes = _nodes([there for *_, there in edges])
        frontier = set()
        for job, _, there in edges:
            _draw(walk, job or 0, [nodes[there]], distant)
            if nodes[there] not in seen:
                seen.add(nodes[there])
                frontier.add(nodes[there])


def _names(nodes: Collection[int]) -> dict[int, int]:
    """Return the datasets that stand for nodes: themselves and their aliases."""
    found = {node: node for node in nodes}
    rows = DatasetAlias.objects.filter(node__in=nodes, dataset__isnull=False)
    found.update(
        (dataset or 0, node) for dataset, node in rows.values_list("dataset_id", "node_id")
    )
    return found


def _nodes(datasets: Iterable[int]) -> dict[int, int]:
    """Return which node each dataset stands for."""
    found = {dataset: dataset for dataset in datasets}
    rows = DatasetAlias.objects.filter(dataset__in=found)
    found.update(
        (dataset or 0, node) for dataset, node in rows.values_list("dataset_id", "node_id")
    )
    return found


def _answer(walk: _Walk, user: Viewer) -> dict[str, Any]:
    ids = {kind: [pk for k, pk in walk.places if k == kind] for kind in ("d", "j")}
    datasets = list(visible_datasets(user).filter(pk__in=ids["d"]))
    jobs = list(visible_jobs(user).filter(pk__in=ids["j"]))
    bodies: dict[Place, tuple[str, str, dict[str, Any]]] = {}
    for pk, body in dataset_bodies(datasets, user).items():
        bodies["d", pk] = (dataset_node((body["namespace"], body["name"])), "DATASET", body)
    for pk, body in job_bodies(jobs, user).items():
        bodies["j", pk] = (job_node((body["namespace"], body["name"])), "JOB", body)
    for place, (kind, pk) in enumerate([p for p in sorted(walk.places) if p not in bodies], 1):
        address = restricted(place)
        if kind == "d":
            bodies[kind, pk] = (dataset_node(address), "DATASET", hidden_dataset(address))
        else:
            bodies[kind, pk] = (job_node(address), "JOB", hidden_job(address))
    return graph_body(
        {place: bodies[place] for place in walk.places},
        {(a, b) for a, b in walk.arrows if a in walk.places and b in walk.places},
        is_cut=walk.is_cut,
    )


def graph_body(
    nodes: dict[Any, tuple[str, str, dict[str, Any]]],
    arrows: Collection[tuple[Any, Any]],
    *,
    is_cut: bool,
) -> dict[str, Any]:
    """Return nodes sorted by id, each with the edges into and out of it."""
    into: dict[Any, list[dict[str, str]]] = defaultdict(list)
    out: dict[Any, list[dict[str, str]]] = defaultdict(list)
    for start, end in arrows:
        edge = {"origin": nodes[start][0], "destination": nodes[end][0]}
        out[start].append(edge)
        into[end].append(edge)
    graph = [
        {
            "id": name,
            "type": kind,
            "data": body,
            "inEdges": _sorted(into[place]),
            "outEdges": _sorted(out[place]),
        }
        for place, (name, kind, body) in nodes.items()
    ]
    answer: dict[str, Any] = {"graph": sorted(graph, key=lambda node: str(node["id"]))}
    if is_cut:
        answer["truncated"] = f"Only {MAX_NODES} nodes are given; ask with a smaller depth."
    return answer


def _sorted(edges: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(edges, key=lambda edge: (edge["origin"], edge["destination"]))

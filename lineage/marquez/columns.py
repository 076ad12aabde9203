"""Graphs of columns around a dataset, one of its columns, or what a job writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Q

from catalog.models import Column, Dataset
from lineage.marquez.find import Viewer, visible_datasets
from lineage.marquez.graph import MAX_NODES, graph_body
from lineage.marquez.names import RESTRICTED, field_node, restricted
from lineage.models import ColumnEdge, DatasetAlias, EdgeKind, Job, JobDataset
from lineage.openlineage.parse import Address

#: (dataset id, column path)
Cell = tuple[int, str]
Arrow = tuple[Cell, Cell, str, str]


def column_graph(
    focus: Dataset | Job, field: str, *, user: Viewer, depth: int, with_downstream: bool
) -> dict[str, Any]:
    """Return columns and the flows between them; upstream, and downstream where asked for."""
    start = _start(focus, field)
    cells: dict[Cell, None] = dict.fromkeys(start)
    arrows: set[Arrow] = set()
    ways = ("upstream", "downstream") if with_downstream else ("upstream",)
    for way in ways:
        frontier = set(start)
        for _ in range(max(1, min(depth, 100))):
            if not frontier or len(cells) >= MAX_NODES:
                break
            found = _step(frontier, way)
            arrows |= found
            met = {a if way == "upstream" else b for a, b, *_ in found}
            frontier = met - cells.keys()
            cells |= dict.fromkeys(frontier)
    return _answer(list(cells)[:MAX_NODES], arrows, user, is_cut=len(cells) >= MAX_NODES)


def _start(focus: Dataset | Job, field: str) -> list[Cell]:
    if isinstance(focus, Job):
        written = JobDataset.objects.filter(job=focus, direction="out").values("dataset")
        rows = Column.objects.filter(dataset__in=written)
    else:
        rows = Column.objects.filter(dataset=focus)
    if field and isinstance(focus, Dataset):
        return [(focus.pk, field)]
    cells = list(rows.order_by("dataset", "ordinal", "path").values_list("dataset_id", "path"))
    known = {dataset for dataset, _ in cells} or (
        {focus.pk} if isinstance(focus, Dataset) else set()
    )
    edges = ColumnEdge.objects.filter(
        ended_at=None, edge__ended_at=None, edge__downstream__in=known
    )
    extra = edges.exclude(downstream_path="").values_list("edge__downstream_id", "downstream_path")
    return list(dict.fromkeys([*cells, *extra]))


def _step(frontier: Collection[Cell], way: str) -> set[Arrow]:
    """Read the flows into (upstream) or out of the cells; aliases count as their node."""
    near = "downstream" if way == "upstream" else "upstream"
    nodes = {dataset for dataset, _ in frontier}
    aliases = dict(
        DatasetAlias.objects.filter(node__in=nodes, dataset__isnull=False).values_list(
            "dataset_id", "node_id"
        )
    )
    rows = ColumnEdge.objects.filter(
        Q(**{f"edge__{near}__in": nodes | aliases.keys()}), ended_at=None, edge__ended_at=None
    ).exclude(edge__kind=EdgeKind.FOREIGN_KEY)
    rows = rows.exclude(downstream_path="").exclude(upstream_path="")
    found = list(
        rows.values_list(
            "edge__upstream_id", "upstream_path", "edge__downstream_id", "downstream_path",
            "type", "subtype",
        )
    )  # fmt: skip
    others = {pk for up, _, down, *_ in found for pk in (up, down)}
    aliases |= dict(
        DatasetAlias.objects.filter(dataset__in=others).values_list("dataset_id", "node_id")
    )
    arrows = set()
    for up, up_path, down, down_path, kind, subtype in found:
        source, target = (aliases.get(up, up), up_path), (aliases.get(down, down), down_path)
        if (target if way == "upstream" else source) in frontier:
            arrows.add((source, target, kind, subtype))
    return arrows


def _answer(
    cells: Collection[Cell], arrows: Collection[Arrow], user: Viewer, *, is_cut: bool
) -> dict[str, Any]:
    ids = {dataset for dataset, _ in cells}
    rows = visible_datasets(user).filter(pk__in=ids).values_list("pk", "namespace", "name")
    seen: dict[int, Address] = {pk: (namespace, name) for pk, namespace, name in rows}
    types = {
        (dataset, path): native or kind
        for dataset, path, native, kind in Column.objects.filter(dataset__in=seen).values_list(
            "dataset_id", "path", "native_type", "type"
        )
    }
    # Of a hidden dataset all columns are one nameless node.
    shown = {cell: cell if cell[0] in seen else (cell[0], "") for cell in cells}
    numbers = {pk: n for n, pk in enumerate(sorted(ids - seen.keys()), 1)}
    drawn = {
        (shown[source], shown[target], kind, subtype)
        for source, target, kind, subtype in arrows
        if source in shown and target in shown and shown[source] != shown[target]
    }
    into: dict[Cell, list[tuple[Address, str, str]]] = {}
    for source, target, kind, subtype in drawn:
        into.setdefault(target, []).append((*_called(source, seen, numbers), subtype or kind))
    nodes = {}
    for cell in dict.fromkeys(shown.values()):
        (namespace, name), field = _called(cell, seen, numbers)
        inputs = sorted(into.get(cell, ()))
        body = _field((namespace, name), field, types.get(cell, ""), inputs)
        nodes[cell] = (field_node((namespace, name), field), "DATASET_FIELD", body)
    pairs = {(source, target) for source, target, *_ in drawn}
    return graph_body(nodes, pairs, is_cut=is_cut)


def _field(
    address: Address, field: str, kind: str, inputs: Sequence[tuple[Address, str, str]]
) -> dict[str, Any]:
    """Return the body of a column: `inputs` are (dataset, column, transformation)."""
    return {
        "namespace": address[0],
        "dataset": address[1],
        "datasetVersion": None,
        "field": field,
        "fieldType": kind,
        "transformationDescription": None,
        "transformationType": next(
            (transformation for *_, transformation in inputs if transformation), None
        ),
        "inputFields": [
            {
                "namespace": namespace,
                "dataset": name,
                "datasetVersion": None,
                "field": path,
                "transformationDescription": None,
                "transformationType": transformation or None,
            }
            for (namespace, name), path, transformation in inputs
        ],
    }


def _called(
    cell: Cell, seen: Mapping[int, Address], numbers: Mapping[int, int]
) -> tuple[Address, str]:
    """Return how a cell is called for a viewer who may see the datasets `seen`."""
    dataset, path = cell
    if dataset in seen:
        return seen[dataset], path
    return restricted(numbers[dataset]), RESTRICTED

"""Flows between products: declared inputs, and flows between the datasets they serve and read.

A dataset that no product serves stands between products and is passed through.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from catalog.models import Dataset, Port, PortDataset
from lineage.adjacency.load import KIND_CODES
from lineage.models import Edge
from lineage.questions.flows import NEVER, Arcs, Flows, Keys, Sign, TimeWindow, moment

_Rows = QuerySet[Any, tuple[Any, ...]]
#: (upstream product, downstream product) -> (code of its kind, since, until).
_Found = dict[tuple[int, int], tuple[int, int, int]]
#: Near product, far product or none, far dataset, code of the kind, since, until.
_Near = tuple[Any, ...]
_MOST_BETWEEN = 20


class ProductFlows:
    """Flows between products (`questions.flows.Flows`): one query a call, unless datasets stand between."""

    def __init__(self, datasets: Flows) -> None:
        self._datasets = datasets
        self._ids: dict[tuple[int, int], int] = {}

    def arcs(self, nodes: Keys, sign: Sign, when: TimeWindow) -> Arcs:
        """Return the flows into or out of any of the products that there are at a time."""
        return self._from(_near([(nodes.tolist(), sign)], when)[sign], sign, when)

    def both(self, into: Keys, out_of: Keys, when: TimeWindow) -> tuple[Arcs, Arcs]:
        """Return the flows into some products and those out of others: one query for both."""
        rows = _near([(into.tolist(), -1), (out_of.tolist(), 1)], when)
        return self._from(rows[-1], -1, when), self._from(rows[1], 1, when)

    def _from(self, rows: list[_Near], sign: Sign, when: TimeWindow) -> Arcs:
        found: _Found = {}
        between: dict[int, set[int]] = defaultdict(set)
        for near, far, dataset, kind, first, ended in rows:
            if far is None:
                between[dataset].add(near)
            elif near != far:
                _add(found, near, far, sign, kind, _moment(first), _moment(ended, NEVER))
        if between:
            self._through(between, sign, when, found)
        return self._arcs(found)

    def _through(
        self, between: dict[int, set[int]], sign: Sign, when: TimeWindow, found: _Found
    ) -> None:
        """Follow datasets that no product serves to those that one does."""
        seen = {dataset: set(origins) for dataset, origins in between.items()}
        for _ in range(_MOST_BETWEEN):
            if not between:
                return
            nodes = np.array(sorted(between), np.int64)
            if sign > 0:
                self._readers(between, when, found)
            arcs = self._datasets.arcs(nodes, sign, when)
            products = _products_of(arcs.far(sign).tolist())
            further: dict[int, set[int]] = defaultdict(set)
            for at in range(arcs.size):
                near, far = int(arcs.up[at]), int(arcs.down[at])
                near, far = (far, near) if sign < 0 else (near, far)
                product = products.get(far)
                for origin in between[near]:
                    if product is None:
                        if origin not in seen.setdefault(far, set()):
                            seen[far].add(origin)
                            further[far].add(origin)
                    elif product != origin:
                        kind, first = int(arcs.kind[at]), int(arcs.first[at])
                        _add(found, origin, product, sign, kind, first, int(arcs.ended[at]))
            between = further

    def _readers(self, between: dict[int, set[int]], when: TimeWindow, found: _Found) -> None:
        """Add the products whose input ports read a dataset that no product serves."""
        rows = PortDataset.objects.filter(port__direction="in", dataset__in=between)
        for dataset, product in rows.values_list("dataset_id", "port__product_id"):
            for origin in between[dataset or 0]:
                if origin != product:
                    _add(found, origin, product, 1, KIND_CODES["declared"], 0, NEVER)

    def _arcs(self, found: _Found) -> Arcs:
        pairs = sorted(found)
        ids = [self._ids.setdefault(pair, len(self._ids) + 1) for pair in pairs]
        made = Arcs(
            np.array(ids, np.int64),
            np.array([up for up, _ in pairs], np.int64),
            np.array([down for _, down in pairs], np.int64),
            np.array([found[pair][0] for pair in pairs], np.uint8),
            np.zeros(len(pairs), np.int64),
            np.array([found[pair][1] for pair in pairs], np.int64),
            np.array([found[pair][2] for pair in pairs], np.int64),
        )
        return made.at(np.argsort(made.id, kind="stable"))


def _add(found: _Found, near: int, far: int, sign: Sign, kind: int, first: int, ended: int) -> None:
    """Note a flow; what is declared is told before what follows, and it lasts as long as any."""
    pair = (far, near) if sign < 0 else (near, far)
    known = found.get(pair, (kind, first, ended))
    declared = KIND_CODES["declared"]
    kept = declared if declared in (kind, known[0]) else known[0]
    found[pair] = (kept, min(first, known[1]), max(ended, known[2]))


def _near(asked: list[tuple[list[int], Sign]], when: TimeWindow) -> dict[Sign, list[_Near]]:
    """Return by direction (near product, far product or none, far dataset, kind code, first, ended): one query."""
    selects = [select.order_by() for ids, sign in asked for select in _selects(ids, sign, when)]
    found: dict[Sign, list[_Near]] = {sign: [] for _, sign in asked}
    for *row, sign in selects[0].union(*selects[1:]):
        if row[0] is not None and (row[1] or row[2]):
            found[sign].append((*row[:3], KIND_CODES[row[3]], *row[4:]))
    for rows in found.values():
        rows.sort(key=lambda row: tuple(str(part) for part in row))
    return found


def _selects(ids: Iterable[int], sign: Sign, when: TimeWindow) -> list[_Rows]:
    near, far = ("downstream", "upstream") if sign < 0 else ("upstream", "downstream")
    declared, always, never, way = Value("declared"), _nothing(), _nothing(), Value(sign)
    own, other = ("product", "upstream") if sign < 0 else ("upstream", "product")
    stated = Port.objects.filter(
        direction="in", upstream__isnull=False, **{f"{own}__in": ids}
    ).values_list(f"{own}_id", f"{other}_id", Value(0), declared, always, never, way)
    edges = Edge.objects.flows().filter(**{f"{near}__product__in": ids})
    edges = _at(edges, when)
    served = Coalesce(F(f"{far}__alias__node__product_id"), F(f"{far}__product_id"))
    between = Coalesce(F(f"{far}__alias__node_id"), F(f"{far}_id"))
    flows = edges.values_list(
        f"{near}__product_id", served, between, "kind", "first_seen_at", "ended_at", way
    )
    ports = PortDataset.objects.filter(port__direction="in", dataset__isnull=False)
    if sign < 0:
        rows = ports.filter(port__product__in=ids)
        names = ("port__product_id", "dataset__product_id", "dataset_id")
    else:
        rows = ports.filter(dataset__product__in=ids)
        names = ("dataset__product_id", "port__product_id", "dataset_id")
    return [flows, stated, rows.values_list(*names, declared, always, never, way)]


def _nothing() -> Any:
    from django.db.models import DateTimeField

    return Value(None, output_field=DateTimeField())


def _at(edges: Any, when: TimeWindow) -> Any:
    if when.at is None:
        if when.since is None:
            return edges.current()
        return edges.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=_date(when.since)))
    until = _date(when.at if when.since is None else when.since)
    held = Q(ended_at__isnull=True) | Q(ended_at__gt=until)
    return edges.filter(held, first_seen_at__lte=_date(when.at))


def _date(at: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def _moment(at: datetime | None, default: int = 0) -> int:
    return default if at is None else moment(at)


def _products_of(datasets: list[int]) -> dict[int, int]:
    rows = Dataset.objects.filter(pk__in=set(datasets), product__isnull=False)
    return {pk: int(product or 0) for pk, product in rows.values_list("pk", "product_id")}

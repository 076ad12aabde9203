"""What every source of flows must do, in memory or from the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from catalog.models import Dataset
from lineage.adjacency.memory import Source
from lineage.models import DatasetAlias, EdgeKind
from lineage.questions.flows import Arcs, Sign, TimeWindow, moment
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, end_edges, state_edges
from tests.conftest import Mesh
from tests.factories import make_dataset

START = datetime(2026, 5, 3, 6, tzinfo=UTC)
Open = Callable[[], Source]


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def state(
    *pairs: tuple[Dataset, Dataset], kind: EdgeKind = EdgeKind.VIEW, at: int = 0, source: str = "t"
) -> list[int]:
    """State edges on a day; return the ids of those that changed."""
    said = [
        EdgeStatement(upstream=up.pk, downstream=down.pk, kind=kind, source=source)
        for up, down in pairs
    ]
    return state_edges(said, at=day(at))


def end(ids: Iterable[int], at: int) -> None:
    """End edges on a day."""
    from lineage.adjacency.change_log import record_change

    end_edges(list(ids), at=day(at))
    record_change(list(ids))


def pairs(arcs: Arcs) -> set[tuple[int, int]]:
    return set(zip(arcs.up.tolist(), arcs.down.tolist(), strict=True))


def ask(
    source: Source, *rows: Dataset, sign: Sign, when: TimeWindow | None = None
) -> set[tuple[int, int]]:
    keys = np.array(sorted(row.pk for row in rows), np.int64)
    return pairs(source.flows.arcs(keys, sign, when or TimeWindow()))


class FlowsContract:
    """Subclass it with two fixtures: `datasets` and `columns`, which open a source anew."""

    @pytest.fixture
    def rows(self, mesh: Mesh) -> list[Dataset]:
        return [make_dataset(f"t{number}") for number in range(5)]

    def test_what_flows_in_and_out_is_told_apart(self, datasets: Open, rows: list[Dataset]) -> None:
        a, b, c, d, _ = rows
        state((a, b), (b, c), (d, b))
        source = datasets()
        assert ask(source, b, sign=-1) == {(a.pk, b.pk), (d.pk, b.pk)}
        assert ask(source, b, sign=1) == {(b.pk, c.pk)}
        assert ask(source, a, c, sign=1) == {(a.pk, b.pk)}
        assert ask(source, sign=1) == set()

    def test_an_unknown_node_has_no_flows(self, datasets: Open, rows: list[Dataset]) -> None:
        state((rows[0], rows[1]))
        far = np.array([rows[4].pk, 987_654_321], np.int64)
        assert datasets().flows.arcs(far, 1, TimeWindow()).size == 0

    def test_what_is_written_is_seen_at_once(self, datasets: Open, rows: list[Dataset]) -> None:
        a, b, c, _, _ = rows
        state((a, b))
        assert ask(datasets(), a, sign=1) == {(a.pk, b.pk)}
        made = state((a, c))
        assert ask(datasets(), a, sign=1) == {(a.pk, b.pk), (a.pk, c.pk)}
        end(made, at=1)
        assert ask(datasets(), a, sign=1) == {(a.pk, b.pk)}
        state((a, c), at=2)
        assert ask(datasets(), a, sign=1) == {(a.pk, b.pk), (a.pk, c.pk)}

    def test_a_flow_holds_from_its_first_moment_until_before_its_end(
        self, datasets: Open, rows: list[Dataset]
    ) -> None:
        a, b, c, _, _ = rows
        end(state((a, b), at=1), at=3)
        state((a, c), at=2)
        source = datasets()
        found = {
            number: ask(source, a, sign=1, when=TimeWindow(moment(day(number))))
            for number in range(5)
        }
        first, second = (a.pk, b.pk), (a.pk, c.pk)
        assert found == {0: set(), 1: {first}, 2: {first, second}, 3: {second}, 4: {second}}
        since = TimeWindow(moment(day(4)), moment(day(2)))
        assert ask(source, a, sign=1, when=since) == {first, second}
        assert ask(source, a, sign=1, when=TimeWindow(None, moment(day(2)))) == {first, second}
        assert ask(source, a, sign=1, when=TimeWindow(None, moment(day(3)))) == {second}

    def test_a_foreign_key_is_no_flow(self, datasets: Open, rows: list[Dataset]) -> None:
        state((rows[0], rows[1]), kind=EdgeKind.FOREIGN_KEY)
        state((rows[0], rows[2]))
        assert ask(datasets(), rows[0], sign=1) == {(rows[0].pk, rows[2].pk)}

    def test_another_name_is_the_dataset_that_is_meant(
        self, datasets: Open, rows: list[Dataset]
    ) -> None:
        from lineage.adjacency.change_log import record_change

        a, b, c, other, _ = rows
        state((a, other), (b, c))
        assert ask(datasets(), b, sign=-1) == set()
        DatasetAlias.objects.create(
            namespace=other.namespace,
            name=other.name,
            dataset=other,
            node=b,
            kind="symlink",
            since=START,
        )
        record_change([], has_aliases=True)
        source = datasets()
        assert source.meant(other.pk) == b.pk
        assert ask(source, b, sign=-1) == {(a.pk, b.pk)}
        assert ask(source, a, sign=1) == {(a.pk, b.pk)}

    def test_edges_of_several_sources_between_two_stay_apart(
        self, datasets: Open, rows: list[Dataset]
    ) -> None:
        a, b, _, _, _ = rows
        state((a, b))
        state((a, b), source="other")
        arcs = datasets().flows.arcs(np.array([a.pk], np.int64), 1, TimeWindow())
        assert arcs.size == 2
        assert arcs.id.tolist() == sorted(arcs.id.tolist())

    def test_columns_flow_into_columns(self, columns: Open, rows: list[Dataset]) -> None:
        a, b, _, _, _ = rows
        said = (ColumnFlow("id", "key"), ColumnFlow("note", "", "INDIRECT", "FILTER"))
        state_edges(
            [
                EdgeStatement(
                    upstream=a.pk,
                    downstream=b.pk,
                    kind=EdgeKind.VIEW,
                    source="t",
                    columns=said,
                )
            ],
            at=START,
        )
        source = columns()
        keys = np.sort(np.array([source.paths.key(a.pk, p) for p in ("id", "note")], np.int64))
        arcs = source.flows.arcs(keys, 1, TimeWindow())
        named = {
            (*source.paths.column(up), *source.paths.column(down), bool(kind & 128))
            for up, down, kind in zip(
                arcs.up.tolist(), arcs.down.tolist(), arcs.kind.tolist(), strict=True
            )
        }
        assert named == {(a.pk, "id", b.pk, "key", False), (a.pk, "note", b.pk, "", True)}
        assert {source.paths.column(k)[1] for k in source.columns_of(a.pk).tolist()} == {
            "id",
            "note",
        }
        only = np.array([source.paths.key(a.pk, "id")], np.int64)
        assert source.flows.arcs(only, 1, TimeWindow()).size == 1
        assert source.flows.arcs(only, -1, TimeWindow()).size == 0

"""Generate the demo stores, and let them live day after day.

A state file beside the stores remembers the first day, the last day and how many rows each table ever
had, so that the same seed and days always give the same rows; a day told twice changes nothing.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from portal.demo.stores import files, sqlite
from portal.demo.stores.incidents import INCIDENTS
from portal.demo.stores.spec import ColumnPlan, StorePlan, TablePlan, read_plans
from portal.demo.stores.values import Draw, Value, code, fill

STATE = "story.json"
PAST = timedelta(days=300)
"""How far back the rows of the first day reach."""
PARTITIONED_PAST = timedelta(days=3)


@dataclass(slots=True)
class State:
    """What has been told so far."""

    seed: int
    first_day: date
    last_day: date
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> State:
        """Read the state of a folder of stores."""
        data = json.loads((folder / STATE).read_text(encoding="utf-8"))
        first, last = (date.fromisoformat(data[name]) for name in ("first_day", "last_day"))
        return cls(data["seed"], first, last, data["counts"])

    def save(self, folder: Path) -> None:
        """Write the state at once."""
        data = {
            "seed": self.seed,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "counts": self.counts,
        }
        fresh = folder / f".{STATE}"
        fresh.write_text(json.dumps(data), encoding="utf-8")
        fresh.replace(folder / STATE)


def generate(folder: Path, day: date, seed: int = 7) -> None:
    """Write all stores as they are at the end of `day`, the first day of the story."""
    folder.mkdir(parents=True, exist_ok=True)
    state = State(seed, day, day)
    until = datetime.combine(day, time(23))
    for store in read_plans():
        if store.kind == "sqlite":
            sqlite.run(folder / store.path, sqlite.statements_for(store, day=0))
    teller = _Teller(folder, state)
    teller.add_rows(0, since=until - PAST, until=until)
    teller.write_files()
    state.save(folder)


def advance(folder: Path, day: date, *, until: datetime | None = None) -> None:
    """Let the stores live on to the end of `day` (or to the moment `until`, UTC, for today)."""
    state = State.load(folder)
    teller = _Teller(folder, state)
    while state.last_day < day:
        today = state.last_day + timedelta(days=1)
        end = datetime.combine(today, time(23))
        if until is not None:
            end = min(end, until.astimezone(UTC).replace(tzinfo=None))
        teller.live(today, until=end)
        state.last_day = today
    teller.write_files()
    state.save(folder)


class _Teller:
    """Adds rows to the stores; those of files are written together at the end, which is cheaper."""

    def __init__(self, folder: Path, state: State) -> None:
        self.folder = folder
        self.state = state
        self.waiting: dict[tuple[str, str], files.Batch] = {}

    def live(self, today: date, *, until: datetime) -> None:
        day = (today - self.state.first_day).days
        since = min(datetime.combine(today, time(0)), until - timedelta(minutes=20))
        for store in read_plans():
            if store.kind == "sqlite":
                self._change_tables(store, day, until)
        self.add_rows(day, since=since, until=until)
        for store in read_plans():
            if statements := INCIDENTS.get((day, store.key)):
                sqlite.run(self.folder / store.path, statements)

    def add_rows(self, day: int, *, since: datetime, until: datetime) -> None:
        for store in read_plans():
            batches = _draw_tables(store, self.state, day, since=since, until=until)
            if store.kind == "sqlite":
                rows = ((table, columns) for table, _, columns in batches)
                sqlite.insert(self.folder / store.path, rows)
                continue
            for table, plans, columns in batches:
                batch = files.Batch(self.folder / store.path, table, plans)
                self.waiting.setdefault((store.key, table.name), batch).extend(columns)

    def write_files(self) -> None:
        with files.open_engine() as engine:
            for batch in self.waiting.values():
                files.append(engine, batch)
        self.waiting.clear()

    def _change_tables(self, store: StorePlan, day: int, until: datetime) -> None:
        path, state = self.folder / store.path, self.state
        for table in store.tables:
            if table.dropped_on == day:
                sqlite.run(path, [f"DROP TABLE {table.name}"])
            for column in table.columns:
                if column.appears_on == day > 0:
                    sqlite.run(path, [sqlite.add_column(table, column)])
                    count = state.counts[f"{store.key}.{table.name}"]
                    rng = random.Random(f"{state.seed}:{store.key}.{table.name}.{column.name}")
                    draw = Draw(rng, count, 1, until - PAST, until, _keys(store, state))
                    sqlite.fill_column(path, table, column, fill(draw, column))


def _draw_tables(
    store: StorePlan, state: State, day: int, *, since: datetime, until: datetime
) -> Iterator[tuple[TablePlan, Sequence[ColumnPlan], dict[str, list[Value]]]]:
    keys = _keys(store, state)
    for table in store.tables:
        name = f"{store.key}.{table.name}"
        count = table.rows if day == 0 else table.grows
        if not count or day > table.stops_on or day >= table.dropped_on:
            continue
        began = until - PARTITIONED_PAST if day == 0 and table.form == "partitioned" else since
        rng = random.Random(f"{state.seed}:{name}:{day}")
        draw = Draw(rng, count, state.counts.get(name, 0) + 1, began, until, keys)
        plans = table.columns_on(day)
        for plan in plans:
            draw.columns[plan.name] = fill(draw, plan)
        rows = {plan.name: draw.columns[plan.name] for plan in plans}
        state.counts[name] = state.counts.get(name, 0) + count
        if table.key is not None:
            keys.update(_table_keys(store, table, state))
        yield table, plans, rows


def _keys(store: StorePlan, state: State) -> dict[str, Sequence[Value]]:
    keys: dict[str, Sequence[Value]] = {}
    for table in store.tables:
        if table.key is not None:
            keys.update(_table_keys(store, table, state))
    return keys


def _table_keys(store: StorePlan, table: TablePlan, state: State) -> dict[str, Sequence[Value]]:
    key = table.key
    if key is None:
        return {}
    numbers = range(1, state.counts.get(f"{store.key}.{table.name}", 0) + 1)
    is_number = key.generator == "id"
    values = numbers if is_number else [code(key.arguments[0], n) for n in numbers]
    return {f"{table.name}.{key.name}": values}

"""Read the plain-text plans of the demo stores (`specs/*.txt`).

A plan is one store. Its first line is `store KEY sqlite|files`. A table starts with
`== NAME option=value … ; comment`, followed by one line for each column:
`name generator arguments option=value ; comment`. A name may end in `!` (not null), `^` (unique)
or `?` (some nulls). `+audit` and the like insert a group of columns (`@audit` in `groups.txt`).
`=> NAME ; comment` starts a view, whose SQL runs to the next blank line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SPECS = Path(__file__).parent / "specs"


class PlanUnreadable(ValueError):
    """A line of a plan follows no rule."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column: how it is called, how its values are drawn, and what its comment says."""

    name: str
    generator: str
    arguments: tuple[str, ...]
    options: dict[str, str]
    comment: str
    is_required: bool = False
    is_unique: bool = False

    @property
    def nulls(self) -> float:
        """The share of rows without a value."""
        return float(self.options.get("null", 0))

    @property
    def appears_on(self) -> int:
        """The day of the story (0: from the start) on which the column is added."""
        return int(self.options.get("from", 0))


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table or file."""

    name: str
    options: Mapping[str, str]
    comment: str
    columns: tuple[ColumnPlan, ...]

    @property
    def rows(self) -> int:
        """How many rows there are on the first day."""
        return int(self.options.get("rows", 20))

    @property
    def grows(self) -> int:
        """How many rows each later day brings."""
        return int(self.options.get("grow", 0))

    @property
    def stops_on(self) -> int:
        """The day of the story after which nothing is added any more."""
        return int(self.options.get("until", 10_000))

    @property
    def dropped_on(self) -> int:
        """The day of the story on which the table is dropped."""
        return int(self.options.get("drop", 10_000))

    @property
    def form(self) -> str:
        """The form of a file: parquet, partitioned, csv or ndjson."""
        return self.options.get("as", "parquet")

    @property
    def indexes(self) -> tuple[str, ...]:
        """The indexed columns."""
        return tuple(filter(None, self.options.get("index", "").split(",")))

    @property
    def key(self) -> ColumnPlan | None:
        """The primary key: a first column drawn as a number or a code."""
        first = self.columns[0]
        return first if first.generator in {"id", "code"} else None

    def columns_on(self, day: int) -> tuple[ColumnPlan, ...]:
        """Return the columns there are on a day of the story."""
        return tuple(column for column in self.columns if column.appears_on <= day)


@dataclass(frozen=True, slots=True)
class ViewPlan:
    """One view."""

    name: str
    sql: str
    comment: str


@dataclass(slots=True)
class StorePlan:
    """One store: a SQLite database or a folder of files."""

    key: str
    kind: str
    tables: list[TablePlan] = field(default_factory=list)
    views: list[ViewPlan] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where the store lies below the folder of all stores."""
        return f"{self.key}.sqlite" if self.kind == "sqlite" else self.key

    def table(self, name: str) -> TablePlan:
        """Return a table by name; raise KeyError when the store has none of that name."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"{self.key} has no table {name}")


@cache
def read_plans() -> tuple[StorePlan, ...]:
    """Read every plan, in order of file name."""
    groups = _read_groups((SPECS / "groups.txt").read_text(encoding="utf-8"))
    files = sorted(path for path in SPECS.glob("*.txt") if path.stem != "groups")
    return tuple(read_plan(path.read_text(encoding="utf-8"), groups) for path in files)


def read_plan(text: str, groups: Mapping[str, tuple[ColumnPlan, ...]]) -> StorePlan:
    """Read one plan; raise PlanUnreadable naming the line."""
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    word, key, kind = blocks[0][0].split()
    if word != "store" or kind not in {"sqlite", "files"}:
        raise PlanUnreadable(f"{blocks[0][0]!r}: write `store KEY sqlite` or `store KEY files`")
    store = StorePlan(key, kind)
    for head, *body in blocks[1:]:
        mark, _, rest = head.partition(" ")
        title, _, comment = rest.partition(" ; ")
        name, *words = title.split()
        if mark == "==":
            columns = tuple(_columns(body, groups))
            store.tables.append(TablePlan(name, _options(words), comment.strip(), columns))
        elif mark == "=>":
            store.views.append(ViewPlan(name, "\n".join(body), comment.strip()))
        else:
            raise PlanUnreadable(f"{store.key}: {head!r} starts neither a table nor a view")
    _type_references(store)
    return store


def _type_references(store: StorePlan) -> None:
    """Give each reference the type of the key it points at."""
    for table in store.tables:
        for column in table.columns:
            if column.generator == "ref":
                target = store.table(column.arguments[0].partition(".")[0]).key
                is_number = target is not None and target.generator == "id"
                column.options["type"] = "INTEGER" if is_number else "TEXT"


def _read_groups(text: str) -> dict[str, tuple[ColumnPlan, ...]]:
    blocks = (block.splitlines() for block in text.strip().split("\n\n"))
    return {head.removeprefix("@"): tuple(_columns(body, {})) for head, *body in blocks}


def _columns(
    lines: list[str], groups: Mapping[str, tuple[ColumnPlan, ...]]
) -> Iterator[ColumnPlan]:
    for line in lines:
        if line.startswith("+"):
            yield from groups[line[1:].strip()]
        else:
            yield _column(line)


def _column(line: str) -> ColumnPlan:
    statement, _, comment = line.partition(" ; ")
    words = statement.split()
    options = _options(words)
    name, *spoken = [word for word in words if "=" not in word]
    if not spoken:
        raise PlanUnreadable(f"{line!r}: a column needs a name and a generator")
    generator, *arguments = spoken
    if name.endswith("?"):
        options.setdefault("null", "0.08")
    required = name.endswith("!") or generator in {"id", "code"}
    return ColumnPlan(
        name.rstrip("!^?"),
        generator,
        tuple(arguments),
        options,
        comment.strip(),
        is_required=required,
        is_unique=name.endswith("^"),
    )


def _options(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)

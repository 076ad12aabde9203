"""How many of a lineage project's statements are read right: `python -m benchmarks.sql_lineage`.

The statements and what is expected of them are those of sqllineage (MIT), read from the folder that
GAZETTEER_TEST_DATA names. A statement is right if the tables it reads and writes, or all pairs of columns,
are exactly the expected ones; letters' case and sqllineage's `<default>.` are left out of account.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineage.sql import read_script

DATA = Path(os.environ.get("GAZETTEER_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
CASES = ("lineage", "sql_cases", "sqllineage_cases_dev.json")

#: Why one is not as expected, by the name of the test it comes from.
WHY = {
    "test_union_where_later_branch_introduces_new_output_columns": (
        "the branches of the UNION have different numbers of columns, which no database takes; "
        "columns are matched by position, as SQL does"
    ),
}

Tables = tuple[frozenset[str], frozenset[str]]
Columns = frozenset[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One statement: what was expected, what came out."""

    number: int
    kind: str
    dialect: str
    sql: str
    expected: Tables | Columns
    found: Tables | Columns
    problem: str
    why: str

    @property
    def is_right(self) -> bool:
        """Whether it is exactly what was expected."""
        return self.expected == self.found


def load(path: Path | None = None) -> list[dict[str, Any]]:
    """Read the statements."""
    cases: list[dict[str, Any]] = json.loads((path or DATA.joinpath(*CASES)).read_text())
    return cases


def judge(number: int, case: Mapping[str, Any]) -> Outcome:
    """Read one statement and compare."""
    schema = {name.lower(): columns for name, columns in (case.get("schema") or {}).items()}
    script = read_script(case["sql"], case["dialect"], lambda table: schema.get(table.lower()))
    whole = script.end_to_end()
    expected: Tables | Columns
    found: Tables | Columns
    if case["kind"] == "table":
        expected = (_names(case["source"]), _names(case["target"]))
        found = (_names(whole.reads), _names(whole.writes))
    else:
        expected = frozenset(
            (
                _name(e["from_table"]),
                _plain(e["from_column"]),
                _name(e["to_table"]),
                _plain(e["to_column"]),
            )
            for e in case["edges"]
        )
        found = frozenset(
            (_name(p.from_table), _plain(p.from_column), _name(p.to_table), _plain(p.to_column))
            for p in whole.columns
            if p.to_table
        )
    return Outcome(
        number,
        case["kind"],
        case["dialect"],
        case["sql"],
        expected,
        found,
        whole.problem,
        WHY.get(case["origin_test"], ""),
    )


def _names(names: Any) -> frozenset[str]:
    return frozenset(_name(name) for name in names)


def _name(name: str | None) -> str:
    return (name or "").lower().removeprefix("<default>.")


def _plain(name: str) -> str:
    return re.sub(r"\s+", " ", name).lower()


def main() -> None:
    """Print the shares, and what is not right."""
    started = time.perf_counter()
    outcomes = [judge(number, case) for number, case in enumerate(load())]
    seconds = time.perf_counter() - started
    for kind in ("table", "column"):
        some = [o for o in outcomes if o.kind == kind]
        right = sum(o.is_right for o in some)
        print(f"{kind} lineage: {right} of {len(some)} statements right ({right / len(some):.1%})")
    print(f"{len(outcomes)} statements in {seconds:.2f} s")
    for outcome in outcomes:
        if not outcome.is_right:
            print(f"\n#{outcome.number} ({outcome.dialect}): {' '.join(outcome.sql.split())[:300]}")
            print(f"  expected {_shown(outcome.expected)}\n  found    {_shown(outcome.found)}")
            if why := outcome.problem or outcome.why:
                print(f"  because  {why}")


def _shown(what: Tables | Columns) -> str:
    return str([sorted(part) if isinstance(part, frozenset) else part for part in what])


if __name__ == "__main__":
    main()

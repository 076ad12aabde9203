"""Measure contracts: 500 columns judged, 2,000 columns compared, both read from YAML.

    python -m benchmarks.contracts

Exits with 1 when a claim does not hold: 100 ms to judge, 1 s to compare.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from catalog.standards.diagnostics import errors
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.verdicts import judge
from catalog.standards.reading import read
from catalog.standards.writing import to_yaml

TIMES = 7


def contract(columns: int, **changed: Any) -> dict[str, Any]:
    """Return a contract with many columns, each with options and a rule of quality."""
    properties = [
        {
            "name": f"column_{number}",
            "logicalType": "string",
            "physicalType": "varchar(20)",
            "required": True,
            "description": "What it holds, in a sentence.",
            "classification": "internal",
            "logicalTypeOptions": {"maxLength": 20, "pattern": "^[a-z]+$"},
            "quality": [{"id": "filled", "metric": "nullValues", "mustBe": 0}],
            **changed,
        }
        for number in range(columns)
    ]
    return {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "many",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "many", "properties": properties}],
    }


def fastest(work: Callable[[], object]) -> float:
    """Return the milliseconds of processor time of the fastest run."""
    found = []
    for _ in range(TIMES):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found) * 1000


def main() -> int:
    """Measure, print a table, and return 1 when a claim does not hold."""
    good, bad = to_yaml(contract(500)), to_yaml(contract(500, logicalType="uuid"))
    older = contract(2000)
    newer = contract(2000, required=False, logicalTypeOptions={"maxLength": 10, "pattern": "^b"})
    document = read(good)
    assert errors(lint(document)) == []
    assert len(judge(older, newer).changes) == 6000
    rows = [
        ("judge 500 columns", fastest(lambda: lint(document)), 100),
        ("read and judge 500 columns", fastest(lambda: lint(read(good))), 100),
        ("read and judge 500 columns, each wrong", fastest(lambda: lint(read(bad))), 250),
        ("compare 2,000 columns, 6,000 changes", fastest(lambda: judge(older, newer)), 1000),
    ]
    for name, took, most in rows:
        print(f"{name:42} {took:8.1f} ms   at most {most} ms {'' if took <= most else 'MISSED'}")
    return int(any(took > most for _, took, most in rows))


if __name__ == "__main__":
    sys.exit(main())

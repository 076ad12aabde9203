"""Keep the derived checks of datasets in step with what is stated of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from catalog.db import bulk
from catalog.models import Check, Outcome
from catalog.trust.derive import DerivedCheck, derive
from catalog.trust.facts import DatasetFacts

_STATED = ("name", "dimension", "rule", "column_path", "params", "severity", "description")


def sync_checks(facts: Collection[DatasetFacts], *, at: datetime) -> None:
    """Write new and changed checks, retire those that no longer apply; three queries at most."""
    known = {
        (row.dataset_id, row.key): row
        for row in Check.objects.filter(dataset__in=[f.id for f in facts], origin="derived")
    }
    wanted = {(f.id, check.key): _row(f.id, check) for f in facts for check in derive(f)}
    bulk.upsert(
        Check,
        [row for key, row in wanted.items() if _differs(known.get(key), row)],
        on=("dataset_id", "key"),
        where="dataset_id IS NOT NULL",
        fields=(*_STATED, "retired_at"),
    )
    gone = [row.pk for key, row in known.items() if key not in wanted and row.retired_at is None]
    if gone:
        Check.objects.filter(pk__in=gone).update(retired_at=at)


def _row(dataset: int, check: DerivedCheck) -> dict[str, object]:
    return {
        "dataset_id": dataset,
        "key": check.key,
        "name": check.name[:300],
        "dimension": check.dimension,
        "rule": check.rule,
        "column_path": check.column,
        "params": check.params,
        "severity": check.severity,
        "origin": "derived",
        "description": check.description,
        "retired_at": None,
        "last_outcome": Outcome.UNKNOWN.value,
        "last_observed": "",
    }


def _differs(known: Check | None, row: dict[str, object]) -> bool:
    if known is None or known.retired_at is not None:
        return True
    return any(getattr(known, name) != row[name] for name in _STATED)

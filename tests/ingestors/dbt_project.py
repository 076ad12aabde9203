"""A small dbt project of claims, as its artifacts tell of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAMESPACE = "postgres://warehouse:5432"


def model(name: str, reads: list[str], sql: str = "", **said: Any) -> dict[str, Any]:
    """Return a model as a manifest tells of it."""
    return {
        "resource_type": "model",
        "package_name": "claims",
        "database": "dwh",
        "schema": "mart",
        "name": name,
        "alias": name,
        "config": {"materialized": "table"},
        "depends_on": {"nodes": reads},
        "compiled_code": sql,
        **said,
    }


def not_null(name: str, column: str) -> dict[str, Any]:
    """Return a generic test of a column of a model."""
    return {
        "resource_type": "test",
        "package_name": "claims",
        "name": f"not_null_{name}_{column}",
        "column_name": column,
        "attached_node": f"model.claims.{name}",
        "depends_on": {"nodes": [f"model.claims.{name}"]},
        "test_metadata": {"name": "not_null", "kwargs": {}},
        "config": {"severity": "ERROR"},
    }


def manifest() -> dict[str, Any]:
    """Return the manifest: a source, an ephemeral step, a private model, two groups, an exposure, tests."""
    staged = "select id, amount * 100 as cents from dwh.raw.claim"
    settled = f"with __dbt__cte__staged as ({staged}) select id, cents from __dbt__cte__staged"
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "project_name": "claims",
            "adapter_type": "postgres",
        },
        "nodes": {
            "model.claims.staged": model(
                "staged",
                ["source.claims.core.claim"],
                staged,
                config={"materialized": "ephemeral"},
            ),
            "model.claims.settled": model(
                "settled",
                ["model.claims.staged"],
                settled,
                group="settlement",
                tags=["daily"],
                description="Claims that were paid.",
                columns={"cents": {"name": "cents", "description": "Paid, in cents."}},
            ),
            "model.claims.scratch": model(
                "scratch",
                ["model.claims.settled"],
                "select id from dwh.mart.settled",
                group="settlement",
                access="private",
            ),
            "model.claims.triangle": model(
                "triangle",
                ["model.claims.settled"],
                "select sum(cents) as total from dwh.mart.settled",
                group="reserving",
                config={"materialized": "view"},
            ),
            "test.claims.not_null_settled_cents.1": not_null("settled", "cents"),
            "test.claims.not_null_settled_id.2": not_null("settled", "id"),
        },
        "sources": {
            "source.claims.core.claim": {
                "resource_type": "source",
                "package_name": "claims",
                "source_name": "core",
                "database": "dwh",
                "schema": "raw",
                "name": "claim",
                "identifier": "claim",
                "loaded_at_field": "booked_at",
                "freshness": {"error_after": {"count": 1, "period": "day"}},
            }
        },
        "exposures": {
            "exposure.claims.loss_board": {
                "name": "loss_board",
                "type": "dashboard",
                "label": "Loss board",
                "description": "What the board looks at.",
                "owner": {"name": "Board office", "email": "board@example.org"},
                "depends_on": {"nodes": ["model.claims.triangle", "source.claims.core.claim"]},
            }
        },
        "groups": {
            "group.claims.settlement": {
                "name": "settlement",
                "owner": {"name": "Claims Team", "email": "claims-team@example.org"},
            },
            "group.claims.reserving": {"name": "reserving", "owner": {"email": "x@example.org"}},
        },
    }


def catalog() -> dict[str, Any]:
    """Return the columns that the store has."""

    def columns(**types: str) -> dict[str, Any]:
        return {
            name: {"name": name, "type": kind, "index": place}
            for place, (name, kind) in enumerate(types.items(), 1)
        }

    return {
        "metadata": {"generated_at": "2026-05-03T04:00:00Z"},
        "nodes": {
            "model.claims.settled": {
                "columns": columns(id="bigint", cents="numeric"),
                "stats": {"num_rows": {"value": 1200}},
            },
            "model.claims.triangle": {"columns": columns(total="numeric")},
        },
        "sources": {
            "source.claims.core.claim": {"columns": columns(id="bigint", amount="numeric")}
        },
    }


def run_results(invocation: str = "one", **outcomes: str) -> dict[str, Any]:
    """Return how tests ended: by the column they look at."""
    numbers = {"cents": 1, "id": 2}
    return {
        "metadata": {
            "invocation_id": invocation,
            "generated_at": f"2026-05-03T05:0{len(invocation)}:00Z",
        },
        "results": [
            {
                "unique_id": f"test.claims.not_null_settled_{column}.{numbers[column]}",
                "status": status,
                "failures": 7 if status == "fail" else 0,
            }
            for column, status in outcomes.items()
        ],
    }


def freshness(status: str = "error", hours: float = 30) -> dict[str, Any]:
    """Return how old the newest claim was."""
    return {
        "metadata": {"invocation_id": "f", "generated_at": "2026-05-03T05:00:00Z"},
        "results": [
            {
                "unique_id": "source.claims.core.claim",
                "status": status,
                "max_loaded_at": "2026-05-01T23:00:00Z",
                "snapshotted_at": "2026-05-03T05:00:00Z",
                "max_loaded_at_time_ago_in_s": hours * 3600,
                "criteria": {"error_after": {"count": 1, "period": "day"}},
            }
        ],
    }


def write(folder: Path, **documents: object) -> None:
    """Write artifacts into a folder."""
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")

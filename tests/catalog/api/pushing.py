"""Lines to push."""

from __future__ import annotations

import json
from typing import Any

from tests.factories import NAMESPACE

ADDRESS = "/api/v1/push"


def product(key: str = "settled", **said: Any) -> dict[str, Any]:
    document = {
        "dataProductGUID": f"g-{key}",
        "readableDataProductKey": f"claims/{key}",
        "owner": "claims-team",
        "displayname": key.capitalize(),
        **said,
    }
    return {"kind": "product", "document": document}


def dataset(name: str = "main.settled", **said: Any) -> dict[str, Any]:
    document = {
        "namespace": NAMESPACE,
        "name": name,
        "owner": "claims-team",
        "columns": [{"path": "id", "type": "integer", "primaryKey": True}, {"path": "note"}],
        **said,
    }
    return {"kind": "dataset", "document": document}


def contract(version: str = "1.0.0", *columns: str, **said: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "settled-contract",
        "version": version,
        "status": "active",
        "dataProduct": "claims/settled",
        "schema": [
            {
                "name": "settled",
                "properties": [
                    {"name": name, "logicalType": "string"} for name in columns or ("id", "note")
                ],
            }
        ],
        **said,
    }


def check(key: str = "filled", **said: Any) -> dict[str, Any]:
    document = {
        "dataProduct": "claims/settled",
        "key": key,
        "dimension": "completeness",
        "rule": "not-null",
        **said,
    }
    return {"kind": "check", "document": document}


def event(run: str = "0197e3a0-0000-7000-8000-000000000001") -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-20T10:00:00Z",
        "producer": "https://example.com/jobs",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run},
        "job": {"namespace": "nightly", "name": "settle"},
        "inputs": [{"namespace": NAMESPACE, "name": "main.raw"}],
        "outputs": [{"namespace": NAMESPACE, "name": "main.settled"}],
    }


def soda(run: str = "2026-11-20T10:00:00+00:00") -> dict[str, Any]:
    return {
        "definitionName": "nightly",
        "defaultDataSource": "shop",
        "dataTimestamp": run,
        "scanStartTimestamp": run,
        "scanEndTimestamp": run,
        "hasErrors": False,
        "checks": [
            {
                "identity": "c1",
                "name": "no missing ids",
                "type": "generic",
                "definition": "missing_count(id) = 0",
                "table": "main.settled",
                "column": "id",
                "outcome": "pass",
            }
        ],
    }


def body(*lines: Any) -> bytes:
    return b"".join(
        line + b"\n" if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
        for line in lines
    )


def counts(answer: Any) -> tuple[int, int, int, int]:
    assert answer.status_code == 200, answer.content
    said = answer.json()["summary"]
    return said["created"], said["changed"], said["unchanged"], said["refused"]


ALL = (
    event(),
    {"kind": "results", "document": soda()},
    check(),
    contract(),
    product(
        ports=[
            {
                "direction": "out",
                "name": "sql",
                "displayName": "SQL",
                "datasets": [{"namespace": NAMESPACE, "name": "main.settled"}],
            }
        ]
    ),
    dataset(),
)

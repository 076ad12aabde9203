"""Find out which tool a document of results comes from, and read it. Free of Django."""

from __future__ import annotations

from typing import Any

from catalog.standards.quality.pipelines import read_dbt, read_openlineage
from catalog.standards.quality.results import NotReadable, Run, mapping, objects
from catalog.standards.quality.tools import read_datacontract, read_expectations, read_soda

TOOLS = "datacontract-cli, Great Expectations 1.x, Soda 3.x, dbt {run_results, manifest}, OpenLineage events"


def read_results(content: object) -> list[Run]:
    """Return the runs a document tells of. Raises NotReadable."""
    if isinstance(content, list):
        events = objects(content)
        if not events or len(events) != len(content) or not all("run" in e for e in events):
            raise NotReadable((), content, f"a list is of OpenLineage events; known are {TOOLS}")
        return read_openlineage(events)
    if not isinstance(content, dict):
        raise NotReadable((), content, f"write an object; known are {TOOLS}")
    return _read(content)


def _read(content: dict[str, Any]) -> list[Run]:
    if "eventTime" in content and "run" in content:
        return read_openlineage([content])
    results = content.get("run_results") or content.get("runResults")
    if isinstance(results, dict):
        manifest = mapping(content.get("manifest"))
        if not manifest:
            raise NotReadable(("manifest",), None, "is required: it says what each test is about")
        return [read_dbt(results, manifest)]
    if "dataContractId" in content or "dataContractVersion" in content:
        return [read_datacontract(content)]
    if "definitionName" in content or "defaultDataSource" in content:
        return [read_soda(content)]
    if "suite_name" in content or "expectation_suite_name" in content:
        return [read_expectations(content)]
    if "validation_results" in content:
        message = "send the validation results themselves; the short form of describe() has no time"
        raise NotReadable(("validation_results",), content["validation_results"], message)
    if "dbt_schema_version" in mapping(content.get("metadata")):
        message = 'send both files as {"run_results": …, "manifest": …}'
        raise NotReadable(("manifest",), None, message)
    raise NotReadable((), content, f"is of no known tool; known are {TOOLS}")

"""openlineage-python, dbt-ol and marquez-python as they are published, against a running Gazetteer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import engines
from tests.clients.conftest import Site

pytestmark = pytest.mark.services

#: Sends one run by the transport named, with two datasets and a facet, and a dataset and a job event.
_SEND = """
import json, sys
from datetime import datetime, timezone
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import (
    DatasetEvent, InputDataset, Job, JobEvent, OutputDataset, Run, RunEvent, RunState, StaticDataset
)
from openlineage.client.facet_v2 import column_lineage_dataset, documentation_dataset, schema_dataset

said = json.loads(sys.argv[1])
name, run = said["name"], Run(said["run"])
client = OpenLineageClient(config={"transport": said["transport"]})
job = Job("clients", name)
now = lambda: datetime.now(timezone.utc).isoformat()
source = InputDataset("postgres://crm:5432", f"{name}.public.orders")
fields = {"total": column_lineage_dataset.Fields(inputFields=[
    column_lineage_dataset.InputField("postgres://crm:5432", source.name, "amount", [
        column_lineage_dataset.Transformation("DIRECT", "AGGREGATION")])])}
target = OutputDataset("postgres://crm:5432", f"{name}.public.totals", facets={
    "schema": schema_dataset.SchemaDatasetFacet(
        [schema_dataset.SchemaDatasetFacetFields(name="total", type="NUMERIC", fields=[])]),
    "documentation": documentation_dataset.DocumentationDatasetFacet("Totals by day."),
    "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields),
})
for state, inputs, outputs in (
    (RunState.START, [source], []), (RunState.COMPLETE, [source], [target]),
):
    client.emit(RunEvent(
        eventType=state, eventTime=now(), run=run, job=job, inputs=inputs, outputs=outputs, producer="p"
    ))
client.emit(JobEvent(eventTime=now(), job=job, inputs=[source], outputs=[target], producer="p"))
client.emit(DatasetEvent(eventTime=now(), dataset=StaticDataset("kafka://bus:9092", name), producer="p"))
client.close(20)
"""


def python(site: Site, code: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Run code where the clients are installed; return what it prints."""
    engines.client("dbt-ol")
    done = subprocess.run(
        [engines.client("python"), "-c", code, *arguments],
        env={"PATH": "/usr/bin:/bin", **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def asked(site: Site, code: str) -> Any:
    """Return what an expression over the models of lineage says."""
    said = site.inside.do(
        "import json\nfrom catalog.models import *\nfrom lineage.models import *\n"
        f"print(json.dumps({code}, default=str))"
    )
    return json.loads(said.strip().splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "kind", "more"),
    [
        ("sync", "http", {}),
        ("packed", "http", {"compression": "gzip"}),
        ("async", "async_http", {}),
        ("asyncpacked", "async_http", {"compression": "gzip"}),
    ],
)
def test_openlineage_python_sends_runs_jobs_and_datasets(
    site: Site, name: str, kind: str, more: dict[str, str]
) -> None:
    run = f"0192a1b2-0000-7000-8000-0000000000{len(name):02d}"
    transport = {
        "type": kind,
        "url": site.url,
        "auth": {"type": "api_key", "apiKey": site.tokens["bob"]},
    }
    said = {"name": name, "run": run, "transport": transport | more}
    python(site, _SEND, json.dumps(said))
    runs = f"list(JobRun.objects.filter(job__name={name!r}).values_list('run_id', 'state'))"
    assert asked(site, runs) == [[run, "COMPLETED"]]
    edges = (
        f"list(Edge.objects.filter(job__name={name!r}).values_list('upstream__name',"
        " 'downstream__name', 'columns__upstream_path', 'columns__downstream_path'))"
    )
    ends = [f"{name}.public.orders", f"{name}.public.totals", "amount", "total"]
    assert asked(site, edges) == [ends]
    described = f"Dataset.objects.get(name='{name}.public.totals').description"
    assert asked(site, described) == "Totals by day."
    assert asked(site, f"Dataset.objects.get(name={name!r}).kind") == "topic"


_FILES = {
    "dbt_project.yml": """
name: bikes
version: "1.0"
profile: bikes
models: {bikes: {staging: {+materialized: view}, marts: {+materialized: table}}}
flags: {send_anonymous_usage_stats: false}
""",
    "profiles.yml": """
bikes: {target: dev, outputs: {dev: {type: duckdb, path: bikes.duckdb, threads: 1}}}
""",
    "seeds/raw_rides.csv": "id,station,minutes\n1,north,12\n2,south,7\n3,north,\n",
    "models/staging/rides.sql": "select id, station, minutes from {{ ref('raw_rides') }}",
    "models/marts/stations.sql": (
        "select station, sum(minutes) as minutes from {{ ref('rides') }} group by station"
    ),
    "models/schema.yml": """
models:
  - name: rides
    columns:
      - {name: id, data_tests: [unique, not_null]}
      - name: minutes
        data_tests: [{not_null: {config: {severity: warn}}}]
  - name: stations
    description: Minutes ridden by station.
    columns: [{name: station, data_tests: [unique]}]
""",
}


def test_dbt_ol_links_models_and_counts_tests_once(site: Site, tmp_path: Path) -> None:
    for name, text in _FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    command = engines.client("dbt-ol")
    done = subprocess.run(
        [command, "build", "--profiles-dir", "."],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(command).parent}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "OPENLINEAGE_URL": site.url,
            "OPENLINEAGE_API_KEY": site.tokens["bob"],
            "OPENLINEAGE_NAMESPACE": "dbt",
            "DO_NOT_TRACK": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "Emitted" in done.stdout + done.stderr, done.stdout + done.stderr
    edges = asked(
        site,
        "sorted(Edge.objects.filter(job__namespace='dbt')"
        ".values_list('upstream__display_name', 'downstream__display_name'))",
    )
    assert edges == [["raw_rides", "rides"], ["rides", "stations"]]
    states = asked(
        site, "list(JobRun.objects.filter(job__namespace='dbt').values_list('state', flat=True))"
    )
    assert set(states) == {"COMPLETED"}
    results = asked(
        site,
        "list(Check.objects.filter(origin='pushed', dataset__display_name__in=['rides', 'stations'])"
        ".values_list('dataset__display_name', 'column_path', 'results__outcome'))",
    )
    assert sorted(results) == [
        ["rides", "id", "passed"],
        ["rides", "id", "passed"],
        ["rides", "minutes", "warned"],
        ["stations", "station", "passed"],
    ]


_READ = """
import json, sys
from marquez_client import MarquezClient
client = MarquezClient(sys.argv[1], api_key=sys.argv[2])
space, name = "postgres://crm:5432", "sync.public.totals"
run = client.list_job_runs("clients", "sync")["runs"][0]
print(json.dumps({
    "namespaces": [n["name"] for n in client.list_namespaces()["namespaces"]],
    "namespace": client.get_namespace("clients")["name"],
    "datasets": [d["name"] for d in client.list_datasets(space)["datasets"]],
    "fields": [f["name"] for f in client.get_dataset(space, name)["fields"]],
    "versions": len(client.list_dataset_versions(space, name)["versions"]),
    "jobs": [j["name"] for j in client.list_jobs("clients")["jobs"]],
    "outputs": client.get_job("clients", "sync")["outputs"],
    "state": client.get_job_run(run["id"])["state"],
    "tags": client.list_tags()["tags"],
    "columns": [n["id"] for n in client.get_column_lineage_by_dataset(space, name)["graph"]],
    "field": [n["id"] for n in client.get_column_lineage_by_dataset_field(space, name, "total")["graph"]],
    "job": [n["id"] for n in client.get_column_lineage_by_job("clients", "sync")["graph"]],
}))
"""


def test_marquez_python_reads_what_was_sent(site: Site) -> None:
    transport = {
        "type": "http",
        "url": site.url,
        "auth": {"type": "api_key", "apiKey": site.tokens["bob"]},
    }
    run = "0192a1b2-0000-7000-8000-000000000004"
    python(site, _SEND, json.dumps({"name": "sync", "run": run, "transport": transport}))
    said = json.loads(python(site, _READ, site.url, site.tokens["bob"]))
    node = "datasetField:postgres://crm:5432:sync.public"
    assert {"clients", "postgres://crm:5432"} <= set(said["namespaces"])
    assert said["namespace"] == "clients"
    assert "sync.public.totals" in said["datasets"]
    assert said["fields"] == ["total"]
    assert said["versions"] == 1
    assert "sync" in said["jobs"]
    assert said["outputs"] == [{"namespace": "postgres://crm:5432", "name": "sync.public.totals"}]
    assert said["state"] == "COMPLETED"
    assert (
        said["columns"]
        == said["field"]
        == said["job"]
        == [f"{node}.orders:amount", f"{node}.totals:total"]
    )

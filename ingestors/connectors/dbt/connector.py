"""Read what a dbt project knows of its models, sources, tests, freshness and lineage. Free of Django.

Its artifacts are read, never its store: `manifest.json` (version 1 to 12), and beside it `catalog.json`,
`run_results.json` and `sources.json` where they are there. Addresses are `database.schema.alias` in the
namespace of the store, as OpenLineage names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from catalog.names import DatasetRef
from catalog.standards.quality.pipelines import (
    freshness_checks,
    read_dbt,
    read_dbt_freshness,
    read_dbt_tests,
)
from catalog.standards.quality.results import (
    Asset,
    CheckResult,
    NotReadable,
    Run,
    mapping,
    objects,
    text,
)
from ingestors.authority.permits import Permit
from ingestors.connectors.base import (
    Checked,
    ConnectorConfig,
    Found,
    NamePatterns,
    Record,
    Remark,
    Transforms,
    parse_config,
)
from ingestors.connectors.dbt.artifacts import FILES, NEWEST, Artifacts, Folder
from ingestors.connectors.dbt.describe import table
from ingestors.connectors.dbt.nodes import Node, Project
from ingestors.connectors.dbt.offers import By, consumers_of, naming, offers_of
from ingestors.connectors.describe import is_wanted
from ingestors.connectors.filesystems import judge_place
from ingestors.connectors.secrets import scrub
from ingestors.profile.limits import NO_OVERRIDES, Overrides
from lineage.intake.transform import Transform


class DbtConfig(ConnectorConfig):
    """Where the artifacts are, which store they speak of, and what makes a product."""

    path: str = Field(min_length=1, description="Folder of the artifacts (target); any fsspec URL.")
    namespace: str = Field(
        default="",
        max_length=500,
        description="Address of the store as OpenLineage names it, such as postgres://host:5432.",
    )
    include: NamePatterns = ("*",)
    exclude: NamePatterns = ()
    products: By = Field(default="group", description="What makes a product of relations.")
    label: str = Field(
        default="product",
        min_length=1,
        max_length=64,
        description="By tag: how the tags begin. By meta: the name of the property.",
    )
    exposures: bool = Field(default=True, description="Whether exposures become products.")
    manifest: str = Field(default=FILES["manifest"], min_length=1, max_length=300)
    catalog: str = Field(default=FILES["catalog"], min_length=1, max_length=300)
    run_results: str = Field(default=FILES["run_results"], min_length=1, max_length=300)
    sources: str = Field(default=FILES["sources"], min_length=1, max_length=300)
    max_bytes: int = Field(default=300_000_000, ge=1_000, le=2_000_000_000)


class DbtConnector:
    """Models, seeds, snapshots, sources, groups and exposures of a dbt project."""

    title = "dbt project"
    summary = (
        "Models, sources, tests, freshness, lineage, groups and exposures from dbt's artifacts."
    )
    config_type = DbtConfig

    def __init__(self, config: Mapping[str, object]) -> None:
        self.config = parse_config(DbtConfig, config)

    def __repr__(self) -> str:
        return f"DbtConnector({scrub(self.config.path)!r})"

    def judge(self, permit: Permit) -> None:
        """Refuse a folder that the permit does not open."""
        judge_place(self.config.path, permit)

    def check(self) -> str:
        """Read the manifest and say what it holds."""
        artifacts = self._artifacts()
        project = self._project(artifacts)
        return f"{len(self._nodes(project))} relations of dbt project {project.name or '?'}"

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Yield `Found`, then each relation by name, then products, checks and lineage."""
        moment = at or datetime.now(UTC)
        artifacts = self._artifacts()
        project = self._project(artifacts)
        nodes = self._nodes(project)
        fresh = _freshness(artifacts, project)
        yield Found(len(nodes))
        for node in nodes:
            yield table(node, project, moment, fresh.get(node.ref, {}))
        yield from self._remarks(artifacts, project)
        wanted = {node.ref for node in nodes}
        offers = offers_of(project, naming(self.config.products, self.config.label), wanted)
        yield from offers
        if self.config.exposures:
            yield from consumers_of(project, offers)
        yield from _checked(artifacts, project)
        yield from _transforms(project, nodes)

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _artifacts(self) -> Artifacts:
        names = {kind: getattr(self.config, kind) for kind in FILES}
        return Folder(self.config.path, names, self.config.max_bytes).read()

    def _project(self, artifacts: Artifacts) -> Project:
        return Project(artifacts.manifest, artifacts.catalog, self.config.namespace)

    def _nodes(self, project: Project) -> list[Node]:
        include, exclude = self.config.include, self.config.exclude
        return [n for r, n in project.relations.items() if is_wanted(r.name, include, exclude)]

    def _remarks(self, artifacts: Artifacts, project: Project) -> Iterator[Remark]:
        version = artifacts.version
        if version is None or version > NEWEST:
            message = "of no stated version" if version is None else f"of version {version}"
            yield Remark(f"the manifest is {message}; read as version {NEWEST}")
        if not self.config.namespace and project.namespace.startswith("dbt://"):
            yield Remark(
                f"no namespace is configured, so datasets are called {project.namespace} …;"
                " give the address of the store and they meet those of other sources"
            )
        for kind in ("catalog", "run_results", "sources"):
            if not getattr(artifacts, kind):
                yield Remark(f"there is no {getattr(self.config, kind)}")


def _freshness(artifacts: Artifacts, project: Project) -> dict[DatasetRef, dict[str, Any]]:
    """Return the results of `sources.json` by the dataset they are about."""
    results = objects(artifacts.sources.get("results"))
    known = project.nodes
    pairs = ((known.get(text(one.get("unique_id"), 500)), one) for one in results)
    return {node.ref: one for node, one in pairs if node is not None}


def _checked(artifacts: Artifacts, project: Project) -> Iterator[Record]:
    """Yield the tests and the freshness of sources, with how they ended last."""
    checks = [*read_dbt_tests(artifacts.manifest), *freshness_checks(artifacts.manifest)]
    runs: list[Run] = []
    for kind, reader in (("run_results", read_dbt), ("sources", read_dbt_freshness)):
        document = getattr(artifacts, kind)
        try:
            if document:
                runs.append(reader(document, artifacts.manifest))
        except NotReadable as error:
            yield Remark(f"{kind}: {error.diagnostic.path}: {error}", is_problem=True)
    placed = [replace(run, results=_placed(run.results, project)) for run in runs]
    for run in placed:
        for lost in run.unplaced:
            yield Remark(f"{lost.path}: {lost.value}: {lost.message}")
    yield Checked(
        "dbt",
        _placed(checks, project),
        tuple(placed),
        tuple(
            f"{kind}.{name}." for kind in ("test", "source") for name in sorted(project.packages)
        ),
    )


def _placed(
    results: list[CheckResult] | tuple[CheckResult, ...], project: Project
) -> tuple[CheckResult, ...]:
    """Give each result the full address of its dataset."""
    known = {ref.name: ref for ref in project.relations}
    found = []
    for one in results:
        ref = next((known[n] for n in (*one.asset.names, one.asset.name) if n in known), None)
        if ref is not None:
            found.append(replace(one, asset=Asset(ref.name, ref.namespace)))
    return tuple(found)


def _transforms(project: Project, nodes: list[Node]) -> Iterator[Record]:
    """Yield what each relation is made of, where dbt makes it."""
    yield Transforms(
        tuple(
            Transform(node.ref, project.reads(node.raw), f"dbt {node.unique_id}", node.sql)
            for node in nodes
            if node.kind != "source" and (node.sql or mapping(node.raw.get("depends_on")))
        )
    )

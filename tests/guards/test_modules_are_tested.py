"""Each module is named by a test, or reached in another way that stands here with its reason."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

from tests.guards.test_import_graph import modules

TESTS = Path(__file__).parents[1]
#: How modules that no test imports are tested all the same.
OTHERWISE = {
    "*.apps": "every test starts them",
    "*.signals": "sent and received in every test of a change",
    "*.models.*": "tables: written by the services and read by the pages that tests call",
    "*.urls*": "walked whole by tests/guards/test_visibility_matrix.py",
    "*.management.commands.*": "called by name with call_command, or as processes",
    "*.api.*": "called over HTTP: tests/*/api, schemathesis, tests/guards/test_openapi.py",
    "lineage.marquez.*": "called over HTTP: tests/lineage/marquez, and by a real client in tests/clients",
    "portal.views.*": "called over HTTP: tests/portal, tests/guards/test_visibility_matrix.py, tests/e2e",
    "portal.reading.*": "what pages show: tests/portal, tests/e2e",
    "portal.forms.*": "posted over HTTP: tests/portal/test_hostile_forms.py",
    "portal.templatetags.*": "every page renders them",
    "portal.demo.*": "the demo is built by tests/portal/test_demo_*.py and tests/e2e",
    "portal.setup.*": "run by make setup and make image",
    "portal.*": "loaded by every process: tests/guards/test_what_processes_load.py, tests/guards/test_deployment.py",
    "gazetteer.*": "commands and their parts: tests/gazetteer calls main() and tests/clients the program",
    "catalog.push.*": "called over HTTP: tests/catalog/api/test_push*.py",
    "catalog.registry.*": "through the one door: tests/catalog/registry",
    "catalog.search.*": "every backend passes tests/contracts/search.py; pages in tests/portal/test_search_page.py",
    "catalog.standards.*": "by document: tests/catalog/standards, with official material",
    "catalog.contracts.*": "by publishing: tests/catalog/api/test_contracts.py, tests/catalog/contracts",
    "catalog.exports.*": "over HTTP: tests/catalog/api/test_linked_data.py, tests/catalog/api/test_tables.py",
    "catalog.layerfiles.*": "by export and import: tests/catalog/test_layerfiles.py",
    "catalog.outbound.*": "by delivery: tests/catalog/outbound",
    "catalog.trust.*": "by judging a harvest: tests/catalog/trust, tests/catalog/api/test_quality_results.py",
    "catalog.access.announce": "by each decision: tests/catalog/access/test_requests.py",
    "catalog.sensitivity": "words of classes: tests/ingestors/test_planted_values.py, and every page of a column",
    "ingestors.checks": "run by manage.py check in tests/ingestors/test_source_authority.py",
    "catalog.hosts": "by webhooks and sources: tests/catalog/outbound/webhooks/test_addresses.py",
    "catalog.governance.*": "tests/catalog/governance",
    "ingestors.authority.*": "by sources that ask for what is not theirs: tests/ingestors",
    "ingestors.values": "by profiles: tests/ingestors/test_material.py",
    "catalog.access.redaction": "over HTTP and by delivery: tests/catalog/access/test_redaction.py",
    "catalog.db.lookups": "by queries: tests/catalog/db/test_lookups.py",
    "catalog.events.feed": "over HTTP: tests/catalog/api/test_cloud_events.py",
    "catalog.people.passwords": "by a link of an admin: tests/portal/test_people_pages.py",
    "catalog.people.audience": "by the door: tests/guards/test_visibility_matrix.py",
    "catalog.db.bulk": "by every write; on both databases in tests/catalog/registry",
    "ingestors.connectors.*": "each connector passes tests/contracts/connectors.py",
    "ingestors.profile.*": "by harvests: tests/ingestors/test_material.py, tests/ingestors/test_no_raw_value.py",
    "ingestors.sensitivity.*": "by classify: tests/ingestors/test_classify.py, tests/ingestors/test_no_raw_value.py",
    "ingestors.services.*": "by harvests: tests/ingestors/test_runs.py, tests/ingestors/test_dbt.py",
    "ingestors.scheduling.*": "tests/ingestors/scheduling",
    "ingestors.isolation.*": "by harvests in a process of their own: tests/ingestors",
    "lineage.openlineage.*": "by events: tests/lineage/openlineage, in every order",
    "lineage.adjacency.*": "each source of flows passes tests/contracts/flows.py",
    "lineage.questions.*": "by the answers of tests/lineage/graph, over every source of flows",
    "lineage.graph.*": "over HTTP and on pages alike: tests/lineage/graph, tests/lineage/api",
    "lineage.intake.*": "by harvests and pushes: tests/lineage/intake, tests/ingestors/test_dbt.py",
    "lineage.services.*": "tests/lineage/test_drawn_edges.py, tests/lineage/api",
    "lineage.sql.*": "by statement: tests/lineage/sql, and 166 statements of python -m benchmarks.sql_lineage",
}


def named_by_tests() -> str:
    return "\n".join(path.read_text() for path in TESTS.rglob("*.py") if path != Path(__file__))


def is_named(module: str, text: str) -> bool:
    package, _, leaf = module.rpartition(".")
    late = rf"from {re.escape(package)} import (?:\([^)]*?|[^\n(]*?)\b{leaf}\b"
    return module in text or re.search(late, text) is not None


def test_each_module_is_named_by_a_test_or_says_how_it_is_reached() -> None:
    text = named_by_tests()
    packages = {name for name, path in modules().items() if path.name == "__init__.py"}
    untold = [
        name
        for name in sorted(modules().keys() - packages)
        if not any(fnmatchcase(name, pattern) for pattern in OTHERWISE)
        if not is_named(name, text)
    ]
    assert untold == []


def test_the_reasons_name_tests_that_are_there() -> None:
    root = TESTS.parent
    named = {
        word for reason in OTHERWISE.values() for word in re.findall(r"tests/[\w/*.]+", reason)
    }
    gone = [word for word in named if not list(root.glob(word.rstrip(".,")))]
    assert gone == []

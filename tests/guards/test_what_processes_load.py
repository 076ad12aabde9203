"""What a process never uses, it does not load: memory is what a small installation runs out of first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import sqlglot

from lineage.sql import DIALECTS

WORKER = "import portal.celery; portal.celery.app.loader.import_default_modules()"
WEB = "import portal.wsgi, portal.urls"


@pytest.mark.parametrize(
    ("process", "unused"),
    [
        ("import portal.beat", {"django.db.models", "pydantic", "rest_framework"}),
        (WORKER, {"sqlglot", "networkx", "rest_framework.serializers", "sqlalchemy", "duckdb"}),
        (WEB, {"sqlglot", "networkx", "sqlalchemy", "duckdb"}),
    ],
    ids=["clock", "worker", "web"],
)
def test_a_process_starts_without_what_it_may_never_use(process: str, unused: set[str]) -> None:
    script = f"import sys; {process}; print(*({unused!r} & sys.modules.keys()))"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "CELERY_SKIP_CHECKS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == []


def test_the_dialects_that_are_offered_are_those_that_can_be_read() -> None:
    other = {"", "dax", "prql"}
    assert set(DIALECTS) == {dialect.value for dialect in sqlglot.Dialects} - other

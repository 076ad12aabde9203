"""The first reader of a fresh process does not wait for what could be read before."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.search.engines import backend, kept
from catalog.search.find import find
from catalog.search.follow import follow
from portal.warm import warm
from tests.conftest import Mesh
from tests.factories import make_product

pytestmark = pytest.mark.django_db


def documents_read() -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        find("claims", by=AnonymousUser())
    return [q["sql"] for q in asked if '"catalog_searchdocument"."codes"' in q["sql"]]


def test_a_warm_process_has_read_the_documents_before_somebody_asks(mesh: Mesh) -> None:
    make_product()
    follow()
    backend().close()
    assert documents_read()
    kept()["search"].close()
    warm()
    assert not documents_read()


def test_what_a_web_process_loads_is_left_alone_by_the_collector() -> None:
    script = (
        "import gc, sys, portal.wsgi; print(gc.get_freeze_count(), 'portal.views' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    frozen, has_views = ran.stdout.split()
    assert int(frozen) > 50_000
    assert has_views == "True"

"""The first reader of a fresh process does not wait for what could be read before."""

from __future__ import annotations

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

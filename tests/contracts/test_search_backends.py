"""Each search backend passes the same suite."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from catalog.search.backends.database import DatabaseBackend
from catalog.search.backends.elasticsearch import ElasticsearchBackend
from catalog.search.backends.memory import MemoryBackend
from catalog.search.base import SearchBackend
from tests import engines
from tests.contracts.search import SearchBackendContract


class TestMemory(SearchBackendContract):
    """In memory."""

    def make(self) -> SearchBackend:
        """Return an empty one."""
        return MemoryBackend()


@pytest.mark.django_db
class TestDatabase(SearchBackendContract):
    """In the database of this test run: SQLite or PostgreSQL."""

    def make(self) -> SearchBackend:
        """Return an empty one."""
        return DatabaseBackend()


class TestElasticsearch(SearchBackendContract):
    """In indexes of this test alone."""

    @pytest.fixture(autouse=True)
    def _engine(self) -> Iterator[None]:
        url = engines.elasticsearch_url()
        self.backend = ElasticsearchBackend(url, prefix=f"test-{uuid4().hex[:12]}", timeout=30)
        yield
        self.backend.drop()
        self.backend.close()

    def make(self) -> SearchBackend:
        """Return an empty one."""
        self.backend.rebuild([])
        return self.backend

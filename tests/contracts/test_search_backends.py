"""Each search backend passes the same suite."""

from __future__ import annotations

import pytest

from catalog.search.backends.database import DatabaseBackend
from catalog.search.backends.memory import MemoryBackend
from catalog.search.base import SearchBackend
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

"""The index inside the catalog's own database: SQLite FTS5 or PostgreSQL full text."""

from catalog.search.backends.database.backend import DatabaseBackend

__all__ = ["DatabaseBackend"]

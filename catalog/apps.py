"""The Django app of `catalog`."""

from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Register `catalog`."""

    name = "catalog"

    def ready(self) -> None:
        """Let every field be looked up among many values, say who sees what, connect the tasks."""
        from catalog.db import lookups  # noqa: F401
        from catalog.people.viewers import read_tokens
        from catalog.visibility import read_tokens_by

        read_tokens_by(read_tokens)
        import_module("catalog.tasks")

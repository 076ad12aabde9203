"""The Django app of `catalog`."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Register `catalog`."""

    name = "catalog"

    def ready(self) -> None:
        """Let every field be looked up among many values."""
        from catalog.db import lookups  # noqa: F401

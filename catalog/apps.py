"""The Django app of `catalog`."""

from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Register `catalog`."""

    name = "catalog"

    def ready(self) -> None:
        """Let the API's schema know our tokens."""
        import_module("catalog.api.schema")

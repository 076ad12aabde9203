"""The Django app of `catalog`."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Register `catalog`."""

    name = "catalog"

"""The Django app of `lineage`."""

from django.apps import AppConfig


class LineageConfig(AppConfig):
    """Register `lineage`."""

    name = "lineage"

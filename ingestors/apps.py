"""The Django app of `ingestors`."""

from django.apps import AppConfig


class IngestorsConfig(AppConfig):
    """Register `ingestors`."""

    name = "ingestors"

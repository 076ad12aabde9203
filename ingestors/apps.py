"""The Django app of `ingestors`."""

from importlib import import_module

from django.apps import AppConfig


class IngestorsConfig(AppConfig):
    """Register `ingestors` and what listens to its signals."""

    name = "ingestors"

    def ready(self) -> None:
        """Connect the tasks to the signals, and register the checks."""
        import_module("ingestors.tasks")
        import_module("ingestors.checks")

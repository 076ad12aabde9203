"""The Django app of `lineage`."""

from importlib import import_module

from django.apps import AppConfig


class LineageConfig(AppConfig):
    """Register `lineage`."""

    name = "lineage"

    def ready(self) -> None:
        """Let pushes hold events of lineage, and jobs follow the owners of namespaces."""
        signal = import_module("catalog.signals").namespace_taken
        signal.connect(import_module("lineage.services.namespaces").hand_over)
        call = import_module("catalog.push.call")
        call.register("lineage", import_module("lineage.intake.push").take_lineage)

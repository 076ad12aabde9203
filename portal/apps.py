"""The Django app of `portal`."""

from importlib import import_module

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Register `portal` and its checks of settings."""

    name = "portal"

    def ready(self) -> None:
        """Let `manage.py check` know the checks."""
        import_module("portal.checks")

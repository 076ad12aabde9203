"""The Django app of `portal`."""

from importlib import import_module

from django.apps import AppConfig

from portal.data_folder import prepare


class PortalConfig(AppConfig):
    """Register `portal` and its checks of settings; make the data folder."""

    name = "portal"

    def ready(self) -> None:
        """Let `manage.py check` know the checks; settings are read by now, and nothing is open yet."""
        import_module("portal.checks")
        prepare()

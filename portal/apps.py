"""The Django app of `portal`."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from portal.data_folder import prepare
from portal.database_role import grant


class PortalConfig(AppConfig):
    """Register `portal` and its checks of settings; make the data folder."""

    name = "portal"

    def ready(self) -> None:
        """Let `manage.py check` know the checks; settings are read by now, and nothing is open yet."""
        import_module("portal.checks")
        prepare()
        post_migrate.connect(grant, sender=self)

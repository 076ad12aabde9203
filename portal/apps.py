"""The Django app of `portal`."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Register `portal`."""

    name = "portal"

"""The folder of an installation: made when Gazetteer starts, never when its settings are read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

BROKER_FOLDERS = ("queue", "processed", "control")
KEY_FILE = "secret-key"


def prepare() -> None:
    """Make the data folder and what must stand in it; what is there stays as it is."""
    folder: Path = settings.DATA_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not settings.REDIS_URL:
            prepare_broker(settings.BROKER_DIR)
        if settings.SECRET_KEY_IS_MADE:
            settings.SECRET_KEY = make_key(folder)
    except OSError as error:
        raise ImproperlyConfigured(
            f"GAZETTEER_DATA is {str(folder)!r}; a folder that can be written is wanted: {error}"
        ) from error


def prepare_broker(folder: Path) -> None:
    """Make the folders of the queue of files."""
    for name in BROKER_FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)


def find_key(folder: Path) -> str:
    """Return the random key kept in a data folder, or nothing."""
    try:
        return (folder / KEY_FILE).read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def make_key(folder: Path) -> str:
    """Return the key kept in a data folder; the first process that asks makes it, whole or not at all."""
    if not (folder / KEY_FILE).exists():
        handle, name = mkstemp(dir=folder)  # readable by its owner alone
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(name, folder / KEY_FILE)
        os.unlink(name)
    return find_key(folder)

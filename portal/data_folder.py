"""The folder of an installation: made when Gazetteer starts, never when its settings are read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from tempfile import mkstemp

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_FILE = "secret-key"


def prepare() -> None:
    """Make the data folder and what must stand in it; what is there stays as it is."""
    folder: Path = settings.DATA_DIR
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if settings.SECRET_KEY_IS_MADE:
            settings.SECRET_KEY = make_key(folder)
    except OSError as error:
        raise ImproperlyConfigured(
            f"GAZETTEER_DATA is {str(folder)!r}; a folder that can be written is wanted: {error}"
        ) from error


def find_key(folder: Path) -> str:
    """Return the random key kept in a data folder, or nothing."""
    try:
        return (folder / KEY_FILE).read_text(encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def make_key(folder: Path) -> str:
    """Return the key kept in a data folder; the first process that asks makes it."""
    make_secret(folder / KEY_FILE, secrets.token_urlsafe(50))
    return find_key(folder)


def make_secret(file: Path, content: str) -> bool:
    """Write a file that its owner alone reads, whole or not at all; what is there stays. Tell whether it was made."""
    if file.exists():
        return False
    handle, name = mkstemp(dir=file.parent)  # readable by its owner alone
    with os.fdopen(handle, "w", encoding="ascii") as made:
        made.write(content)
    try:
        os.link(name, file)
    except FileExistsError:
        return False
    finally:
        os.unlink(name)
    return True

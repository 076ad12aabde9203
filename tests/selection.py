"""Which suite a test belongs to, told by what it uses, so that nobody has to say it by hand.

`database`: the test asks for Django's database (pytest-django lets nothing else reach it), so it runs on both
databases; everything else would do the same twice. `processes`: its module starts whole installations.
"""

from __future__ import annotations

import pytest

DATABASE = frozenset({"db", "transactional_db", "django_db_setup"})
FOLDERS = {"/tests/e2e/": "e2e", "/tests/clients/": "clients", "/tests/services/faults/": "faults"}


def marks(item: pytest.Item) -> list[str]:
    """Return the marks of a test."""
    path = item.path.as_posix()
    found = [mark for folder, mark in FOLDERS.items() if folder in path]
    if uses_database(item):
        found.append("database")
    if found == [] and starts_installations(item):
        found.append("processes")
    return found


def uses_database(item: pytest.Item) -> bool:
    """Whether a test, or a fixture it asks for, reads or writes Django's database."""
    asked = DATABASE.intersection(getattr(item, "fixturenames", ()))
    return bool(asked) or item.get_closest_marker("django_db") is not None


def starts_installations(item: pytest.Item) -> bool:
    """Whether the module of a test knows how to start a Gazetteer in processes of its own."""
    module = getattr(item, "module", None)
    return hasattr(module, "Installation")

"""What each web process keeps in memory, read before the first reader waits for it."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection

from catalog.search.base import SearchUnavailable
from catalog.search.engines import kept

log = logging.getLogger(__name__)


def warm() -> None:
    """Read the arrays of the embedded index: seconds at some hundred thousand documents."""
    try:
        kept()["search"].check()
    except (DatabaseError, SearchUnavailable) as error:
        log.warning("the search index is not read ahead: %s", error)


def warm_aside() -> None:
    """Do so in a thread of its own; requests are answered meanwhile."""

    def run() -> None:
        try:
            warm()
        finally:
            connection.close()

    threading.Thread(target=run, name="warm", daemon=True).start()

"""What each web process keeps in memory, read before the first reader waits for it."""

from __future__ import annotations

import gc
import logging
import threading

from django.db import DatabaseError, connection
from django.urls import get_resolver

from catalog.search.base import SearchUnavailable
from catalog.search.engines import kept

log = logging.getLogger(__name__)


def settle() -> None:
    """Load all pages, and let the collector of garbage leave what is loaded alone from now on.

    What a process loads stays until it ends. To look through it again and again, as answers of thousands of
    objects are made, took a quarter of the time of such an answer.
    """
    assert get_resolver().url_patterns  # imports every view
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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

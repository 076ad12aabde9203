"""Which backend answers."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from catalog.search.base import SearchBackend
from catalog.search.synonyms import read_synonyms

BACKENDS = {
    "database": "catalog.search.backends.database:DatabaseBackend",
    "memory": "catalog.search.backends.memory:MemoryBackend",
}


@cache
def backend() -> SearchBackend:
    """Return the backend that SEARCH_BACKEND names."""
    name = settings.SEARCH_BACKEND
    if name not in BACKENDS:
        known = ", ".join(sorted(BACKENDS))
        raise ImproperlyConfigured(f"SEARCH_BACKEND is {name!r}; allowed are {known}")
    module, _, attribute = BACKENDS[name].partition(":")
    made: SearchBackend = getattr(import_module(module), attribute)(
        read_synonyms(settings.SEARCH_SYNONYMS)
    )
    return made

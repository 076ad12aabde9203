"""Which backend answers, and which are kept."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from catalog.search.base import SearchBackend
from catalog.search.fallback import WithFallback
from catalog.search.synonyms import read_synonyms

EMBEDDED = {
    "database": "catalog.search.backends.database:DatabaseBackend",
    "memory": "catalog.search.backends.memory:MemoryBackend",
}
ALLOWED = ("database", "elasticsearch", "memory")


@cache
def backend() -> SearchBackend:
    """Return the backend that SEARCH_BACKEND names; a remote one with its fallback."""
    name = settings.SEARCH_BACKEND
    if name == "elasticsearch":
        return WithFallback(_elasticsearch(), _embedded("database"))
    if name not in EMBEDDED:
        raise ImproperlyConfigured(f"SEARCH_BACKEND is {name!r}; allowed are {', '.join(ALLOWED)}")
    return _embedded(name)


def kept() -> dict[str, SearchBackend]:
    """Return every index that follows the event log, by the name of its cursor."""
    asked = backend()
    if isinstance(asked, WithFallback):
        return {"search": asked.second, "search:elasticsearch": asked.first}
    return {"search": asked}


def _embedded(name: str) -> SearchBackend:
    module, _, attribute = EMBEDDED[name].partition(":")
    made: SearchBackend = getattr(import_module(module), attribute)(
        read_synonyms(settings.SEARCH_SYNONYMS)
    )
    return made


def _elasticsearch() -> SearchBackend:
    if not settings.ELASTICSEARCH_URL:
        raise ImproperlyConfigured(
            "SEARCH_BACKEND is 'elasticsearch', which needs ELASTICSEARCH_URL"
        )
    try:
        from catalog.search.backends.elasticsearch import ElasticsearchBackend
    except ImportError as error:
        raise ImproperlyConfigured(
            "SEARCH_BACKEND is 'elasticsearch', which needs the extra: gazetteer[elasticsearch]"
        ) from error
    return ElasticsearchBackend(
        settings.ELASTICSEARCH_URL,
        read_synonyms(settings.SEARCH_SYNONYMS),
        prefix=settings.ELASTICSEARCH_PREFIX,
    )

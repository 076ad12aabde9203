"""The Elasticsearch backend."""

from catalog.search.backends.elasticsearch.backend import ElasticsearchBackend

__all__ = ["ElasticsearchBackend"]

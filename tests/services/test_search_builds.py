"""Two processes that build an index at once leave one, and it takes what is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from catalog.search.backends.elasticsearch import ElasticsearchBackend
from catalog.search.base import SearchUnavailable
from catalog.search.types import KINDS, Document
from tests import engines
from tests.contracts.search import document

pytestmark = pytest.mark.services


@pytest.fixture
def index() -> Iterator[ElasticsearchBackend]:
    made = ElasticsearchBackend(
        engines.elasticsearch_url(), prefix=f"builds-{os.getpid()}", timeout=30
    )
    made.drop()
    yield made
    made.drop()
    made.close()


def test_of_two_first_builds_at_once_one_counts(index: ElasticsearchBackend) -> None:
    at_once = Barrier(2, timeout=30)

    def documents() -> Iterator[Document]:
        at_once.wait()
        yield document(1, "Claims")

    def build() -> bool:
        try:
            index.rebuild(documents())
        except SearchUnavailable:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(build), pool.submit(build)
        assert first.result() or second.result()
    assert index.is_current()
    assert set(index.known("product")) == {1}
    index.index([document(2, "Claims")])
    assert set(index.known("product")) == {1, 2}


def test_of_two_first_writers_at_once_none_loses(index: ElasticsearchBackend) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: index.index([document(number, "Claims")]), (1, 2)))
    assert set(index.known("product")) == {1, 2}
    assert index.is_current()


def test_an_alias_that_takes_no_writes_is_no_fault_of_the_documents(
    index: ElasticsearchBackend,
) -> None:
    index.index([document(1, "Claims")])
    twice: dict[str, dict[str, dict[str, object]]] = {
        f"{index.prefix}-{kind}-v1-7": {f"{index.prefix}-{kind}": {}} for kind in KINDS
    }
    for name, aliases in twice.items():
        index._client.indices.create(index=name, aliases=aliases)
    assert not index.is_current(), "so it is built anew"
    with pytest.raises(SearchUnavailable):
        index.index([document(2, "Claims")])
    index.rebuild([document(1, "Claims"), document(2, "Claims")])
    assert set(index.known("product")) == {1, 2}

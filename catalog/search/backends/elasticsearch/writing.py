"""Write documents to Elasticsearch, and name what goes wrong on the way. Free of Django."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError, helpers

from catalog.db.batches import batched
from catalog.search.backends.elasticsearch.mapping import source
from catalog.search.base import DocumentsRejected, Rejection, SearchUnavailable
from catalog.search.types import Document, Kind

BATCH = 500
WRITERS = 2
_BUSY = (429, 502, 503, 504)
_log = logging.getLogger(__name__)


@contextmanager
def reaching() -> Iterator[None]:
    """Turn what the client raises when the engine is away, busy or unready into SearchUnavailable."""
    try:
        yield
    except TransportError as error:
        raise SearchUnavailable(f"Elasticsearch does not answer: {error.message}") from error
    except ApiError as error:
        if error.meta.status not in (*_BUSY, 404):
            _log.exception("Elasticsearch refused a request")
        raise SearchUnavailable(f"Elasticsearch answers {error.meta.status}: {error}") from error


class Target:
    """Where documents are written: an alias for each kind, never an index made by the way."""

    def __init__(self, client: Elasticsearch, aliases: Mapping[Kind, str]) -> None:
        self._client = client
        self._aliases = aliases

    def index(self, documents: Iterable[Document]) -> None:
        """Write documents; raises DocumentsRejected after writing all that can be."""
        refused: list[Rejection] = []
        for batch in batched(documents, BATCH):
            refused += self._bulk(self._actions(batch))
        if refused:
            raise DocumentsRejected(refused)

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out."""
        gone = [
            {"_op_type": "delete", "_index": self._aliases[kind], "_id": str(pk)} for pk in set(ids)
        ]
        self._bulk(gone)

    def fill(self, documents: Iterable[Document]) -> tuple[int, list[Rejection]]:
        """Write very many documents, some batches at a time; return the count and what is refused."""
        count = 0
        refused: list[Rejection] = []
        with ThreadPoolExecutor(WRITERS) as pool:
            running: set[Future[list[Rejection]]] = set()
            for batch in batched(documents, BATCH):
                count += len(batch)
                running.add(pool.submit(self._bulk, self._actions(batch)))
                if len(running) > WRITERS:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    refused += [one for future in done for one in future.result()]
            refused += [one for future in running for one in future.result()]
        return count, refused

    def _actions(self, batch: list[Document]) -> list[dict[str, Any]]:
        return [
            {"_index": self._aliases[d.kind], "_id": str(d.id), "_source": source(d)} for d in batch
        ]

    def _bulk(self, actions: list[dict[str, Any]]) -> list[Rejection]:
        """Send one batch; what the engine refuses for good is returned, what may pass later raises."""
        refused = []
        results = helpers.streaming_bulk(
            self._client,
            actions,
            chunk_size=BATCH,
            raise_on_error=False,
            max_retries=3,
            initial_backoff=1,
            require_alias=True,
        )
        for is_done, item in results:
            (verb, answer), *_ = item.items()
            if is_done or (verb == "delete" and answer.get("status") == 404):
                continue
            error = answer.get("error") or {}
            reason = str(error.get("reason", error)) if isinstance(error, dict) else str(error)
            is_ours = "no write index" in reason  # the alias is at fault, not the document
            if is_ours or answer.get("status") in (*_BUSY, 403, 404):
                raise SearchUnavailable(f"the index takes no writes: {reason}")
            kind = next(k for k in self._aliases if f"-{k}-" in f"{answer['_index']}-")
            refused.append(Rejection(kind, int(answer["_id"]), reason[:500]))
        return refused

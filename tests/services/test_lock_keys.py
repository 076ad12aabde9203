"""What each lock of the database may keep waiting, and what it may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from catalog.db.locks import LockKey, lock_until_commit
from catalog.events.log import NewEvent, record
from catalog.search.backends.database import DatabaseBackend
from lineage.adjacency.change_log import record_change
from portal.throttle import Attempt, begin
from tests.conftest import Mesh
from tests.contracts.search import document
from tests.factories import make_product
from tests.lineage.openlineage.events import event, take

ROOT = Path(__file__).parents[2]
on_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)


def append_event() -> None:
    record([NewEvent(type="product.updated", subject_kind="product", subject_key="a")])


def put_product() -> None:
    make_product("unrelated")


def take_lineage_event() -> None:
    take(event(reads=["public.raw"], writes=["public.claims"]))


def change_graph() -> None:
    record_change([1])


def sign_in() -> None:
    begin(Attempt.of("alice", "203.0.113.9"), timezone.now())


def index_document() -> None:
    DatabaseBackend().index([document(1, "Claims")])


def rebuild_index() -> None:
    DatabaseBackend().rebuild([document(1, "Claims")])


#: What may wait for whom; everything else goes on.
WAITS: dict[LockKey, set[Callable[[], None]]] = {
    LockKey.EVENT_LOG: {append_event, put_product, take_lineage_event},
    LockKey.LINEAGE_CHANGES: {change_graph, take_lineage_event},
    LockKey.SEARCH_INDEX: {index_document, rebuild_index},
    LockKey.HARVEST: set(),
    LockKey.SIGN_IN: {sign_in},
}
WRITERS = (
    append_event,
    put_product,
    take_lineage_event,
    change_graph,
    sign_in,
    index_document,
    rebuild_index,
)


@on_postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", LockKey, ids=lambda key: key.name.lower())
@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_a_lock_keeps_only_its_own_writers_waiting(
    mesh: Mesh, key: LockKey, writer: Callable[[], None]
) -> None:
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '400ms'")
        try:
            writer()
            has_waited = False
        except OperationalError as error:
            has_waited = "lock timeout" in str(error)
    finally:
        own.close()
        connection.close()
    assert has_waited == (writer in WAITS[key])


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_a_lock_ends_with_its_transaction() -> None:
    with transaction.atomic():
        lock_until_commit(LockKey.EVENT_LOG)
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LockKey.EVENT_LOG])
            assert cursor.fetchone() == (True,)
    finally:
        own.close()


def test_every_key_is_a_number_of_its_own_and_stands_in_one_place() -> None:
    assert len({int(key) for key in LockKey}) == len(LockKey)
    folders = ("catalog", "lineage", "ingestors", "portal")
    sources = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    named = re.compile(r"pg_(?:try_)?advisory|GET_LOCK\(")
    asking = {str(p.relative_to(ROOT)) for p in sources if named.search(p.read_text())}
    assert asking == {"catalog/db/locks.py"}

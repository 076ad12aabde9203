"""One Gazetteer for all fault tests of a session; each leaves it whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.engines import absent, elasticsearch_url, postgres_url, redis_url
from tests.services.faults.clients import Account
from tests.services.faults.rig import ENGINES, Engines, Rig, kept_free
from tests.services.faults.store import SOURCE, Store

DATABASE = "gazetteer_faults"
PRODUCTS = int(os.environ.get("TEST_FAULTS_PRODUCTS", "600"))
PEOPLE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from catalog.models import Role, User
from catalog.search.engines import backend
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member
from catalog.people.tokens import make_token
from ingestors.scheduling.chores import change_chore, find_chores
for chore in find_chores():
    if chore.every <= 60:
        change_chore(chore, every=4, by=None)
backend().first.drop()
domain = save_domain("claims", name="Claims", by=None)
team = save_team("claims-team", name="Claims Analytics", domain=domain, by=None)
alice = User.objects.create_user("alice", password="secret-alice")
bob = User.objects.create_user("bob", password="secret-bob")
set_member(team, alice, role=Role.OWNER, by=None)
set_member(team, bob, role=Role.ENGINEER, by=None)
answer = make_token(alice, name="faults", scope="write")[1]
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what kills engines, so that it can be kept apart from what uses them."""
    for item in items:
        if "/faults/" in str(item.path):
            item.add_marker(pytest.mark.services)
            item.add_marker(pytest.mark.faults)
            # The first one starts everything, and pushes the products.
            item.add_marker(pytest.mark.timeout(600 + PRODUCTS // 10))


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """Return the engines, all running."""
    program = os.environ.get("TEST_SERVICES", "")
    addresses = [url() for url in (postgres_url, redis_url, elasticsearch_url)]
    if not program:
        absent(ENGINES[0], "TEST_SERVICES names no program that starts and kills it")
    found = Engines(program)
    ports = [port for url in addresses if (port := urlsplit(url).port) is not None]
    # Elasticsearch talks to itself a hundred ports above.
    with kept_free([*ports, ports[-1] + 100]):
        for name in ENGINES:
            found.start(name)
        yield found


@pytest.fixture(scope="session")
def urls(engines: Engines) -> Iterator[dict[str, str]]:
    """Return the addresses of the engines, the first with an empty database of our own."""
    import psycopg

    server = urlsplit(postgres_url())
    with psycopg.connect(server.geturl(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {DATABASE}".encode())
    empty_broker()
    yield {
        "DATABASE_URL": server._replace(path=f"/{DATABASE}").geturl(),
        "REDIS_URL": redis_url(),
        "ELASTICSEARCH_URL": elasticsearch_url(),
    }
    empty_broker()  # what nobody took is for nobody else


def empty_broker() -> None:
    """Forget the messages that wait."""
    from redis import Redis

    with Redis.from_url(redis_url()) as broker:
        broker.flushdb()


@pytest.fixture(scope="session")
def rig(
    engines: Engines, urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    """Run the whole installation."""
    made = Rig(tmp_path_factory.mktemp("faults"), engines, urls)
    try:
        made.token = made.do(PEOPLE)
        made.start()
        yield made
    finally:
        made.stop()
        for name in ENGINES:
            engines.start(name)


@pytest.fixture(scope="session")
def store(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store whose harvest can be made to take minutes."""
    made = Store(rig, tmp_path_factory.mktemp("store") / "store.db")
    made.change("CREATE TABLE claim (id INTEGER PRIMARY KEY, note TEXT)")
    rig.do(SOURCE.format(path=made.path))
    return made


@pytest.fixture
def account(rig: Rig) -> Account:
    """Return what a client needs to push."""
    return Account(rig.addresses, rig.token)

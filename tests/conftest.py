"""People and places that most tests share: alice owns, bob is in the team, charlie is a stranger."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_django
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from catalog.models import Domain, Role, Team, User
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member, set_steward
from ingestors.authority.permits import Permit
from ingestors.authority.process import Authority, hold
from ingestors.authority.rules import read_policy
from portal.celery import app as celery_app
from tests import budget, databases, selection
from tests.factories import make_user
from tests.recordings import Recording

budget.register()

OWNS_TEMPLATES = pytest.StashKey[bool]()
#: What the sources of tests may reach; processes that tests start inherit it.
SOURCES = Path(__file__).with_name("sources.toml")
os.environ["GAZETTEER_SOURCE_POLICY"] = str(SOURCES)


def hold_everything(secrets: dict[str, str] | None = None) -> None:
    """Let connectors that a test opens itself reach what the sources of tests may."""
    rules = read_policy(SOURCES).allow
    hold(Authority(Permit(connector="test", rules=rules), secrets or {}))


def pytest_configure(config: pytest.Config) -> None:
    """Hash passwords cheaply: tests sign in often. Tell no worker of anything. Count no calls."""
    celery_app.conf.update(broker_url="memory://")
    settings.WAKE_FOLLOWERS = False
    settings.RATE_LIMIT_TOKEN = settings.RATE_LIMIT_PERSON = settings.RATE_LIMIT_ADDRESS = 0
    settings.SOURCE_POLICY = str(SOURCES)
    hold_everything()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    config.stash[OWNS_TEMPLATES] = databases.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop the databases that others were copied from."""
    if config.stash.get(OWNS_TEMPLATES, False):
        databases.end()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark tests by what they use: the database, a browser, clients of other projects, processes."""
    for mark in selection.marks(item):
        item.add_marker(mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests last: what drives the browser keeps an event loop."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> Iterator[None]:
    """A copy of the migrated database for this process."""
    with django_db_blocker.unblock():
        taken = databases.take_test_database()
    yield
    with django_db_blocker.unblock():
        databases.give_back(taken)


@dataclass(frozen=True, slots=True)
class Mesh:
    """A small company."""

    claims: Domain
    policy: Domain
    team: Team
    other_team: Team
    alice: User
    bob: User
    charlie: User
    dana: User
    admin: User

    @property
    def people(self) -> dict[str, User | AnonymousUser]:
        """Everybody, by name."""
        return {
            "alice": self.alice,
            "bob": self.bob,
            "charlie": self.charlie,
            "dana": self.dana,
            "admin": self.admin,
            "anonymous": AnonymousUser(),
        }


@pytest.fixture
def mesh(db: None, recorded_mesh: Recording[Mesh]) -> Mesh:
    """Two domains, two teams and one person per role."""
    return recorded_mesh.replay()


@pytest.fixture(scope="session")
def recorded_mesh(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Recording[Mesh]:
    """What `make_mesh` writes, through the services, once in a session."""
    with django_db_blocker.unblock():
        return Recording(make_mesh)


def make_mesh() -> Mesh:
    """Make the company."""
    root = save_domain("insurance", name="Insurance", by=None)
    claims = save_domain("claims", name="Claims", parent=root, by=None)
    policy = save_domain("policy", name="Policy", parent=root, by=None)
    team = save_team("claims-team", name="Claims Analytics", domain=claims, by=None)
    other = save_team("policy-team", name="Policy Platform", domain=policy, by=None)
    made = Mesh(
        claims,
        policy,
        team,
        other,
        alice=make_user("alice", display_name="Alice Moreau"),
        bob=make_user("bob", display_name="Bob Osei"),
        charlie=make_user("charlie", display_name="Charlie Lind"),
        dana=make_user("dana", display_name="Dana Roth"),
        admin=make_user("admin", display_name="Ada Min", is_superuser=True),
    )
    set_member(team, made.alice, role=Role.OWNER, by=None)
    set_member(team, made.bob, role=Role.ENGINEER, by=None)
    set_member(other, made.charlie, role=Role.MEMBER, by=None)
    set_steward(root, made.dana, by=None)
    return made

"""What is wrong with an installation's settings, said by `manage.py check --deploy` with what helps.

`gazetteer.E…` are mistakes that keep something from working and are told by every command; `gazetteer.W…` are
dangers of a public installation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@register(Tags.compatibility)
def settings_that_cannot_work(app_configs: object, **_: Any) -> Iterable[CheckMessage]:
    """Tell what cannot work on any machine."""
    if settings.SEARCH_BACKEND == "elasticsearch" and not settings.ELASTICSEARCH_URL:
        yield Error(
            "SEARCH_BACKEND is 'elasticsearch', but ELASTICSEARCH_URL names no cluster.",
            hint="Set ELASTICSEARCH_URL, for instance http://elasticsearch:9200.",
            id="gazetteer.E002",
        )


@register(Tags.security, deploy=True)
def dangers_of_a_public_installation(app_configs: object, **_: Any) -> Iterable[CheckMessage]:
    """Tell what should not be so where others can reach it."""
    return [*_address(), *_secrets(), *_engines()]


def _address() -> Iterator[CheckMessage]:
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme != "https":
        yield Warning(
            f"PUBLIC_URL is {settings.PUBLIC_URL}: passwords travel in the open.",
            hint="Put a proxy with TLS in front and set PUBLIC_URL to its https address; that also turns on"
            " secure cookies and HSTS.",
            id="gazetteer.W001",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS holds '*': the portal answers to every name.",
            hint="Leave ALLOWED_HOSTS out (PUBLIC_URL's host is taken), or list the names.",
            id="gazetteer.W002",
        )
    elif address.hostname and address.hostname not in settings.ALLOWED_HOSTS:
        yield Warning(
            f"ALLOWED_HOSTS does not hold {address.hostname}, the host of PUBLIC_URL: people get 400.",
            hint=f"Add {address.hostname} to ALLOWED_HOSTS, or leave it out.",
            id="gazetteer.W003",
        )
    if not settings.PROXY_COUNT and address.hostname not in LOOPBACK:
        yield Warning(
            "PROXY_COUNT is 0, so sign-ins through a proxy all count as one address.",
            hint="Set PROXY_COUNT to the number of proxies in front of the portal, usually 1.",
            id="gazetteer.W004",
        )


def _secrets() -> Iterator[CheckMessage]:
    if settings.DEMO:
        yield Warning(
            "GAZETTEER_DEMO is on: the sign-in page shows people with their passwords.",
            hint="Leave GAZETTEER_DEMO out.",
            id="gazetteer.W005",
        )
    if not settings.METRICS_TOKEN:
        yield Warning(
            "METRICS_TOKEN is not set: everyone whom a proxy on this machine lets through reads /metrics.",
            hint="Set METRICS_TOKEN to a random text and give it to Prometheus as bearer token.",
            id="gazetteer.W006",
        )
    if settings.SECRET_KEY_IS_MADE:
        yield Warning(
            f"SECRET_KEY is not set; a random one is kept in {settings.DATA_DIR}, which each machine has of its own.",
            hint="Set SECRET_KEY to 50 or more random characters, the same everywhere.",
            id="gazetteer.W007",
        )


def _engines() -> Iterator[CheckMessage]:
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if is_sqlite and (settings.REDIS_URL or settings.ELASTICSEARCH_URL):
        yield Warning(
            "The database is SQLite, a file of this machine, but REDIS_URL or ELASTICSEARCH_URL tell of others.",
            hint="Set DATABASE_URL to a PostgreSQL; `backup` and `restore` move what there is.",
            id="gazetteer.W008",
        )
    if not is_sqlite and not settings.REDIS_URL:
        yield Warning(
            "REDIS_URL is not set: tasks wait in a file of this machine, and workers elsewhere never see them.",
            hint="Set REDIS_URL, for instance redis://redis:6379/0.",
            id="gazetteer.W009",
        )
    if settings.SEARCH_BACKEND == "memory":
        yield Warning(
            "SEARCH_BACKEND is 'memory': each process has an index of its own, gone with it.",
            hint="Leave SEARCH_BACKEND out, or set ELASTICSEARCH_URL.",
            id="gazetteer.W010",
        )

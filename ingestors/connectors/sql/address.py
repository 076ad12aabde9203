"""From the URL of a database to one that leads only where it may. Free of Django.

Names are resolved here, once, and the driver is sent to the address that was judged. Options of a URL that read
files, name other hosts or let a server ask for files are not taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL

from ingestors.authority.permits import Closed, Permit
from ingestors.errors import ConfigInvalid, SourceUnavailable

CONNECT_SECONDS = 10
FILES = frozenset({"sqlite", "duckdb"})
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}
#: Options that neither read a file nor lead elsewhere.
_OPTIONS = {
    "postgresql": frozenset(
        {
            *("sslmode", "sslrootcert", "channel_binding", "gssencmode", "target_session_attrs"),
            *("connect_timeout", "application_name", "client_encoding"),
            *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        }
    ),
    "mysql": frozenset({"charset"}),
    "mariadb": frozenset({"charset"}),
}
_ANY = frozenset({"warehouse", "role", "schema", "catalog"})
#: Drivers that ask Python for a connection, where the guard of the process judges it once more.
_PYTHON = frozenset({"pymysql", "pg8000"})


@dataclass(frozen=True, slots=True)
class Way:
    """Where to connect, and with which arguments of the driver."""

    url: URL
    arguments: dict[str, Any] = field(default_factory=dict)


def normal(url: URL) -> URL:
    """Choose the driver that Gazetteer brings or asks for."""
    usual = {
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
        "mysql": "mysql+pymysql",
        "mariadb": "mariadb+pymysql",
    }
    return url.set(drivername=usual.get(url.drivername, url.drivername))


def judge(url: URL, permit: Permit) -> None:
    """Refuse a URL as far as it tells without asking anybody. Raises ConfigInvalid."""
    backend = url.get_backend_name()
    try:
        _check_options(url, permit)
        if backend in FILES:
            permit.check_path(backend, _path(url))
        else:
            permit.check_host(backend, _host(url), _port(url))
    except Closed as error:
        raise _refusal(url, error) from None


def way(url: URL, permit: Permit) -> Way:
    """Return how to connect. Raises ConfigInvalid, SourceUnavailable."""
    backend = url.get_backend_name()
    try:
        _check_options(url, permit)
        if backend in FILES:
            return _file(url, permit)
        return _pinned(url, permit)
    except Closed as error:
        raise _refusal(url, error) from None
    except OSError:
        raise SourceUnavailable(f"the host {url.host} has no address") from None


def _file(url: URL, permit: Permit) -> Way:
    path = permit.check_path(url.get_backend_name(), _path(url))
    try:
        with open(path, "rb"):
            pass
    except FileNotFoundError:
        raise SourceUnavailable(f"there is no file {_path(url)}") from None
    except OSError as error:
        message = f"the file {_path(url)} cannot be read: {error.strerror}"
        raise SourceUnavailable(message) from None
    if url.get_backend_name() == "duckdb":
        closed = {"enable_external_access": "false", "lock_configuration": "true"}
        return Way(
            URL.create(url.drivername, database=path),
            {"read_only": True, "config": {**closed, "autoload_known_extensions": "false"}},
        )
    query = {"mode": "ro", "uri": "true"}
    return Way(URL.create("sqlite", database=f"file:{quote(path)}", query=query))


def _pinned(url: URL, permit: Permit) -> Way:
    backend, host, port = url.get_backend_name(), _host(url), _port(url)
    addresses = permit.resolve_host(backend, host, port)
    permit.check_database(addresses, port, url.database or "")
    if backend == "postgresql" and url.get_driver_name() in {"psycopg", "psycopg2"}:
        arguments = {
            "host": ",".join([host] * len(addresses)),
            "hostaddr": ",".join(addresses),
            "port": ",".join([str(port)] * len(addresses)),
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "gazetteer harvest",
            "passfile": "/dev/null",
        }
        return Way(url.set(host=None, port=None), arguments)
    if url.get_driver_name() in _PYTHON:
        return Way(url)
    return Way(url.set(host=addresses[0]))


def _check_options(url: URL, permit: Permit) -> None:
    backend = url.get_backend_name()
    taken = frozenset() if backend in FILES else _OPTIONS.get(backend, _ANY)
    for name, value in url.query.items():
        if name not in taken:
            known = ", ".join(sorted(taken)) or "none"
            raise Closed(f"the option {name} of the URL is not taken; taken are {known}")
        if name == "sslrootcert" and value != "system":
            permit.check_path(backend, str(value))


def _path(url: URL) -> str:
    path = url.database or ""
    if not path or path.startswith((":", "file:")) or "\0" in path:
        raise Closed("write the path of a file, for instance sqlite:////data/claims.db")
    return path


def _host(url: URL) -> str:
    host = url.host or ""
    if not host or host.startswith(("/", "@")) or "," in host:
        raise Closed("write one host, for instance postgresql://reader@db.example.com/claims")
    if "=" in (url.database or "") or "://" in (url.database or ""):
        raise Closed("the name of a database holds neither = nor ://")
    return host


def _port(url: URL) -> int:
    return url.port or PORTS.get(url.get_backend_name(), 0)


def _refusal(url: URL, error: Closed) -> ConfigInvalid:
    shown = url.set(query={}).render_as_string(hide_password=True)
    return ConfigInvalid.of("url", repr(shown), str(error))

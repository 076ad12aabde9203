"""With which authority a source is read: the operator's policy, what is Gazetteer's own, the secrets it names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from catalog.hosts import lookup
from catalog.models import Team
from ingestors.authority.permits import ASK, Closed, Endpoint, Own, Permit
from ingestors.authority.process import Authority
from ingestors.authority.rules import Policy, PolicyInvalid, read_policy
from ingestors.connectors.secrets import references_in
from ingestors.errors import ConfigInvalid, ConfigProblem
from ingestors.models import Source
from ingestors.services.vault import VaultClosed, reveal

#: Variables that an operator may expose begin like this; no other variable of the server is ever read.
PREFIX = "GAZETTEER_SECRET_"
UNSET = f"this installation has no policy for sources, so nothing is open; {ASK}"
_PORTS = {"postgresql": 5432, "mysql": 3306, "oracle": 1521, "redis": 6379, "rediss": 6379}
_WEB = {"http": 80, "https": 443}


def policy() -> Policy:
    """Return the operator's policy; an empty one where there is none. Raises PolicyInvalid."""
    named = str(settings.SOURCE_POLICY)
    if not named:
        return Policy()
    path = Path(named)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        raise PolicyInvalid(f"{path} cannot be read: {error.strerror}") from None
    return _read(path, stamp)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: int) -> Policy:
    return read_policy(path)


def permit_for(*, connector: str, team: Team | None, key: str) -> Permit:
    """Return what a source of a team may reach. Raises ConfigInvalid where the policy cannot be used."""
    try:
        rules = policy().of(team=team.key if team else "", source=key)
    except PolicyInvalid:
        said = f"the policy for sources cannot be used; {ASK.replace('open', 'mend')}"
        raise ConfigInvalid.of("connector", "", said) from None
    permit = Permit(connector=connector, rules=rules, own=own())
    try:
        permit.check_connector()
    except Closed as error:
        said = str(error) if settings.SOURCE_POLICY else UNSET
        raise ConfigInvalid.of("connector", repr(connector), said) from None
    return permit


def own() -> Own:
    """Return what belongs to this Gazetteer itself."""
    data = os.path.realpath(settings.DATA_DIR)
    lent = (os.path.join(data, "demo", "stores"),)  # made up, and there in a demo alone
    folders = [data]
    if connection.vendor == "sqlite":
        folders += _database_files(str(connection.settings_dict["NAME"]))
    named = [value for name, value in os.environ.items() if name.endswith("_FILE")]
    kept = (*named, settings.SECRETS_FOLDER, settings.SOURCE_POLICY)
    folders += [os.path.realpath(one) for one in kept if one]
    return Own(endpoints=tuple(_endpoints()), folders=tuple(folders), lent=lent)


def _database_files(name: str) -> list[str]:
    real = os.path.realpath(name)
    return [f"{real}{ending}" for ending in ("", "-wal", "-shm", "-journal")]


def _endpoints() -> Iterator[Endpoint]:
    parameters = connection.settings_dict
    if connection.vendor != "sqlite":
        port = int(parameters["PORT"] or _PORTS.get(connection.vendor, 0))
        host = str(parameters["HOST"] or "localhost")
        host = "localhost" if host.startswith("/") else host
        yield Endpoint(
            addresses=_addresses(host, port), port=port, database=str(parameters["NAME"])
        )
    for url in (settings.REDIS_URL, settings.ELASTICSEARCH_URL, settings.EMAIL_HOST):
        if url:
            yield _endpoint(url)


def _endpoint(text: str) -> Endpoint:
    url = urlsplit(text if "://" in text else f"smtp://{text}:{settings.EMAIL_PORT}")
    port = url.port or _PORTS.get(url.scheme) or _WEB.get(url.scheme, 0)
    return Endpoint(addresses=_addresses(url.hostname or "localhost", port), port=port)


def _addresses(host: str, port: int) -> tuple[str, ...]:
    try:
        return tuple(lookup(host, port))
    except OSError:
        return ()


def secrets_for(config: Mapping[str, Any], permit: Permit, team: Team | None) -> dict[str, str]:
    """Look up every reference of a configuration. Raises ConfigInvalid naming each that may not be used."""
    found, problems = {}, []
    for path, reference in references_in(config):
        try:
            found[reference] = _looked_up(reference, permit, team)
        except Closed as error:
            problems.append(ConfigProblem(path, reference, str(error)))
    if problems:
        raise ConfigInvalid(problems)
    return found


def check_references(config: Mapping[str, Any], permit: Permit) -> None:
    """Refuse references that the operator has not opened, without looking them up. Raises ConfigInvalid."""
    problems = []
    for path, reference in references_in(config):
        try:
            check_reference(reference, permit)
        except Closed as error:
            problems.append(ConfigProblem(path, reference, str(error)))
    if problems:
        raise ConfigInvalid(problems)


def _looked_up(reference: str, permit: Permit, team: Team | None) -> str:
    check_reference(reference, permit)
    kind, _, target = reference.partition(":")
    if kind == "vault":
        try:
            return reveal(team, target)
        except (LookupError, VaultClosed) as error:
            raise Closed(str(error.args[0])) from None
    return _variable(target) if kind == "env" else _file(target)


def check_reference(reference: str, permit: Permit) -> None:
    """Refuse a reference that the operator has not opened; the vault is open to its team. Raises Closed."""
    kind, _, target = reference.partition(":")
    if kind == "vault":
        return
    if kind == "env" and not target.startswith(PREFIX):
        raise Closed(f"variables that sources may use begin with {PREFIX}")
    if kind == "file":
        _check_file(target)
    permit.check_reference(reference)


def _check_file(target: str) -> None:
    folder = str(settings.SECRETS_FOLDER)
    if not folder:
        raise Closed(f"this installation has no folder of secrets; {ASK}")
    real, root = os.path.realpath(target), os.path.realpath(folder)
    if not real.startswith(f"{root}/") or ".." in Path(target).parts:
        raise Closed(f"files that sources may use lie in {folder}")


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise Closed("the environment has no such variable")
    return value


def _file(target: str) -> str:
    try:
        return Path(target).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text file"
        raise Closed(f"the file cannot be read: {why}") from None


def authority_of(source: Source) -> Authority:
    """Return what a source is read with. Raises ConfigInvalid."""
    owner = source.team or source.domain.team
    permit = permit_for(connector=source.connector, team=owner, key=source.key)
    return Authority(permit, secrets_for(source.config, permit, owner))

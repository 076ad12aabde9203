"""What one source may reach, judged name by name, address by address, path by path. Free of Django.

Some places are closed whatever the policy says: Gazetteer's own database, data folder and engines, link-local
addresses, the metadata of clouds, `/proc`, `/sys` and `/dev`. A judgement says what is open instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict

from catalog.hosts import (
    Address,
    Resolve,
    is_local,
    is_loopback,
    is_never_allowed,
    is_public,
    literal,
    lookup,
    read_address,
    unwrapped,
)
from ingestors.authority.rules import Rule

#: Folders of the system that hold what other processes keep to themselves.
SYSTEM = ("/proc", "/sys", "/dev")
ASK = "ask the operator to open it"


class Closed(ValueError):
    """The source may not go there; the message says what it may, and names no address of the network."""


class Endpoint(BaseModel):
    """An engine of Gazetteer itself. Without `database` every database of it is meant."""

    model_config = ConfigDict(frozen=True)

    addresses: tuple[str, ...]
    port: int
    database: str = ""

    def is_at(self, address: Address, port: int) -> bool:
        """Tell whether an address and a port are the engine's, by whichever name."""
        if port != self.port:
            return False
        own = [read_address(one) for one in self.addresses]
        if unwrapped(address) in {unwrapped(one) for one in own}:
            return True
        return any(map(is_local, own)) and is_local(address)


class Own(BaseModel):
    """What belongs to Gazetteer itself, with links resolved."""

    model_config = ConfigDict(frozen=True)

    endpoints: tuple[Endpoint, ...] = ()
    folders: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()  # folders below them that sources may read: the demo's stores


class Permit(BaseModel):
    """What the rules open to one source."""

    model_config = ConfigDict(frozen=True)

    connector: str
    rules: tuple[Rule, ...] = ()
    own: Own = Own()

    @property
    def mine(self) -> tuple[Rule, ...]:
        """The rules for this connector."""
        return tuple(rule for rule in self.rules if rule.is_for(self.connector))

    def check_connector(self) -> None:
        """Refuse a connector that no rule opens."""
        if not self.mine:
            open_ = _words(name for rule in self.rules for name in rule.connectors)
            raise Closed(f"the connector is not open to this source; open are {open_}; {ASK}")

    def check_scheme(self, scheme: str) -> tuple[Rule, ...]:
        """Return the rules for a scheme; refuse one that none opens."""
        found = tuple(rule for rule in self.mine if scheme in rule.schemes)
        if not found:
            open_ = _words(one for rule in self.mine for one in rule.schemes)
            raise Closed(f"{scheme} is not open to this source; open are {open_}; {ASK}")
        return found

    def check_reference(self, reference: str) -> None:
        """Refuse a reference to a secret that no rule opens."""
        if not any(rule.opens_secret(reference) for rule in self.mine):
            open_ = _words(one for rule in self.mine for one in rule.secrets)
            raise Closed(f"the secret is not open to this source; open are {open_}; {ASK}")

    def check_host(self, scheme: str, host: str, port: int) -> None:
        """Refuse a host that no rule opens, as far as its name tells."""
        rules = _at_port(self.check_scheme(scheme), port)
        if number := literal(host):
            self._judge(rules, host, read_address(number), port)
        elif not any(_names(rule, host) for rule in rules):
            open_ = _words(one for rule in rules for one in (*rule.hosts, *rule.networks))
            raise Closed(f"the host is not open to this source; open are {open_}; {ASK}")

    def resolve_host(
        self, scheme: str, host: str, port: int, ask: Resolve = lookup
    ) -> Sequence[str]:
        """Return the addresses of a host, each of them judged. Raises Closed, and OSError where it has none."""
        self.check_host(scheme, host, port)
        found = ask(host, port)
        rules = _at_port(self.check_scheme(scheme), port)
        for text in found:
            self._judge(rules, host, read_address(text), port)
        return found

    def check_address(self, host: str, address: str, port: int) -> None:
        """Refuse an address that no rule opens to this connector, whatever the scheme."""
        self._judge(_at_port(self.mine, port), host, read_address(address), port)

    def check_database(self, addresses: Iterable[str], port: int, database: str) -> None:
        """Refuse Gazetteer's own database, by whichever name its server is called."""
        found = [read_address(one) for one in addresses]
        for own in self.own.endpoints:
            if own.database in {"", database} and any(own.is_at(one, port) for one in found):
                raise Closed("this is a database of Gazetteer itself, which no source may read")

    def check_path(self, scheme: str, path: str) -> str:
        """Return a local path with links resolved; refuse one outside of the folders that are open."""
        rules = self.check_scheme(scheme)
        real = os.path.realpath(path)
        if _is_below(real, SYSTEM):
            raise Closed("it is a folder of the system, which no source may read")
        if _is_below(real, self.own.folders) and not _is_below(real, self.own.lent):
            raise Closed("it is in the data folder of Gazetteer itself, which no source may read")
        roots = [one for rule in rules for one in rule.folders if "://" not in one]
        if not _is_below(real, [os.path.realpath(one) for one in roots]):
            raise Closed(f"the path is not open to this source; open are {_words(roots)}; {ASK}")
        return real

    def check_object(self, scheme: str, url: str) -> None:
        """Refuse an address of an object store that is not below one that is open."""
        rules = self.check_scheme(scheme)
        roots = [one for rule in rules for one in rule.folders if "://" in one]
        if not any(_is_object_below(url, root) for root in roots):
            raise Closed(f"the address is not open to this source; open are {_words(roots)}; {ASK}")

    @property
    def local_roots(self) -> tuple[str, ...]:
        """The folders that are open, with links resolved."""
        found = (one for rule in self.mine for one in rule.folders if "://" not in one)
        return tuple(dict.fromkeys(os.path.realpath(one) for one in found))

    def _judge(self, rules: Sequence[Rule], host: str, address: Address, port: int) -> None:
        if is_never_allowed(address):
            raise Closed("it leads to an address that no source may reach")
        if any(not own.database and own.is_at(address, port) for own in self.own.endpoints):
            raise Closed("it leads to an engine of Gazetteer itself, which no source may reach")
        if not any(_opens(rule, host, address) for rule in rules):
            raise Closed(f"it leads to an address that is not open to this source; {ASK}")


def _at_port(rules: Sequence[Rule], port: int) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if not rule.ports or port in rule.ports)


def _names(rule: Rule, host: str) -> bool:
    return rule.names_host(host) if rule.hosts else bool(rule.networks)


def _opens(rule: Rule, host: str, address: Address) -> bool:
    if not _names(rule, host):
        return False
    if is_loopback(address):
        return rule.opens_loopback(address)
    if rule.networks:
        return rule.holds(address)
    return is_public(address) and is_public(unwrapped(address))


def _is_below(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(f"{root.rstrip('/')}/") for root in roots)


def _is_object_below(url: str, root: str) -> bool:
    if ".." in PurePosixPath(url).parts or "%" in url:
        return False
    base = root.rstrip("/")
    return url.rstrip("/") == base or url.startswith(f"{base}/")


def _words(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found)) or "none"

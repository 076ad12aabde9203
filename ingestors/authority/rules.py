"""The operator's policy: what sources may reach, and whose. Free of Django.

A policy is a list of rules, each a set of teams or sources and what is open to them. Nothing is open that no rule
names. What `ingestors.authority.permits` refuses always, no rule opens.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from catalog.hosts import Address, unwrapped
from catalog.standards import yaml_text
from catalog.standards.diagnostics import Unreadable

_SECRET = re.compile(r"^(?:env:[A-Za-z_][A-Za-z0-9_*]*|file:/[^/].*)$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*$")
_HOST = re.compile(r"^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9._:-]*[a-z0-9_])?)$")


class PolicyInvalid(ValueError):
    """The policy cannot be used; the message names file, field, value and what is allowed."""


class Rule(BaseModel):
    """What is open to some sources. Without `teams` and `sources` it is for every source."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    teams: tuple[str, ...] = Field(default=(), description="Keys of teams; * stands for anything.")
    sources: tuple[str, ...] = Field(default=(), description="Keys of sources, likewise.")
    connectors: tuple[str, ...] = Field(min_length=1, description="Names of connectors; * is all.")
    schemes: tuple[str, ...] = Field(default=(), description="How addresses begin: postgresql, s3.")
    hosts: tuple[str, ...] = Field(default=(), description="Names; *.example.com is all below it.")
    networks: tuple[str, ...] = Field(default=(), description="As 10.2.0.0/16.")
    ports: tuple[int, ...] = Field(default=(), description="Ports; none means every one.")
    folders: tuple[str, ...] = Field(default=(), description="Absolute paths, or s3://bucket/path.")
    secrets: tuple[str, ...] = Field(
        default=(), description="References: env:GAZETTEER_SECRET_CLAIMS_*."
    )

    @field_validator("schemes")
    @classmethod
    def _schemes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not _SCHEME.match(one):
                raise ValueError(f"{one!r} is no scheme; write postgresql, sqlite, file, https, s3")
        return value

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        lowered = tuple(one.lower().rstrip(".") for one in value)
        for one in lowered:
            if not _HOST.match(one):
                raise ValueError(f"{one!r} is no host; write db.example.com, *.example.com or *")
        return lowered

    @field_validator("networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ip_network(one)
            except ValueError as error:
                raise ValueError(f"{one!r} is no network ({error}); write 10.2.0.0/16") from None
        return value

    @field_validator("ports")
    @classmethod
    def _ports(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        for one in value:
            if not 1 <= one <= 65535:
                raise ValueError(f"{one} is no port; 1 to 65535 are")
        return value

    @field_validator("folders")
    @classmethod
    def _folders(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not ("://" in one or one.startswith("/")):
                raise ValueError(f"{one!r} is no absolute path and no address as s3://bucket/path")
        return value

    @field_validator("secrets")
    @classmethod
    def _secrets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            if not _SECRET.match(one):
                raise ValueError(
                    f"{one!r} is no reference; write env:GAZETTEER_SECRET_NAME or file:/folder/name"
                )
        return value

    def binds(self, *, team: str, source: str) -> bool:
        """Tell whether the rule is for a source of a team (empty: of none)."""
        return (not self.teams or _fits(team, self.teams)) and (
            not self.sources or _fits(source, self.sources)
        )

    def is_for(self, connector: str) -> bool:
        """Tell whether the rule is for a connector."""
        return _fits(connector, self.connectors)

    def names_host(self, host: str) -> bool:
        """Tell whether a name is among the hosts."""
        return any(_host_fits(host, pattern) for pattern in self.hosts)

    def holds(self, address: Address) -> bool:
        """Tell whether an address lies in one of the networks."""
        plain = unwrapped(address)
        return any(one in network for network in self._parsed for one in (address, plain))

    def opens_loopback(self, address: Address) -> bool:
        """Tell whether a network that is nothing but loopback holds the address."""
        plain = unwrapped(address)
        own = [network for network in self._parsed if network.is_loopback]
        return any(one in network for network in own for one in (address, plain))

    def opens_secret(self, reference: str) -> bool:
        """Tell whether a reference is among the secrets."""
        return _fits(reference, self.secrets)

    @property
    def _parsed(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(one) for one in self.networks)

    @property
    def is_for_everyone(self) -> bool:
        """Whether it is for every source of every team."""
        return all(not some or "*" in some for some in (self.teams, self.sources))

    @property
    def wide(self) -> tuple[str, ...]:
        """What of it is open to nearly anything, as the operator wrote it."""
        return (
            *(one for one in self.hosts if one == "*"),
            *(one for one in self.networks if ip_network(one).prefixlen == 0),
            *(one for one in self.folders if one.rstrip("/") in {"", "/etc", "/home", "/root"}),
            *(one for one in self.secrets if one in {"env:*", "env:GAZETTEER_SECRET_*"}),
        )


class Policy(BaseModel):
    """Every rule of an installation."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    allow: tuple[Rule, ...] = ()

    def of(self, *, team: str, source: str) -> tuple[Rule, ...]:
        """Return the rules for a source of a team."""
        return tuple(rule for rule in self.allow if rule.binds(team=team, source=source))


def _fits(text: str, patterns: tuple[str, ...]) -> bool:
    return bool(text) and any(fnmatchcase(text, pattern) for pattern in patterns)


def _host_fits(host: str, pattern: str) -> bool:
    name = host.lower().rstrip(".")
    if pattern == "*":
        return True
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern


def read_policy(path: Path) -> Policy:
    """Read a policy from a file in TOML or YAML. Raises PolicyInvalid."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise PolicyInvalid(f"{path} cannot be read: {why}") from None
    return parse_policy(_document(path, text), name=str(path))


def _document(path: Path, text: str) -> object:
    ending = path.suffix.lower()
    try:
        if ending == ".toml":
            return tomllib.loads(text)
        if ending in {".yaml", ".yml"}:
            return yaml_text.load(text).content or {}
    except (tomllib.TOMLDecodeError, Unreadable) as error:
        raise PolicyInvalid(f"{path} is no {ending[1:].upper()}: {error}") from None
    raise PolicyInvalid(f"{path} ends with {ending!r}; write .toml, .yaml or .yml")


def parse_policy(document: object, *, name: str) -> Policy:
    """Take a policy of plain values. Raises PolicyInvalid."""
    try:
        return Policy.model_validate(_strings(document))
    except ValidationError as error:
        problems = [_problem(one["loc"], one["type"], one["msg"]) for one in error.errors()]
        raise PolicyInvalid(f"{name}: {'; '.join(problems)}") from None


def _strings(document: object) -> object:
    """Take one text where a list of texts belongs."""
    if not isinstance(document, Mapping) or not isinstance(document.get("allow"), list):
        return document
    lists = {name for name in Rule.model_fields if name != "ports"}
    rules: list[Any] = [
        {k: [v] if k in lists and isinstance(v, str) else v for k, v in rule.items()}
        if isinstance(rule, Mapping)
        else rule
        for rule in document["allow"]
    ]
    return {**document, "allow": rules}


def _problem(location: tuple[int | str, ...], code: str, message: str) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    where = path.removeprefix(".") or "the file"
    if code == "extra_forbidden":
        known = Policy.model_fields if len(location) == 1 else Rule.model_fields
        return f"{where} is unknown; known are {', '.join(sorted(known))}"
    return f"{where}: {message.removeprefix('Value error, ')}"

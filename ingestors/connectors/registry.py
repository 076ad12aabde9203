"""Which connectors there are: lazy names, imported when asked for. Free of Django.

Other distributions add theirs as entry points of the group `gazetteer.connectors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from ingestors.connectors.base import Connector, ConnectorType
from ingestors.errors import ConfigInvalid

GROUP = "gazetteer.connectors"

#: name -> "module:Class"
BUILT_IN: dict[str, str] = {
    "dbt": "ingestors.connectors.dbt.connector:DbtConnector",
    "files": "ingestors.connectors.files.connector:FilesConnector",
    "sql": "ingestors.connectors.sql.connector:SqlConnector",
}


@dataclass(frozen=True, slots=True)
class ConnectorInfo:
    """What a form shows of a connector."""

    name: str
    title: str
    summary: str
    schema: Mapping[str, object]  # JSON Schema of its configuration


def known() -> tuple[str, ...]:
    """Return the names of all connectors, sorted."""
    return tuple(sorted(_entries()))


def find_class(name: str) -> ConnectorType:
    """Import a connector's class.

    Raises ConfigInvalid when no connector has that name (it lists the known ones) or when its
    driver is not installed (it gives the pip line).
    """
    entry = _entry(name)
    try:
        found: ConnectorType = getattr(import_module(entry.module), entry.attr)
    except ModuleNotFoundError as e:
        line = f"pip install 'gazetteer[{name}]'" if entry.dist is None else _pip(entry, name)
        raise ConfigInvalid.of(
            "connector", repr(name), f"{e.name} is not installed; run: {line}"
        ) from e
    return found


def address_of(name: str) -> str:
    """Return `module:Class` of a connector, for a process that imports it. Raises ConfigInvalid."""
    return _entry(name).value


def open_connector(name: str, config: Mapping[str, object]) -> Connector:
    """Make a connector of its configuration; no I/O. Raises ConfigInvalid."""
    return find_class(name)(config)


def describe(name: str) -> ConnectorInfo:
    """Return what a form shows of a connector."""
    found = find_class(name)
    schema = found.config_type.model_json_schema()
    return ConnectorInfo(name, found.title, found.summary, schema)


def _entry(name: str) -> EntryPoint:
    entries = _entries()
    if name not in entries:
        raise ConfigInvalid.of("connector", repr(name), f"known are {', '.join(sorted(entries))}")
    return entries[name]


def _entries() -> dict[str, EntryPoint]:
    added = {entry.name: entry for entry in entry_points(group=GROUP)}
    built_in = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    return added | built_in


def _pip(entry: EntryPoint, name: str) -> str:
    distribution = entry.dist.name if entry.dist else "gazetteer"
    extras = entry.extras or [name]
    return f"pip install '{distribution}[{','.join(extras)}]'"

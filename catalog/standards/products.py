"""What the descriptors of the standards say of a product, in the words of this catalog. Free of Django."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.names import GUID, slugify
from catalog.standards.diagnostics import Diagnostic, Pointer, brief, path_of

#: Lifecycle words of the standards, and ours.
STATUSES = {
    "proposed": "proposed",
    "draft": "proposed",
    "announcement": "proposed",
    "development": "proposed",
    "testing": "proposed",
    "acceptance": "proposed",
    "active": "active",
    "production": "active",
    "sunset": "deprecated",
    "deprecated": "deprecated",
    "retired": "retired",
}
ARCHETYPES = {
    "sourcealigned": "source-aligned",
    "aggregate": "aggregate",
    "consumeraligned": "consumer-aligned",
}
_MAJOR = re.compile(r"^v?(\d{1,6})(?:\.|$)")


@dataclass(frozen=True, slots=True)
class ProductStatement:
    """What a descriptor says. `fields` are those of a ProductDescriptor but for its address.

    `domain`, `team` and `reads` are as written: whoever knows the mesh finds what they mean. `reads` has the ids
    of contracts by the name of the input port. `unplaced` names what found no place.
    """

    guid: str
    name: str
    domain: str
    team: str
    fields: dict[str, Any]
    reads: Mapping[str, str] = field(default_factory=dict)
    unplaced: Sequence[Diagnostic] = ()


def status_of(value: object) -> str | None:
    """Return our word for a stage of life, None for one that is not known."""
    return STATUSES.get(str(value or "active").strip().lower())


def archetype_of(value: object) -> str | None:
    """Return our word for where a product stands, None for one that is not known."""
    return ARCHETYPES.get(re.sub(r"[^a-z]", "", str(value or "").lower()))


def major_of(version: object) -> int:
    """Return the major version a text names; 1 where it names none."""
    found = _MAJOR.match(str(version or ""))
    return int(found[1]) if found else 1


def guid_of(value: object) -> str:
    """Return an id as a GUID, empty where it cannot be one."""
    text = str(value or "")
    return text if GUID.match(text) else ""


def key_of(name: object, used: set[str], default: str = "port") -> str:
    """Return a key made of a name, not among those used; it is used from now on."""
    base = slugify(str(name or "")) or default
    key, count = base, 1
    while key in used:
        count += 1
        key = f"{base[:60]}-{count}"
    used.add(key)
    return key


class Ports:
    """Collects ports; two versions of one name share their key, as majors of one port."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self._keys: dict[tuple[str, str], str] = {}
        self._seen: dict[tuple[str, str, int], dict[str, Any]] = {}

    def add(self, direction: str, name: str, **said: Any) -> str:
        """Add a port and return its key; of two minor versions of one major the later stands."""
        used = {key for (way, _), key in self._keys.items() if way == direction}
        known = self._keys.get((direction, name))
        key = known or key_of(name, used)
        self._keys[direction, name] = key
        version = str(said.get("version") or "")[:40]
        major = major_of(version)
        port = {"direction": direction, "name": key, "major": major, "display_name": name[:200]}
        port |= {field: value for field, value in said.items() if value not in ("", None)}
        port["version"] = version
        known_port = self._seen.get((direction, key, major))
        if known_port is None:
            self.items.append(port)
            self._seen[direction, key, major] = port
        else:
            known_port.update(port)
        return key


def unplaced(pointer: Pointer, value: object, why: str = "has no place here") -> Diagnostic:
    """Say that something was kept nowhere but in the document itself."""
    return Diagnostic(path_of(pointer), brief(value), why, "warning")


def labels(value: object) -> list[str]:
    """Return tags that a catalog can keep: texts of 1 to 64 characters, each once."""
    texts = [str(tag).strip()[:64] for tag in value] if isinstance(value, list) else []
    return list(dict.fromkeys(text for text in texts if text))


def day_of(value: object) -> str | None:
    """Return the day of a time as the standards write it, None for what is none."""
    text = str(value or "")[:10]
    return text if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text) else None

"""What a dbt manifest tells of its relations, groups and exposures, as plain values. Free of Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from catalog.names import DatasetRef
from catalog.standards.quality.results import mapping, objects, text

RELATIONS = ("model", "seed", "snapshot")
VIEWS = frozenset({"view", "materialized_view", "dynamic_table"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns something, as the project states it."""

    name: str = ""
    email: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """By what a team may be found, the surest first."""
        return tuple(filter(None, (self.email, self.name)))


@dataclass(frozen=True, slots=True)
class Node:
    """A relation: a model, seed, snapshot or source, with the address it has in the store."""

    unique_id: str
    kind: str
    ref: DatasetRef
    raw: Mapping[str, Any]
    seen: Mapping[str, Any] = field(default_factory=dict)  # its entry of catalog.json

    @property
    def name(self) -> str:
        """The short name people see."""
        return text(self.raw.get("alias") or self.raw.get("identifier") or self.raw.get("name"))

    @property
    def config(self) -> Mapping[str, Any]:
        """Its configuration."""
        return mapping(self.raw.get("config"))

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the project says of it freely."""
        return meta_of(self.raw)

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""
        return tags_of(self.raw)

    @property
    def group(self) -> str:
        """The name of its group, empty for none."""
        return text(self.raw.get("group") or self.config.get("group"))

    @property
    def is_private(self) -> bool:
        """Whether nothing outside its group may read it."""
        return text(self.raw.get("access") or self.config.get("access")).lower() == "private"

    @property
    def sql(self) -> str:
        """The compiled statement that makes it, where dbt compiled it."""
        found = self.raw.get("compiled_code") or self.raw.get("compiled_sql")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A consumer outside dbt: a dashboard, a notebook, an application."""

    unique_id: str
    name: str
    raw: Mapping[str, Any]
    reads: tuple[DatasetRef, ...]
    owner: Owner


class Project:
    """A manifest with its catalog. `namespace` is the address of the store the relations are in."""

    def __init__(
        self, manifest: Mapping[str, Any], catalog: Mapping[str, Any], namespace: str = ""
    ) -> None:
        self.manifest = manifest
        self.metadata = mapping(manifest.get("metadata"))
        self.adapter = text(self.metadata.get("adapter_type")).lower()
        self.name = text(self.metadata.get("project_name")) or _first_package(manifest)
        self.namespace = namespace or self._namespace()
        self.stored_at = mapping(catalog.get("metadata")).get("generated_at")
        self._catalog = {**mapping(catalog.get("nodes")), **mapping(catalog.get("sources"))}

    def _namespace(self) -> str:
        """Return OpenLineage's namespace where it follows from the adapter, else one of the project's own."""
        return "bigquery" if self.adapter == "bigquery" else f"dbt://{self.name or 'project'}"

    @property
    def packages(self) -> frozenset[str]:
        """The project and the packages it installs."""
        every = mapping(self.manifest.get("nodes")).values()
        return frozenset({self.name, *(text(mapping(n).get("package_name")) for n in every)} - {""})

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """Relations by unique id; ephemeral models are none."""
        found = {}
        for kind in ("nodes", "sources"):
            for unique, raw in sorted(mapping(self.manifest.get(kind)).items()):
                node = self._node(unique, raw)
                if node is not None:
                    found[unique] = node
        return found

    @cached_property
    def relations(self) -> dict[DatasetRef, Node]:
        """One node for each address; what dbt makes stands before what it only reads."""
        found: dict[DatasetRef, Node] = {}
        for node in self.nodes.values():
            found.setdefault(node.ref, node)
        return dict(sorted(found.items()))

    def _node(self, unique: str, raw: Any) -> Node | None:
        if not isinstance(raw, dict):
            return None
        kind = text(raw.get("resource_type")) or unique.partition(".")[0]
        is_made = kind in RELATIONS and _materialized(raw) != "ephemeral"
        if not is_made and kind != "source":
            return None
        table = text(raw.get("alias") or raw.get("identifier") or raw.get("name"), 1000)
        if not table:
            return None
        parts = (text(raw.get("database"), 500), text(raw.get("schema"), 500), table)
        ref = DatasetRef(self.namespace, ".".join(filter(None, parts)))
        return Node(unique, kind, ref, raw, mapping(self._catalog.get(unique)))

    def reads(self, raw: Mapping[str, Any]) -> tuple[DatasetRef, ...]:
        """Return the relations something depends on; an ephemeral model stands for what it reads itself."""
        found: dict[DatasetRef, None] = {}
        waiting, met = list(_depends_on(raw)), set()
        models = mapping(self.manifest.get("nodes"))
        while waiting:
            unique = waiting.pop(0)
            if unique in met:
                continue
            met.add(unique)
            if node := self.nodes.get(unique):
                found[node.ref] = None
            elif unique.startswith("model."):
                waiting += _depends_on(mapping(models.get(unique)))
        return tuple(found)

    @cached_property
    def groups(self) -> dict[str, Mapping[str, Any]]:
        """Groups by their name."""
        return {
            name: group
            for group in map(mapping, mapping(self.manifest.get("groups")).values())
            if (name := text(group.get("name")))
        }

    @property
    def exposures(self) -> list[Exposure]:
        """Every exposure by unique id."""
        return [
            Exposure(unique, name, raw, self.reads(raw), owner_of(raw))
            for unique, raw in sorted(mapping(self.manifest.get("exposures")).items())
            if isinstance(raw, dict) and (name := text(raw.get("name")))
        ]

    def owner(self, node: Node) -> Owner:
        """Return who owns a relation: as it says itself, else as its group says."""
        own = owner_of(node.meta)
        return own if own.names else owner_of(self.groups.get(node.group, {}))


def meta_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the free properties of a node or column: of its own and of its configuration."""
    return {**mapping(mapping(raw.get("config")).get("meta")), **mapping(raw.get("meta"))}


def tags_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags of a node or column; a single one may stand without a list."""
    found: dict[str, None] = {}
    for tags in (raw.get("tags"), mapping(raw.get("config")).get("tags")):
        for tag in tags if isinstance(tags, list) else [tags]:
            if short := text(tag, 64).strip():
                found[short] = None
    return tuple(found)


def owner_of(raw: Mapping[str, Any]) -> Owner:
    """Return the owner of an exposure, a group or a `meta`: an object or just a name."""
    owner = raw.get("owner")
    if isinstance(owner, dict):
        email = owner.get("email")
        first = email[0] if isinstance(email, list) and email else email
        return Owner(text(owner.get("name"), 200), text(first, 200))
    return Owner(text(owner, 200)) if isinstance(owner, str) else Owner()


def columns_of(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the columns of a node; each says its name."""
    columns = raw.get("columns")
    if isinstance(columns, dict):
        return [{"name": key, **mapping(one)} for key, one in columns.items()]
    return list(objects(columns))


def _materialized(raw: Mapping[str, Any]) -> str:
    return text(mapping(raw.get("config")).get("materialized")).lower()


def is_view(node: Node) -> bool:
    """Tell whether a relation is a view, by what the store said or by how the project makes it."""
    stored = text(mapping(node.seen.get("metadata")).get("type")).lower()
    return "view" in stored or (not stored and _materialized(node.raw) in VIEWS)


def _depends_on(raw: Mapping[str, Any]) -> Iterable[str]:
    nodes = mapping(raw.get("depends_on")).get("nodes")
    return [one for one in nodes if isinstance(one, str)] if isinstance(nodes, list) else []


def _first_package(manifest: Mapping[str, Any]) -> str:
    packages = (
        text(mapping(n).get("package_name")) for n in mapping(manifest.get("nodes")).values()
    )
    return next(filter(None, packages), "")

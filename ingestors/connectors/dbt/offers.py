"""Which products a dbt project makes up: its groups, a tag or a property; and its exposures. Free of Django."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

from catalog.descriptors import Archetype
from catalog.names import DatasetRef, slugify
from catalog.standards.quality.pipelines import hours_allowed
from catalog.standards.quality.results import mapping, text
from ingestors.connectors.base import Offer, Reading
from ingestors.connectors.dbt.nodes import Exposure, Node, Project, owner_of

By = Literal["group", "tag", "meta", "none"]
Naming = Callable[[Node], str]


def naming(by: By, label: str) -> Naming:
    """Return what names the product of a node: its group, the rest of a tag `label…`, its property `label`."""
    if by == "group":
        return lambda node: node.group
    if by == "tag":
        return lambda node: next(
            (tag.removeprefix(label) for tag in node.tags if tag.startswith(label)), ""
        )
    if by == "meta":
        return lambda node: text(node.meta.get(label), 200)
    return lambda node: ""


def offers_of(project: Project, named: Naming, wanted: Collection[DatasetRef]) -> list[Offer]:
    """Return a product for each name that relations have; keys that cannot be made are left out."""
    members: dict[str, list[Node]] = {}
    names: dict[str, str] = {}
    for node in project.relations.values():
        name = named(node)
        if node.ref in wanted and (key := slugify(name)):
            members.setdefault(key, []).append(node)
            names.setdefault(key, name)
    home = {node.ref: key for key, nodes in members.items() for node in nodes}
    return [_offer(project, key, names[key], nodes, home) for key, nodes in sorted(members.items())]


def consumers_of(project: Project, offers: Iterable[Offer]) -> list[Offer]:
    """Return a product for each exposure: what it reads, and whose it is."""
    taken = {offer.key for offer in offers}
    home = {ref: offer.key for offer in offers for ref in offer.serves}
    found = []
    for exposure in project.exposures:
        key = slugify(exposure.name)
        key = slugify(f"exposure-{exposure.name}") if key in taken else key
        if key and key not in taken:
            taken.add(key)
            found.append(_consumer(exposure, key, home))
    return found


def _offer(
    project: Project,
    key: str,
    name: str,
    nodes: list[Node],
    home: Mapping[DatasetRef, str],
) -> Offer:
    group = project.groups.get(name, {})
    owner = owner_of(group)
    config = mapping(group.get("config"))
    about = text(group.get("description") or mapping(config.get("meta")).get("description"))
    served = [node for node in nodes if not node.is_private]
    read = [ref for node in nodes for ref in project.reads(node.raw) if home.get(ref) != key]
    fresh = {
        node.ref: hours
        for node in served
        if (hours := hours_allowed(mapping(node.raw.get("freshness")))) is not None
    }
    return Offer(
        key=key,
        name=_title(name),
        description=about,
        owners=owner.names,
        support=owner.email,
        serves=tuple(sorted(node.ref for node in served)),
        reads=_readings(read, home),
        fresh=fresh,
    )


def _consumer(exposure: Exposure, key: str, home: Mapping[DatasetRef, str]) -> Offer:
    raw = exposure.raw
    kind = text(raw.get("type"), 40).lower()
    return Offer(
        key=key,
        name=text(raw.get("label"), 200).strip() or _title(exposure.name),
        description=text(raw.get("description"), 100_000),
        archetype=Archetype.CONSUMER_ALIGNED,
        owners=exposure.owner.names,
        support=exposure.owner.email or exposure.owner.name,
        tags=tuple(filter(None, ("exposure", kind))),
        reads=_readings(exposure.reads, home),
    )


def _readings(refs: Iterable[DatasetRef], home: Mapping[DatasetRef, str]) -> tuple[Reading, ...]:
    """Return an input port for each product that is read, and one for what belongs to none."""
    found: dict[str, set[DatasetRef]] = {}
    for ref in refs:
        found.setdefault(home.get(ref, ""), set()).add(ref)
    return tuple(
        Reading(key or "sources", tuple(sorted(some)), key) for key, some in sorted(found.items())
    )


def _title(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ").strip()
    return (words[:1].upper() + words[1:])[:200] or name[:200]

"""Domains and teams get other keys: what was stated under the old ones follows, and goes on counting.

What arrives under a former key is read as if it named the key of today (`today`); what is stored is written
anew once, when the key changes (`follow_domain`, `follow_team`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat, Substr

from catalog.db.batches import batched
from catalog.descriptors import Descriptor, ProductDescriptor
from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import Domain, Layer, Port, Team, User
from catalog.people.domains import move_below
from catalog.people.keys import FormerKeys, take_key
from catalog.people.refusals import need_domain
from catalog.people.teams import group_event
from catalog.registry.receive import digest_of

LOT = 200
_Subject = TypeVar("_Subject", Domain, Team)


def rename_domain(domain: Domain, key: str, *, by: User | None) -> None:
    """Give a domain another key; addresses and documents with the old one go on meaning it.

    Raises PermissionDenied, and ChangeRefused or KeyTaken for a key that it cannot have.
    """
    with transaction.atomic():
        event_log.lock()
        domain.refresh_from_db()
        need_domain(by, domain)
        old, path = domain.key, domain.path
        if key == old:
            return
        take_key(domain, key)
        domain.path = f"{path.removesuffix(f'{old}/')}{key}/"
        domain.save(update_fields=["key", "path"])
        move_below(path, domain.path)
        follow_domain(old, key)
        event_log.record([_renamed(domain, old, by)])


def rename_team(team: Team, key: str, *, by: User | None) -> None:
    """Give a team another key; see `rename_domain`."""
    with transaction.atomic():
        event_log.lock()
        team.refresh_from_db()
        need_domain(by, team.domain)
        old = team.key
        if key == old:
            return
        take_key(team, key)
        team.save(update_fields=["key"])
        follow_team(old, key)
        event_log.record([_renamed(team, old, by)])


def today(descriptors: Sequence[Descriptor]) -> Sequence[Descriptor]:
    """Read descriptors as if they named domains and teams by their keys of today: one query."""
    keys = FormerKeys.load()
    return [_now(one, keys) for one in descriptors] if keys else descriptors


def follow_domain(old: str, key: str) -> None:
    """Let everything that was stated under the key of a domain be stated under another."""
    keys, head = FormerKeys({old: key}, {}), f"{old}/"
    layers = Layer.objects.filter(subject_kind="product")
    for rows, field in (
        (layers.filter(subject_key__startswith=head), "subject_key"),
        (Port.objects.filter(upstream_ref__startswith=head), "upstream_ref"),
    ):
        rows.update(**{field: Concat(Value(f"{key}/"), Substr(field, len(head) + 1))})
    _state_again(layers, keys)
    _state_again(Layer.objects.filter(subject_kind="dataset", content__domain=old), keys)


def follow_team(old: str, key: str) -> None:
    """Let everything that was stated of a team's key, and by its pushes, be stated under another."""
    _state_again(Layer.objects.filter(content__team=old), FormerKeys({}, {old: key}))
    pushed = Layer.objects.filter(source=f"push:{old}")
    same = Layer.objects.filter(
        subject_kind=OuterRef("subject_kind"),
        subject_key=OuterRef("subject_key"),
        kind=OuterRef("kind"),
        source=f"push:{key}",
    )
    pushed.filter(Exists(same)).delete()
    pushed.update(source=f"push:{key}")


def _state_again(layers: QuerySet[Layer], keys: FormerKeys) -> None:
    """Write the statements anew that name a former key."""
    rows = layers.only("content", "digest").order_by("pk")
    for lot in batched(rows.iterator(chunk_size=LOT), LOT):
        changed = [row for row in lot if _restate(row, keys)]
        Layer.objects.bulk_update(changed, ["content", "digest"])


def _restate(layer: Layer, keys: FormerKeys) -> bool:
    content = {**layer.content, **_named(layer.content, keys)}
    if content == layer.content:
        return False
    layer.content, layer.digest = content, digest_of(content)
    return True


def _named(said: Mapping[str, Any], keys: FormerKeys) -> dict[str, Any]:
    """Return the fields of a statement that name domains, teams and products, as they are called today."""
    found: dict[str, Any] = {}
    for name, current in (("domain", keys.domain), ("team", keys.team), ("successor", keys.ref)):
        if said.get(name):
            found[name] = current(said[name])
    if said.get("ports"):
        found["ports"] = [_port(port, keys) for port in said["ports"]]
    return found


def _port(port: Any, keys: FormerKeys) -> Any:
    return {**port, "upstream": keys.ref(port["upstream"])} if port.get("upstream") else port


def _now(descriptor: Descriptor, keys: FormerKeys) -> Descriptor:
    names = (
        ("domain", "team", "successor")
        if isinstance(descriptor, ProductDescriptor)
        else ("domain", "team")
    )
    said = {name: getattr(descriptor, name) for name in names}
    changes: dict[str, Any] = {k: v for k, v in _named(said, keys).items() if v != said[k]}
    if isinstance(descriptor, ProductDescriptor):
        ports = [
            port.model_copy(update={"upstream": keys.ref(port.upstream)}) if port.upstream else port
            for port in descriptor.ports
        ]
        changes |= {"ports": ports} if ports != descriptor.ports else {}
    return descriptor.model_copy(update=changes) if changes else descriptor


def _renamed(subject: Domain | Team, old: str, by: User | None) -> NewEvent:
    kind = "domain" if isinstance(subject, Domain) else "team"
    data = {"name": subject.name, "fields": ["key"], "formerKey": old}
    return group_event(f"{kind}.saved", subject, by, data)

"""Datasets follow the owner of their namespace: when it is claimed, granted or moved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Substr

from catalog.db import bulk
from catalog.descriptors import DatasetDescriptor, LayerKind
from catalog.models import Dataset, Layer, NamespaceClaim, User
from catalog.people.authority import Owner, system
from catalog.people.namespaces import Claims, Domains, NameRights
from catalog.registry.apply import apply
from catalog.registry.receive import digest_of
from catalog.registry.serving import relink
from catalog.visibility import team_token

#: What states the owner of datasets that had none.
SOURCE = "namespace"
OWNING = ("domain", "team")


def datasets_of(claim: NamespaceClaim) -> QuerySet[Dataset]:
    """Return the datasets whose names begin as a claim says, those of narrower claims included."""
    rows = Dataset.objects.filter(namespace=claim.namespace)
    if not claim.prefix:
        return rows
    return rows.alias(head=Substr("name", 1, len(claim.prefix))).filter(head=claim.prefix)


def owners_under(claim: NamespaceClaim) -> list[Owner]:
    """Return who owns the datasets that a new claim would cover, as these say themselves."""
    claims = Claims.load([claim.namespace])
    held = {
        length for length in claims.lengths.get(claim.namespace, ()) if length > len(claim.prefix)
    }
    rows = datasets_of(claim).exclude(team=None, domain=None).filter(gone_at=None).order_by()
    found = rows.values_list("name", "team_id", "domain_id", "domain__team_id")
    narrower = claims.by_namespace.get(claim.namespace, {})
    return list(
        dict.fromkeys(
            Owner(team or lead, domain)
            for name, team, domain, lead in found
            if not any(name[:length] in narrower for length in held)
        )
    )


def take_over(claim: NamespaceClaim, *, at: datetime, harvested: Collection[str] = ()) -> None:
    """Give the datasets of a claim to its owner.

    What others stated of their team and domain is dropped. With `harvested` names, those its owner just read,
    only these and those without any owner are taken.
    """
    claims, domains = Claims.load([claim.namespace]), Domains.load()
    rows = datasets_of(claim).select_related("team").order_by("pk")
    covered = [row for row in rows if claims.find((row.namespace, row.name)) == claim]
    nobodys = [row for row in covered if row.team_id is None and row.domain_id is None]
    others = [
        row
        for row in covered
        if (row.team_id or row.domain_id)
        and (not harvested or row.name in harvested)
        and not _rights_of(row, domains).owns(claim)
    ]
    _drop_owners([row.ref.subject for row in others], claim)
    _adopt([row for row in (*nobodys, *others) if row.gone_at is None], claim, at)
    kept = "" if claim.domain_id or claim.team_id is None else team_token(claim.team_id)
    bulk.update(Dataset, [{"id": row.pk, "kept_for": kept} for row in nobodys if row.kept_for])
    relink([row.pk for row in covered])


def release(datasets: Collection[int]) -> None:
    """Let datasets be seen that were kept apart until their owner told of them."""
    if datasets:
        bulk.update(Dataset, [{"id": pk, "kept_for": ""} for pk in datasets])
        relink(datasets)


def _rights_of(row: Dataset, domains: Domains) -> NameRights:
    return domains.rights_of(row.team_id, row.domain_id, row.team.domain_id if row.team else None)


def _drop_owners(subjects: Sequence[str], claim: NamespaceClaim) -> None:
    """Drop what others than the owner stated of whose datasets are."""
    layers = Layer.objects.filter(subject_kind="dataset", subject_key__among=subjects)
    stated = [row for row in layers if any(name in row.content for name in OWNING)]
    authors = User.objects.in_bulk({row.by_id for row in stated if row.by_id})
    trusted = {pk for pk, user in authors.items() if NameRights.of_person(user).owns(claim)}
    dropped: list[dict[str, Any]] = []
    for row in stated:
        if _is_trusted(row, claim, trusted):
            continue
        content = {name: value for name, value in row.content.items() if name not in OWNING}
        dropped.append({"id": row.pk, "content": content, "digest": digest_of(content)})
    bulk.update(Layer, dropped)


def _is_trusted(layer: Layer, claim: NamespaceClaim, people: Collection[int]) -> bool:
    if layer.by_id is not None:
        return layer.by_id in people
    return layer.kind != LayerKind.HARVESTED or layer.source == claim.source


def _adopt(rows: Iterable[Dataset], claim: NamespaceClaim, at: datetime) -> None:
    """State the owner of datasets; what the owner states later wins."""
    owner = {
        "domain": claim.domain.key if claim.domain else None,
        "team": claim.team.key if claim.team else None,
    }
    keys = {name: key for name, key in owner.items() if key}
    stated = [DatasetDescriptor(namespace=r.namespace, name=r.name, **keys) for r in rows]
    apply(stated, layer=LayerKind.HARVESTED, source=SOURCE, authority=system("namespaces"), at=at)

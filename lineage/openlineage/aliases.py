"""Other names of datasets: symlinks and former names, resolved to one node each.

The newest statement about a name counts. Statements that would make a circle are left out, the oldest
first; a former name that was created anew after the rename stands for itself again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from catalog.db import bulk
from catalog.models import Dataset
from catalog.people.namespaces import tell
from lineage.models import AliasStatement, DatasetAlias, DatasetLifecycle
from lineage.openlineage.authority import Rights
from lineage.openlineage.batch import find_by_address, parts
from lineage.openlineage.datasets import DatasetBatch
from lineage.openlineage.marks import Mark
from lineage.openlineage.parse import Address, read_address

#: How many steps a chain of names is followed.
MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class NameClaim:
    """The dataset at `target` says that `alias` is its other, or former, name."""

    alias: Address
    target: Address
    kind: str
    type: str
    mark: Mark


def resolve(
    statements: Iterable[NameClaim], created: Mapping[Address, datetime]
) -> dict[Address, NameClaim]:
    """Return the statement that counts for each name; `created`: when a name was last made anew. Pure."""
    chosen: dict[Address, NameClaim] = {}
    for claim in sorted(statements, key=lambda s: (s.mark, s.target, s.kind), reverse=True):
        if claim.alias in chosen or claim.alias == claim.target:
            continue
        is_new_thing = (
            claim.kind == "rename" and created.get(claim.alias, claim.mark.at) > claim.mark.at
        )
        if not is_new_thing and end_of(claim.target, chosen) != claim.alias:
            chosen[claim.alias] = claim
    return chosen


def end_of(address: Address, chosen: Mapping[Address, NameClaim]) -> Address:
    """Follow a name to the dataset it stands for."""
    while address in chosen:
        address = chosen[address].target
    return address


def write_aliases(named: DatasetBatch, rights: Rights) -> bool:
    """Store what the events of a batch say of names; tell whether any stands for another now."""
    touched = _store_statements(named, rights)
    touched |= _waiting(named.created)
    if not touched:
        return False
    statements = _closure(touched)
    names = touched | {claim.alias for claim in statements}
    ids = {
        a: v[0]
        for a, v in find_by_address(
            Dataset.objects.all(), names | {s.target for s in statements}, "pk"
        ).items()
    }
    chosen = resolve(statements, _created(names & ids.keys(), ids))
    return _store(names, chosen, ids)


def _store_statements(named: DatasetBatch, rights: Rights) -> set[Address]:
    """Replace what datasets say of their names; return the names concerned."""
    claims = [*_symlinks(named), *_renames(named)]
    sources = {
        named.ids[address]
        for (address, name, _), facet in named.facets.items()
        if name == "symlinks" and facet.is_new
    }
    former = AliasStatement.objects.filter(dataset__in=sources, kind="symlink")
    known = {
        (ns, n, d): pk
        for ns, n, d, pk in former.values_list("namespace", "name", "dataset_id", "pk")
    }
    whose = tell({s.alias for s in claims}, rights.authority.names)
    claims = [s for s in claims if whose[s.alias].standing != "foreign"]
    kept = {(*s.alias, named.ids[s.target]) for s in claims}
    gone = [pk for key, pk in known.items() if key not in kept]
    AliasStatement.objects.filter(pk__in=gone).delete()
    rows = {(s.alias, s.target, s.kind): _row(s, named.ids[s.target]) for s in claims}
    bulk.upsert(
        AliasStatement,
        list(rows.values()),
        on=("namespace", "name", "dataset_id", "kind"),
        fields=("type", "at", "hash"),
    )
    fresh = {s.alias for s in claims if (*s.alias, named.ids[s.target]) not in known}
    left = {(ns, n) for (ns, n, _), pk in known.items() if pk in set(gone)}
    remade = {c.address for c in named.changes if c.change == "CREATE"}
    again = [s for s in claims if s.alias not in fresh]
    return fresh | left | remade | _contested(again)


def _symlinks(named: DatasetBatch) -> list[NameClaim]:
    found = []
    for (address, name, way), facet in named.facets.items():
        if name != "symlinks" or way or not facet.is_new or facet.body is None:
            continue
        listed = facet.body.get("identifiers")
        for identifier in listed if isinstance(listed, list) else ():
            alias = read_address(identifier, "")[0] if isinstance(identifier, Mapping) else None
            if alias is not None and alias != address:
                kind = str(identifier.get("type") or "")[:40]
                found.append(NameClaim(alias, address, "symlink", kind, facet.mark))
    return found


def _renames(named: DatasetBatch) -> list[NameClaim]:
    newest: dict[tuple[Address, Address], NameClaim] = {}
    for change in named.changes:
        if change.change == "RENAME" and change.previous is not None:
            pair = (change.previous, change.address)
            claim = NameClaim(change.previous, change.address, "rename", "", change.mark)
            if pair not in newest or claim.mark > newest[pair].mark:
                newest[pair] = claim
    return _not_older(named, list(newest.values()))


def _not_older(named: DatasetBatch, claims: Sequence[NameClaim]) -> list[NameClaim]:
    """Leave out renames of which a newer telling is known."""
    rows = AliasStatement.objects.filter(
        kind="rename", dataset__in={named.ids[s.target] for s in claims}
    )
    known = {
        ((ns, name), dataset): Mark(at, digest)
        for ns, name, dataset, at, digest in rows.values_list(
            "namespace", "name", "dataset_id", "at", "hash"
        )
    }
    return [
        s for s in claims if (k := known.get((s.alias, named.ids[s.target]))) is None or s.mark > k
    ]


def _row(claim: NameClaim, dataset: int) -> dict[str, object]:
    return {
        "namespace": claim.alias[0],
        "name": claim.alias[1],
        "dataset_id": dataset,
        "kind": claim.kind,
        "type": claim.type,
        "at": claim.mark.at,
        "hash": claim.mark.hash,
    }


def _contested(claims: Sequence[NameClaim]) -> set[Address]:
    """Return the names of which a newer telling may change who they stand for.

    Renames, names that several datasets claim, and names that stand for another name.
    """
    counts: dict[Address, int] = {}
    for part in parts({a for s in claims for a in (s.alias, s.target)}):
        for namespace, name in _about(part).values_list("namespace", "name"):
            counts[namespace, name] = counts.get((namespace, name), 0) + 1
    return {
        s.alias
        for s in claims
        if s.kind == "rename" or counts.get(s.alias, 0) > 1 or s.target in counts
    }


def _waiting(created: Collection[Address]) -> set[Address]:
    """Return the new datasets whose name is known as another's already."""
    return set(find_by_address(DatasetAlias.objects.all(), created, "pk"))


def _about(names: Collection[Address]) -> Any:
    return AliasStatement.objects.filter(
        namespace__in={ns for ns, _ in names}, name__in={name for _, name in names}
    )


def _closure(touched: Collection[Address]) -> list[NameClaim]:
    """Read the statements that bear on these names, over chains of names."""
    found: dict[int, NameClaim] = {}
    names, fresh = set(touched), set(touched)
    for _ in range(MAX_STEPS):
        if not fresh:
            break
        rows: dict[int, NameClaim] = {}
        for part in parts(fresh):
            near = Q(namespace__in={n for n, _ in part}, name__in={n for _, n in part})
            near |= Q(
                dataset__namespace__in={n for n, _ in part}, dataset__name__in={n for _, n in part}
            )
            rows |= _read(near)
        rows = {pk: s for pk, s in rows.items() if s.alias in names or s.target in names}
        found |= rows
        fresh = {a for s in rows.values() for a in (s.alias, s.target)} - names
        names |= fresh
    return list(found.values())


def _read(near: Q) -> dict[int, NameClaim]:
    rows = AliasStatement.objects.filter(near).values_list(
        "pk",
        "namespace",
        "name",
        "dataset__namespace",
        "dataset__name",
        "kind",
        "type",
        "at",
        "hash",
    )
    return {
        pk: NameClaim((ns, name), (own_ns, own), kind, type_, Mark(at, digest))
        for pk, ns, name, own_ns, own, kind, type_, at, digest in rows
    }


def _created(names: Collection[Address], ids: Mapping[Address, int]) -> dict[Address, datetime]:
    addresses = {ids[address]: address for address in names}
    found: dict[Address, datetime] = {}
    rows = DatasetLifecycle.objects.filter(dataset__in=addresses, change="CREATE").order_by("at")
    for dataset, at in rows.values_list("dataset_id", "at"):
        found[addresses[dataset]] = at
    return found


def _store(
    names: Collection[Address], chosen: Mapping[Address, NameClaim], ids: Mapping[Address, int]
) -> bool:
    fields = ("pk", "dataset_id", "node_id", "kind", "type", "since")
    known = find_by_address(DatasetAlias.objects.all(), names, *fields)
    wanted = {
        alias: (
            ids.get(alias),
            ids[end_of(claim.target, chosen)],
            claim.kind,
            claim.type,
            _since(claim),
        )
        for alias, claim in chosen.items()
        if alias in names
    }
    gone = [row[0] for address, row in known.items() if address not in wanted]
    DatasetAlias.objects.filter(pk__in=gone).delete()
    differ = {a: v for a, v in wanted.items() if a not in known or known[a][1:] != v}
    rows = [
        {
            "namespace": alias[0],
            "name": alias[1],
            "dataset_id": dataset,
            "node_id": node,
            "kind": kind,
            "type": type_,
            "since": since,
        }
        for alias, (dataset, node, kind, type_, since) in differ.items()
    ]
    columns = ("dataset_id", "node_id", "kind", "type", "since")
    bulk.upsert(DatasetAlias, rows, on=("namespace", "name"), fields=columns)
    return bool(gone) or any(a not in known or known[a][1:3] != v[:2] for a, v in differ.items())


def _since(claim: NameClaim) -> datetime | None:
    return claim.mark.at if claim.kind == "rename" else None


def link_aliases(datasets: Collection[int]) -> bool:
    """Tie names that were known alone to the datasets of a harvest; tell whether there were any."""
    if not DatasetAlias.objects.filter(dataset=None).exists():
        return False
    rows = Dataset.objects.filter(pk__in=datasets).values_list("namespace", "name", "pk")
    ids = {(namespace, name): pk for namespace, name, pk in rows}
    alone = find_by_address(DatasetAlias.objects.filter(dataset=None), ids, "pk")
    bulk.update(
        DatasetAlias, [{"id": row[0], "dataset_id": ids[address]} for address, row in alone.items()]
    )
    return bool(alone)

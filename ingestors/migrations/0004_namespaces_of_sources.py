"""Namespaces have owners now: what existing sources read is theirs, and what one team alone has is this team's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import migrations

#: Connectors that read stores themselves; others tell of the stores of others.
READING = ("sql", "files")


def claim_namespaces(apps: Any, schema_editor: Any) -> None:
    """Claim for sources in the order they were made, then for teams that have a namespace for themselves."""
    dataset, claim = apps.get_model("catalog", "Dataset"), apps.get_model("catalog", "NamespaceClaim")
    rows = dataset.objects.order_by("pk").values_list("namespace", "name", "kind", "team_id", "domain_id")
    known = {f"{row[0]} {row[1]}": row for row in rows.iterator(chunk_size=5000)}
    free = dict(known)
    for source in apps.get_model("ingestors", "Source").objects.order_by("created_at", "pk"):
        if source.connector in READING:
            for namespace, prefix in _claim_of_source(apps, source, free):
                claim.objects.create(
                    namespace=namespace,
                    prefix=prefix,
                    team_id=source.team_id,
                    domain_id=source.domain_id,
                    origin="named" if source.config.get("namespace") else "harvested",
                    source=f"source:{source.key}",
                )
    domains = dict(apps.get_model("catalog", "Team").objects.values_list("pk", "domain_id"))
    taken = set(claim.objects.values_list("namespace", flat=True))
    for namespace, team in _held_by_one(known.values()):
        if namespace not in taken:
            claim.objects.create(
                namespace=namespace, team_id=team, domain_id=domains.get(team), origin="former"
            )


def _claim_of_source(apps: Any, source: Any, free: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a source claims of the names that are still free, which are no longer free then."""
    layers = apps.get_model("catalog", "Layer").objects.filter(
        subject_kind="dataset", kind="harvested", source=f"source:{source.key}"
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject in layers.values_list("subject_key", flat=True):
        if subject in free:
            namespace, name, kind, *_ = free[subject]
            found[namespace].append((name, kind))
    claimed = []
    for namespace, read in found.items():
        separator = "/" if any(kind == "file" for _, kind in read) else "."
        prefix = _common_head([name for name, _ in read], separator)
        claimed.append((namespace, prefix))
        for subject in [s for s, r in free.items() if r[0] == namespace and r[1].startswith(prefix)]:
            del free[subject]
    return claimed


def _common_head(names: list[str], separator: str) -> str:
    first, last = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    head = first[:same]
    return head[: head.rfind(separator) + 1]


def _held_by_one(rows: Iterable[Any]) -> list[tuple[str, int]]:
    teams: dict[str, set[int | None]] = defaultdict(set)
    for namespace, _, _, team, _ in rows:
        teams[namespace].add(team)
    return [
        (namespace, team)
        for namespace, found in teams.items()
        if len(found) == 1
        for team in found
        if team is not None
    ]


class Migration(migrations.Migration):
    """Only rows."""

    dependencies = [
        ("ingestors", "0003_chores_name_tasks_of_the_catalog"),
        ("catalog", "0013_namespaces"),
    ]

    operations = [migrations.RunPython(claim_namespaces, migrations.RunPython.noop)]

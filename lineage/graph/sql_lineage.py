"""What a statement of SQL does, told with the datasets one may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from catalog.models import Dataset
from lineage.graph.node_visibility import Viewer
from lineage.graph.nodes import dataset_nodes
from lineage.graph.table_resolver import TableResolver
from lineage.graph.types import GraphNode
from lineage.sql import Script, read_script

MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class SqlLineage:
    """A script as read, and which dataset each name means; names of hidden and of unknown ones mean none."""

    script: Script
    meant: dict[str, GraphNode]


def sql_lineage(
    sql: str, *, user: Viewer, dialect: str = "", namespace: str = "", schema: str = ""
) -> SqlLineage:
    """Read SQL with what is known of the datasets one may see, in a namespace, beside a default schema."""
    first = read_script(sql, dialect)
    names = {name for s in first.statements for name in (*s.reads, *s.writes) if name}
    found = _named(sorted(names)[:MOST_NAMES], namespace, schema, user)
    tables = TableResolver([])
    tables.load_columns(set(found.values()))
    script = read_script(sql, dialect, lambda name: tables.columns(found.get(name)))
    nodes = dataset_nodes(dict.fromkeys(found.values(), 0), user=user)
    return SqlLineage(script, {name: nodes[pk] for name, pk in found.items() if pk in nodes})


def _named(names: Iterable[str], namespace: str, schema: str, user: Viewer) -> dict[str, int]:
    """Return the one visible dataset meant by each name: its whole name, beside the schema, or its end."""
    rows = Dataset.objects.visible_to(user).present().order_by()
    if namespace:
        rows = rows.filter(namespace=namespace)
    wanted = list(names)
    if not wanted:
        return {}
    tails = Q()
    for name in wanted:
        tails |= Q(name__iexact=name)
        if namespace:
            tails |= Q(name__iendswith=f".{name}")
        if schema:
            tails |= Q(name__iexact=f"{schema}.{name}")
    whole: dict[str, set[int]] = {}
    ends: dict[str, set[int]] = {}
    for pk, name in rows.filter(tails).values_list("pk", "name")[:20_000]:
        parts = name.lower().split(".")
        whole.setdefault(name.lower(), set()).add(pk)
        for start in range(1, len(parts)):
            ends.setdefault(".".join(parts[start:]), set()).add(pk)
    found = {}
    for name in wanted:
        key = name.lower()
        beside = f"{schema}.{name}".lower()
        places = [whole.get(key), whole.get(beside), ends.get(beside) if schema else None]
        places.append(ends.get(key))
        near = next((pks for pks in places if pks), set())
        if len(near) == 1:
            found[name] = next(iter(near))
    return found

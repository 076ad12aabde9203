"""Which stored datasets may whoever speaks measure, or call gone? Asked for many at once."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Dataset
from catalog.people.authority import Authority
from catalog.people.namespaces import tell
from catalog.registry.ownership import kept_from


def editable(rows: Sequence[Dataset], authority: Authority) -> frozenset[int]:
    """Return the ids of the datasets that are not somebody else's: a fixed number of queries."""
    if authority.is_unlimited or not rows:
        return frozenset(row.pk for row in rows)
    found = tell({(row.namespace, row.name) for row in rows}, authority.names)
    found |= kept_from(found, authority)
    return frozenset(row.pk for row in rows if found[row.namespace, row.name].standing != "foreign")

"""Number the changes of the graph, so that a copy in memory can follow them.

On PostgreSQL every writer holds one advisory lock from here until its transaction ends, so numbers commit
in order and a reader that has come to a number has missed nothing before it (compare `catalog.events.log`).
Call it last in a transaction, to hold the lock for a moment only.
"""

from __future__ import annotations

from collections.abc import Collection

from catalog.db.locks import LockKey, lock_until_commit
from lineage.models import LineageChange

#: More changed edges than this are not listed.
MAX_LISTED = 20_000


def record_change(edges: Collection[int], *, has_aliases: bool = False) -> int | None:
    """Record in the caller's transaction what changed; return its number, None for nothing."""
    if not edges and not has_aliases:
        return None
    is_whole = len(edges) > MAX_LISTED
    lock_until_commit(LockKey.LINEAGE_CHANGES)
    row = LineageChange.objects.create(
        edges=[] if is_whole else sorted(edges), has_aliases=has_aliases, is_whole=is_whole
    )
    return row.pk


def version() -> int:
    """Return the number of the newest change; 0 where there is none."""
    return LineageChange.objects.order_by("-id").values_list("id", flat=True).first() or 0

"""Number the changes of the graph, so that a copy in memory can follow them.

On PostgreSQL every writer holds one advisory lock from here until its transaction ends, so numbers commit
in order and a reader that has come to a number has missed nothing before it (compare `catalog.events`).
Call it last in a transaction, to hold the lock for a moment only.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from lineage.models import LineageChange

_LOCK = 7_305_809
#: More changed edges than this are not listed.
MAX_LISTED = 20_000


def record_change(edges: Collection[int], *, has_aliases: bool = False) -> int | None:
    """Record in the caller's transaction what changed; return its number, None for nothing."""
    if not edges and not has_aliases:
        return None
    is_whole = len(edges) > MAX_LISTED
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    row = LineageChange.objects.create(
        edges=[] if is_whole else sorted(edges), has_aliases=has_aliases, is_whole=is_whole
    )
    return row.pk


def version() -> int:
    """Return the number of the newest change; 0 where there is none."""
    return LineageChange.objects.order_by("-id").values_list("id", flat=True).first() or 0

"""Whether all that a product is made of is well: what failed or is stale first, however far before it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from lineage.graph.causes import Cause

MOST_TOLD = 3


def told(causes: Sequence[Cause]) -> dict[str, object]:
    """Return what a page says of causes: the roots, how many more there are, whether any failed."""
    roots = [cause for cause in causes if cause.is_root] or list(causes)
    return {
        "late": roots[:MOST_TOLD],
        "left": max(0, len(causes) - MOST_TOLD),
        "has_failed": any(cause.reason == "failed" for cause in roots),
        "today": timezone.now().date(),
    }

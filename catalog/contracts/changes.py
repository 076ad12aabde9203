"""What a new version of a contract changes, whether the domain takes it, and the word that goes out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from catalog.contracts.errors import Refused
from catalog.events.log import NewEvent, record
from catalog.models import Contract, User
from catalog.registry.outcomes import Problem
from catalog.standards.odcs.contract import DRAFTS
from catalog.standards.odcs.verdicts import Change, Comparison, judge
from catalog.standards.versions import newest_first, order_of, place_of

#: How many changes an event names; the comparison of the two versions names all.
MOST_TOLD = 20
PUBLISHED = "contract.published"


def before_of(version: str, others: Iterable[Contract]) -> Contract | None:
    """Return the version that another one follows: the next lower in force, else the newest there is."""
    others = list(others)
    rows = [row for row in others if row.version != version and row.document]
    in_force = newest_first([row for row in rows if row.status not in DRAFTS])
    known = [row.created_at for row in others if row.version == version]
    place = place_of(version, known[0] if known else timezone.now())
    lower = [row for row in in_force if order_of(row) < place]
    return next(iter(lower or in_force), None)


def compared(before: Contract, document: dict[str, Any]) -> Comparison:
    """Compare a version with a document that is to follow it."""
    return judge(before.document, document)


def check_policy(comparison: Comparison, status: str, policy: str) -> None:
    """Raise Refused for a break without a new major version, where the domain refuses it."""
    if status in DRAFTS or policy != "refuse" or comparison.is_numbered_enough:
        return
    wrong = [change for change in comparison.changes if change.consumer == "error"]
    reasons = "; ".join(f"{change.path}: {change.reason}" for change in wrong[:5])
    more = f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    message = f"breaks consumers of {comparison.before}: {reasons}{more}. Publish it as {comparison.suggested}"
    raise Refused([Problem("version", comparison.after, message)])


def announce(
    contract: Contract, before: Contract | None, comparison: Comparison | None, by: User
) -> None:
    """Write the event that a version was published, with what it changes for consumers."""
    product = contract.product
    data: dict[str, object] = {
        "contract": contract.key,
        "version": contract.version,
        "port": contract.port_name,
        "status": contract.status,
    }
    if before is not None and comparison is not None:
        data |= {
            "before": before.version,
            "consumer": comparison.consumer,
            "producer": comparison.producer,
            "suggested": comparison.suggested,
            "flagged": not comparison.is_numbered_enough,
            "told": [_told(change) for change in _weighty(comparison)[:MOST_TOLD]],
            "count": len(comparison.changes),
        }
    record(
        [
            NewEvent(
                type=PUBLISHED,
                actor=by,
                actor_name=str(by),
                subject_kind="product",
                subject_key=str(product.ref),
                subject_id=product.pk,
                product_id=product.pk,
                audience=product.audience,
                data=data,
            )
        ]
    )


def _weighty(comparison: Comparison) -> list[Change]:
    rank = {"error": 0, "warning": 1, "info": 2}
    explained = [change for change in comparison.changes if change.reason]
    return sorted(explained, key=lambda change: rank[change.consumer])


def _told(change: Change) -> dict[str, object]:
    return {"path": change.path, "consumer": change.consumer, "reason": change.reason[:300]}

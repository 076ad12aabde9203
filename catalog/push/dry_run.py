"""What a contract would change, and for whom: for a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.access.consumers import users_of
from catalog.contracts.changes import before_of
from catalog.contracts.selectors import document_for, may_publish, versions_of
from catalog.models import Follow, Grant, Port, Product, User
from catalog.standards.diagnostics import errors
from catalog.standards.odcs.contract import key_of
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.verdicts import Change, Comparison, judge
from catalog.standards.reading import Document

_SHOWN = 200


def compared(document: Document, by: User) -> dict[str, Any]:
    """Return `comparison` and `affected` of a contract, as far as the sender may publish it; else nothing.

    A contract that breaks the standard is compared with nothing.
    """
    content = document.content
    if errors(lint(document)):
        return {}
    key, version = key_of(content)
    rows = [row for row in versions_of(key, by) if may_publish(by, row.product)]
    same = next((row for row in rows if row.version == version), None)
    older = same or before_of(version, rows)
    if older is None:
        return {}
    found = judge(document_for(older, by), content)
    return {"comparison": _comparison(found), "affected": affected(older.product, by)}


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "before": found.before,
        "after": found.after,
        "consumer": found.consumer,
        "producer": found.producer,
        "isBreaking": found.is_breaking,
        "isNumberedEnough": found.is_numbered_enough,
        "suggestedVersion": found.suggested,
        "changes": [_change(change) for change in found.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "path": change.path,
        "what": change.what,
        "before": change.difference.before,
        "after": change.difference.after,
        "consumer": change.consumer,
        "producer": change.producer,
        "reason": change.reason,
    }


def affected(product: Product, by: User) -> Mapping[str, Any]:
    """Return who uses a product, as far as the sender may know: for its owners and engineers."""
    grants = Grant.objects.current().filter(port__product=product)
    reading = Port.objects.filter(direction="in", upstream=product).values("product")
    below = Product.objects.visible_to(by).filter(pk__in=reading).select_related("domain", "team")
    people = users_of([product], {}).get(product.pk, frozenset())
    followers = Follow.objects.filter(product=product).values_list("user_id", flat=True)
    return {
        "followers": len(followers),
        "grants": [
            {
                "user": str(grant.user) if grant.user else None,
                "team": grant.team.name if grant.team else None,
                "port": grant.port.name,
            }
            for grant in grants.select_related("user", "team", "port").order_by("pk")[:_SHOWN]
        ],
        "products": [
            {
                "dataProductGUID": row.guid,
                "readableDataProductKey": str(row.ref),
                "displayname": row.name,
                "owner": row.team.name if row.team else "",
            }
            for row in below.order_by("name", "pk")[:_SHOWN]
        ],
        "peopleTold": len({*people, *followers} - {by.pk}),
    }

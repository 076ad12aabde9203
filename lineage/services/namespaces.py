"""Jobs follow the owner of their namespace."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Substr

from catalog.models import NamespaceClaim
from catalog.people.namespaces import Claims
from catalog.visibility import SIGNED_IN
from lineage.models import Job


def hand_over(claim: NamespaceClaim, token: str, **_: Any) -> None:
    """Let the owner of a claim see the jobs that were kept apart for whoever sent them."""
    rows = Job.objects.filter(namespace=claim.namespace).exclude(audience=SIGNED_IN)
    if claim.prefix:
        rows = rows.alias(head=Substr("name", 1, len(claim.prefix))).filter(head=claim.prefix)
    claims = Claims.load([claim.namespace])
    own = [
        pk
        for pk, name in rows.values_list("pk", "name")
        if claims.find((claim.namespace, name)) == claim
    ]
    Job.objects.filter(pk__among=own).update(audience=token)

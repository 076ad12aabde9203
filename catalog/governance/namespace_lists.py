"""Claims on namespaces as they are listed: with how many datasets each covers."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Length, Substr

from catalog.models import Dataset, NamespaceClaim, User


def listed(user: User | AnonymousUser) -> QuerySet[NamespaceClaim]:
    """Return the claims a person may know of, each with the `dataset_count` they may see."""
    covered = datasets_under(
        OuterRef("namespace"), OuterRef("prefix"), OuterRef(OuterRef("prefix"))
    )
    seen = covered.filter(pk__in=Dataset.objects.visible_to(user).values("pk"))
    count = seen.order_by().values("namespace").annotate(n=Count("pk")).values("n")
    rows = NamespaceClaim.objects.visible_to(user).select_related(
        "team", "domain", "by", "disputed_by"
    )
    none = Value(0, output_field=IntegerField())
    return rows.annotate(dataset_count=Coalesce(Subquery(count), none))


def datasets_of(claim: NamespaceClaim, user: User | AnonymousUser) -> QuerySet[Dataset]:
    """Return the datasets of a claim that a person may see: what `dataset_count` counts."""
    rows = datasets_under(Value(claim.namespace), Value(claim.prefix), Value(claim.prefix))
    return rows.filter(pk__in=Dataset.objects.visible_to(user).values("pk"))


def datasets_under(
    namespace: OuterRef | Value, prefix: OuterRef | Value, prefix_below: OuterRef | Value
) -> QuerySet[Dataset]:
    """Return the datasets that are there under a prefix and not under a longer one that is claimed.

    `prefix_below` is the prefix as a query within this one says it.
    """
    narrower = (
        NamespaceClaim.objects.filter(namespace=OuterRef("namespace"))
        .alias(head=Substr(OuterRef("name"), 1, Length("prefix")), size=Length("prefix"))
        .filter(head=F("prefix"), size__gt=Length(prefix_below))
    )
    rows = Dataset.objects.present().filter(namespace=namespace)
    under = rows.alias(head=Substr("name", 1, Length(prefix))).filter(head=prefix)
    return under.exclude(Exists(narrower))

"""Claims on namespaces as they are listed: with how many datasets each covers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Length, Substr

from catalog.models import Dataset, NamespaceClaim, Team, User
from catalog.visibility import person_token, team_token


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


def unclaimed(user: User | AnonymousUser) -> QuerySet[Any, Any]:
    """Return the names that nobody owns: one row a namespace and sender, `namespace`, `kept_for`, `datasets`, `since`.

    What a person sent, or one of their teams; of everybody for platform admins.
    """
    rows = Dataset.objects.present().visible_to(user).exclude(kept_for="").order_by()
    grouped = rows.values("namespace", "kept_for").annotate(
        datasets=Count("pk"), since=Min("created_at")
    )
    return grouped.order_by("namespace", "kept_for")


def sender_names(tokens: Collection[str]) -> dict[str, str]:
    """Return the names of the teams and people that names are kept for, by token: two queries."""
    teams, people = (
        {int(pk) for kind, _, pk in (token.partition(":") for token in tokens) if kind == wanted}
        for wanted in ("team", "user")
    )
    names = {team_token(team.pk): str(team) for team in Team.objects.filter(pk__in=teams)}
    return names | {person_token(one.pk): str(one) for one in User.objects.filter(pk__in=people)}


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

"""Who uses a product: the people and teams that hold a current grant, and the products that read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from catalog.models import Grant, Membership, Port, Product, Role

#: A plain member of the owning team is told of decisions, not of every change.
ACTING = (Role.OWNER, Role.STEWARD, Role.ENGINEER)


def recount_consumers(product_ids: Iterable[int]) -> None:
    """Set `Product.consumer_count` of these products; one query."""
    current = Grant.objects.current().filter(port__product=OuterRef("pk")).order_by()
    counted = current.values("port__product").annotate(
        n=Count("user", distinct=True) + Count("team", distinct=True)
    )
    Product.objects.filter(pk__in=set(product_ids)).update(
        consumer_count=Coalesce(Subquery(counted.values("n")), 0, output_field=IntegerField())
    )


def users_of(
    products: Iterable[Product], keepers: Mapping[int, Collection[int]]
) -> dict[int, frozenset[int]]:
    """Return everybody whom a change of the data concerns, by product id; four queries."""
    found = {row.pk: set(keepers.get(row.pk, ())) for row in products}
    grants = Grant.objects.current().filter(port__product__in=found)
    held = list(grants.values_list("port__product_id", "user_id", "team_id"))
    reading = Port.objects.filter(direction="in", upstream__in=found)
    below = list(reading.values_list("upstream_id", "product__team_id", "product__domain__team_id"))
    teams = members_of(team for _, _, team in held)
    owners = members_of((team or fallback for _, team, fallback in below), ACTING)
    for product, person, team in held:
        found[product] |= ({person} if person else set()) | teams.get(team or 0, set())
    for product, team, fallback in below:
        found[product or 0] |= owners.get(team or fallback or 0, set())
    return {pk: frozenset(people) for pk, people in found.items()}


def members_of(
    teams: Iterable[int | None], roles: Collection[Role] = tuple(Role)
) -> dict[int, set[int]]:
    """Return the members of teams who have one of these roles, by team id; one query."""
    found: dict[int, set[int]] = defaultdict(set)
    wanted = {team for team in teams if team}
    if wanted:
        rows = Membership.objects.filter(team__in=wanted, role__in=roles)
        for team, user in rows.values_list("team_id", "user_id"):
            found[team].add(user)
    return found

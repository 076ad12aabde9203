"""The visibility tokens of many people at once: the set-based companion of `visibility.viewer_tokens`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from catalog.models import Domain, DomainSteward, Membership, Team, User
from catalog.visibility import PUBLIC, SIGNED_IN, domain_token, person_token, team_token


def tokens_of(user_ids: Collection[int]) -> dict[int, frozenset[str] | None]:
    """Return the tokens of each active person (None: no limit) in five queries.

    People who are unknown or may not sign in are left out.
    """
    people = dict(
        User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", "is_superuser")
    )
    paths = dict(Domain.objects.values_list("pk", "path"))
    tokens: dict[int, set[str]] = {pk: {PUBLIC, SIGNED_IN, person_token(pk)} for pk in people}
    homes: dict[int, set[str]] = defaultdict(set)
    memberships = Membership.objects.filter(user__in=people)
    for user, team, domain in memberships.values_list("user_id", "team_id", "team__domain_id"):
        tokens[user].add(team_token(team))
        if domain in paths:
            homes[user].add(paths[domain])
    stewarded: dict[int, set[str]] = defaultdict(set)
    stewardships = DomainSteward.objects.filter(user__in=people)
    for user, domain in stewardships.values_list("user_id", "domain_id"):
        stewarded[user].add(paths[domain])
    for user in homes.keys() | stewarded.keys():
        tokens[user] |= {
            domain_token(domain)
            for domain, path in paths.items()
            if _is_below(path, stewarded[user])
            or any(path.startswith(home) or home.startswith(path) for home in homes[user])
        }
    if stewarded:
        for team, domain in Team.objects.exclude(domain=None).values_list("pk", "domain_id"):
            for user, own in stewarded.items():
                if domain in paths and _is_below(paths[domain], own):
                    tokens[user].add(team_token(team))
    return {pk: None if is_admin else frozenset(tokens[pk]) for pk, is_admin in people.items()}


def _is_below(path: str, tops: Collection[str]) -> bool:
    return any(path.startswith(top) for top in tops)

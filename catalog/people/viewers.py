"""Who sees what: the visibility tokens of one person, and of many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import cast

from catalog.models import Dataset, Domain, DomainSteward, Membership, Team, User
from catalog.visibility import (
    PUBLIC,
    SIGNED_IN,
    Tokens,
    domain_token,
    person_token,
    team_token,
)


def read_tokens(user: object) -> Tokens:
    """Return the tokens a person holds; None means no limit (platform admin).

    Kept on the user object for the length of a request: three queries at most, once.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset({PUBLIC})
    if user.is_superuser:
        return None
    known = user.__dict__.get("_viewer_tokens")
    if known is None:
        known = user.__dict__["_viewer_tokens"] = _tokens_of(user)
    return cast("frozenset[str]", known)


def without_hidden_domains(rows: Iterable[Dataset], user: object) -> None:
    """Take hidden domains from datasets that are about to be shown: a product may serve what lies in one."""
    tokens = read_tokens(user)
    if tokens is None:
        return
    for row in rows:
        if row.domain is not None and row.domain.audience not in tokens:
            row.domain = None


def forget_tokens(user: User) -> None:
    """Drop the kept tokens and roles after a change of memberships in the same process."""
    user.__dict__.pop("_viewer_tokens", None)
    user.__dict__.pop("_standing", None)


def _tokens_of(user: User) -> frozenset[str]:
    tokens = {PUBLIC, SIGNED_IN, person_token(user.pk)}
    own: list[tuple[int, int | None]] = list(
        Team.objects.filter(memberships__user=user).values_list("id", "domain_id")
    )
    tokens.update(team_token(team) for team, _ in own)
    tokens.update(domain_token(domain) for _, domain in own if domain is not None)
    rows = list(Domain.objects.values_list("id", "path", "stewardships__user_id"))
    home = {domain for _, domain in own}
    home_paths = [path for pk, path, _ in rows if pk in home]
    stewarded = {path for _, path, steward in rows if steward == user.pk}
    below: set[int] = set()
    for pk, path, _ in rows:
        if any(path.startswith(top) for top in stewarded):
            below.add(pk)
            tokens.add(domain_token(pk))
        elif any(path.startswith(home) or home.startswith(path) for home in home_paths):
            tokens.add(domain_token(pk))
    if below:
        tokens.update(
            team_token(pk)
            for pk in Team.objects.filter(domain_id__in=below).values_list("id", flat=True)
        )
    return frozenset(tokens)


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

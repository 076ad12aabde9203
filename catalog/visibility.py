"""Who may see what: one predicate.

Each row that can be hidden carries one token, its *audience*: `public`, `signed-in`, `domain:<id>`,
`team:<id>` or `user:<id>`. Each person holds a set of such tokens. A row is visible when its token is
in the set; a platform admin (`None`: no limit) sees every row. The same tokens filter querysets and
search documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.apps import apps
from django.contrib.auth.models import AnonymousUser

if TYPE_CHECKING:
    from catalog.models import User

PUBLIC = "public"
SIGNED_IN = "signed-in"

Viewer = "User | AnonymousUser"


def domain_token(domain_id: int) -> str:
    """Name the teams of a domain, of those above and below it, and their stewards."""
    return f"domain:{domain_id}"


def team_token(team_id: int) -> str:
    """Name the members of a team, and the stewards above it."""
    return f"team:{team_id}"


def person_token(user_id: int) -> str:
    """Name one person, for what concerns nobody else."""
    return f"user:{user_id}"


def audience_of(visibility: str, *, domain_id: int, team_id: int | None) -> str:
    """Return the token a viewer needs; without an owning team, `team` narrows to the domain."""
    if visibility == "everyone":
        return PUBLIC
    if visibility == "signed-in":
        return SIGNED_IN
    if visibility == "team" and team_id is not None:
        return team_token(team_id)
    return domain_token(domain_id)


def width(audience: str) -> int:
    """Order audiences from widest (0) to narrowest (3)."""
    if audience == PUBLIC:
        return 0
    if audience == SIGNED_IN:
        return 1
    return 2 if audience.startswith("domain:") else 3


def narrower(first: str, second: str) -> str:
    """Return the narrower of two audiences, the first when they are equally wide."""
    return second if width(second) > width(first) else first


def viewer_tokens(user: User | AnonymousUser) -> frozenset[str] | None:
    """Return the tokens a person holds; None means no limit (platform admin).

    Kept on the user object for the length of a request: three queries at most, once.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset({PUBLIC})
    if user.is_superuser:
        return None
    known = user.__dict__.get("_viewer_tokens")
    if known is None:
        known = user.__dict__["_viewer_tokens"] = _tokens_of(user)
    return cast("frozenset[str]", known)


def forget_tokens(user: User) -> None:
    """Drop the kept tokens and roles after a change of memberships in the same process."""
    user.__dict__.pop("_viewer_tokens", None)
    user.__dict__.pop("_standing", None)


def _tokens_of(user: User) -> frozenset[str]:
    domain_model = apps.get_model("catalog", "Domain")
    team_model = apps.get_model("catalog", "Team")
    tokens = {PUBLIC, SIGNED_IN, person_token(user.pk)}
    own: list[tuple[int, int | None]] = list(
        team_model.objects.filter(memberships__user=user).values_list("id", "domain_id")
    )
    tokens.update(team_token(team) for team, _ in own)
    tokens.update(domain_token(domain) for _, domain in own if domain is not None)
    rows = list(domain_model.objects.values_list("id", "path", "stewardships__user_id"))
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
            for pk in team_model.objects.filter(domain_id__in=below).values_list("id", flat=True)
        )
    return frozenset(tokens)

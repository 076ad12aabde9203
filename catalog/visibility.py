"""Who may see what: one predicate.

Each row that can be hidden carries one token, its *audience*: `public`, `signed-in`, `domain:<id>`,
`team:<id>` or `user:<id>`. Each person holds a set of such tokens. A row is visible when its token is
in the set; a platform admin (`None`: no limit) sees every row. The same tokens filter querysets and
search documents. Which tokens a person holds is read in `catalog.people.viewers`. Free of Django.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

PUBLIC = "public"
SIGNED_IN = "signed-in"


def domain_token(domain_id: int) -> str:
    """Name the teams of a domain, of those above and below it, and their stewards."""
    return f"domain:{domain_id}"


def team_token(team_id: int) -> str:
    """Name the members of a team, and the stewards above it."""
    return f"team:{team_id}"


def teams_in(tokens: Iterable[str]) -> list[int]:
    """Return the ids of the teams that some tokens name."""
    return [int(one.removeprefix("team:")) for one in tokens if one.startswith("team:")]


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


Tokens = frozenset[str] | None
_read: list[Callable[[object], Tokens]] = []


def viewer_tokens(user: object) -> Tokens:
    """Return the tokens a person holds; None means no limit (platform admin).

    Raises RuntimeError while nothing reads them: nobody sees anything by accident.
    """
    if not _read:
        raise RuntimeError("who sees what cannot be told before the apps are ready")
    return _read[-1](user)


def read_tokens_by(reader: Callable[[object], Tokens]) -> None:
    """Name what reads the tokens of a person; `catalog.people.viewers` does so when Django starts."""
    _read[:] = [reader]

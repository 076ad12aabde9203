"""The states of requests and grants, and every move between them. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RequestMove(StrEnum):
    """What may be done to a request."""

    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"


class GrantMove(StrEnum):
    """What may be done to a grant."""

    REVOKE = "revoke"
    EXPIRE = "expire"
    RENEW = "renew"


#: (state, move) -> next state; what is not here is illegal.
REQUEST_MOVES: Mapping[tuple[str, RequestMove], str] = {
    ("open", RequestMove.APPROVE): "approved",
    ("open", RequestMove.REJECT): "rejected",
    ("open", RequestMove.WITHDRAW): "withdrawn",
}
GRANT_MOVES: Mapping[tuple[str, GrantMove], str] = {
    ("active", GrantMove.REVOKE): "revoked",
    ("active", GrantMove.EXPIRE): "expired",
    ("active", GrantMove.RENEW): "renewed",
}


class IllegalMove(Exception):
    """A move that its state does not allow."""

    def __init__(self, kind: str, state: str, move: str, allowed: tuple[str, ...]) -> None:
        self.state, self.move, self.allowed = state, move, allowed
        choice = ", ".join(allowed) or "nothing"
        super().__init__(f"a {kind} that is {state} cannot {move}; allowed: {choice}")


def request_after(state: str, move: RequestMove) -> str:
    """Return the state of a request after a move; raise IllegalMove."""
    try:
        return REQUEST_MOVES[state, move]
    except KeyError:
        raise IllegalMove("request", state, move, request_moves(state)) from None


def grant_after(state: str, move: GrantMove) -> str:
    """Return the state of a grant after a move; raise IllegalMove."""
    try:
        return GRANT_MOVES[state, move]
    except KeyError:
        raise IllegalMove("grant", state, move, grant_moves(state)) from None


def request_moves(state: str) -> tuple[str, ...]:
    """Return what a state of a request allows."""
    return tuple(move.value for at, move in REQUEST_MOVES if at == state)


def grant_moves(state: str) -> tuple[str, ...]:
    """Return what a state of a grant allows."""
    return tuple(move.value for at, move in GRANT_MOVES if at == state)

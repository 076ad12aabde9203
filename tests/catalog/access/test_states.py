"""Every walk through the states of requests and grants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.access import states
from catalog.access.states import GrantMove, IllegalMove, RequestMove
from catalog.models import GrantState, RequestState


def test_the_states_are_those_of_the_tables() -> None:
    requests = {"open", *states.REQUEST_MOVES.values()}
    grants = {"active", *states.GRANT_MOVES.values()}
    assert requests == {state.value for state in RequestState}
    assert grants == {state.value for state in GrantState}


@given(st.lists(st.sampled_from(RequestMove), min_size=1, max_size=6))
def test_a_request_is_decided_once_whatever_is_tried(moves: list[RequestMove]) -> None:
    state, done, refused = "open", 0, 0
    for move in moves:
        try:
            state = states.request_after(state, move)
            done += 1
        except IllegalMove:
            refused += 1
    assert (done, refused) == (1, len(moves) - 1)
    assert states.request_moves(state) == ()


@given(st.lists(st.sampled_from(GrantMove), min_size=1, max_size=6))
def test_a_grant_ends_once_whatever_is_tried(moves: list[GrantMove]) -> None:
    state, done = "active", 0
    for move in moves:
        try:
            state = states.grant_after(state, move)
            done += 1
        except IllegalMove:
            assert states.grant_moves(state) == ()
    assert done == 1


def test_an_illegal_move_says_what_is_allowed() -> None:
    with pytest.raises(IllegalMove, match="rejected cannot approve; allowed: nothing"):
        states.request_after("rejected", RequestMove.APPROVE)
    assert states.request_moves("open") == ("approve", "reject", "withdraw")

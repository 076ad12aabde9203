"""What is hidden beside something visible is named nowhere: not its domain, its team, its inputs, its past."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from catalog.search.follow import follow
from tests.conftest import Mesh
from tests.guards.neighbours import NEIGHBOURS, people_at_work
from tests.guards.read_addresses import addresses


def leaks(client: Client, words: list[str]) -> dict[str, list[str]]:
    """Return where a person reads each word; an address repeated in its own answer tells nothing."""
    found: dict[str, list[str]] = {}
    for address in addresses():
        answer = client.get(address)
        body = answer.getvalue().decode(errors="replace").replace(address, "").casefold()
        assert answer.status_code < 500, address
        for word in words:
            if word.casefold() in body:
                found.setdefault(word, []).append(address)
    return found


@pytest.fixture
def words(mesh: Mesh) -> list[str]:
    """Hide something beside everything."""
    hidden = [hide(mesh) for hide in NEIGHBOURS]
    people_at_work(mesh)
    follow()
    return hidden


def test_a_stranger_reads_no_name_of_what_is_hidden_beside_the_visible(
    mesh: Mesh, words: list[str]
) -> None:
    client = Client()
    client.force_login(mesh.charlie)
    assert leaks(client, words) == {}


def test_nobody_reads_such_names_or_those_of_people_without_signing_in(
    mesh: Mesh, words: list[str]
) -> None:
    people = [one.display_name for one in (mesh.alice, mesh.bob, mesh.charlie, mesh.dana)]
    found = leaks(Client(), words + people)
    assert found == {}


def test_who_may_see_everything_reads_each_of_them(mesh: Mesh, words: list[str]) -> None:
    client = Client()
    client.force_login(mesh.admin)
    assert set(leaks(client, words)) == set(words)


#: Where a guessed name may be written into a question: with the word of what is hidden there.
GUESSES = (
    ("/api/v1/dataproducts?domain=", "zyxabove"),
    ("/api/v1/datasets?domain=", "zyxhome"),
    ("/api/v1/domains?parent=", "zyxabove"),
    ("/api/v1/teams?domain=", "zyxhearth"),
    ("/api/v1/search?domain=", "zyxabove"),
    ("/api/v1/search?kind=dataset&domain=", "zyxhome"),
    ("/api/v1/search?q=", "zyxabove area"),
    ("/api/v1/search?kind=dataset&q=", "zyxhome area"),
    ("/api/v1/events?domain=", "zyxabove"),
    ("/api/v1/exports/dcat?domain=", "zyxabove"),
    ("/api/v1/lineage-problems?domain=", "zyxhome"),
    ("/search?domain=", "zyxabove"),
    ("/search?kind=dataset&domain=", "zyxhome"),
    ("/teams/", "zyxteam"),
    ("/domains/", "zyxhome"),
)
VARYING = re.compile(r'(csrf[\w-]*"?\s*(?:value=|content=|:)\s*)"[^"]+"|"X-CSRFToken": ?"[^"]+')


def tells(client: Client, address: str, held: str, free: str) -> bool:
    """Tell whether two guesses are answered in different ways."""
    answers = [client.get(address + name) for name in (held, free)]
    bodies = [VARYING.sub("", one.getvalue().decode()) for one in answers]
    return (answers[0].status_code, bodies[0].replace(held, free)) != (
        answers[1].status_code,
        bodies[1],
    )


def test_a_guessed_name_of_what_is_hidden_is_answered_as_one_that_nothing_has(
    mesh: Mesh, words: list[str]
) -> None:
    client = Client()
    client.force_login(mesh.charlie)
    guesses = [(address, name, name.replace("zyx", "qwv")) for address, name in GUESSES]
    assert [guess for guess in guesses if tells(client, *guess)] == []
    assert not tells(Client(), "/activity?by=", "Alice", "Nobody")
    assert tells(client, "/activity?by=", "Alice", "Nobody"), "the question would tell"

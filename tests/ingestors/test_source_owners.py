"""Whose a source may be: it speaks for its team, or without one for its whole domain."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from catalog.models import Role, Team, User
from catalog.people.teams import save_team, set_member, set_steward
from ingestors.models import Source
from ingestors.services.runs import enqueue
from ingestors.services.sources import (
    SourceInvalid,
    create_source,
    delete_source,
    pause_source,
    update_source,
)
from tests.conftest import Mesh

CONFIG = {"url": "sqlite:////srv/nowhere.db"}


@pytest.fixture
def guests(mesh: Mesh) -> Team:
    """A second team at home in the domain that the first one leads; charlie is its engineer."""
    lead(mesh)
    team = save_team("guests", name="Guests", domain=mesh.claims, by=None)
    set_member(team, mesh.charlie, role=Role.ENGINEER, by=None)
    return team


def lead(mesh: Mesh) -> None:
    mesh.claims.team = mesh.team
    mesh.claims.save()


def add(mesh: Mesh, by: User, **said: Any) -> Source:
    return create_source(
        **{
            "name": "Try",
            "connector": "sql",
            "config": CONFIG,
            "domain": mesh.claims,
            "team": None,
            "by": by,
            **said,
        }
    )


def paths(mesh: Mesh, by: User, **said: Any) -> set[str]:
    with pytest.raises(SourceInvalid) as found:
        add(mesh, by, **said)
    assert not Source.objects.exists()
    return {problem.path for problem in found.value.problems}


def test_a_second_team_does_not_speak_for_the_domain(mesh: Mesh, guests: Team) -> None:
    assert paths(mesh, mesh.charlie) == {"team"}
    assert paths(mesh, mesh.charlie, team=mesh.team) == {"team"}
    assert add(mesh, mesh.charlie, team=guests).team == guests


def test_a_source_lies_at_home_or_where_a_steward_put_it(mesh: Mesh, guests: Team) -> None:
    assert paths(mesh, mesh.charlie, team=guests, domain=mesh.policy) == {"domain"}
    set_steward(mesh.policy, mesh.charlie, by=None)
    mesh.charlie.__dict__.pop("_standing", None)
    assert add(mesh, mesh.charlie, team=guests, domain=mesh.policy).domain == mesh.policy


def test_the_team_that_leads_a_domain_may_speak_for_all_of_it(mesh: Mesh) -> None:
    assert paths(mesh, mesh.alice) == {"team"}, "nobody leads it yet"
    lead(mesh)
    assert add(mesh, mesh.alice).team is None


def test_no_change_hands_a_source_to_those_who_may_not_have_it(mesh: Mesh, guests: Team) -> None:
    source = add(mesh, mesh.charlie, team=guests)
    said: dict[str, Any] = {
        "name": source.name,
        "connector": "sql",
        "config": CONFIG,
        "domain": mesh.claims,
        "schedule": "",
        "rules": (),
    }
    with pytest.raises(SourceInvalid):
        update_source(source, by=mesh.charlie, team=None, **said)
    source.refresh_from_db()
    assert source.team == guests


def test_only_those_of_its_team_change_or_run_a_source(mesh: Mesh, guests: Team) -> None:
    source = add(mesh, mesh.alice, team=mesh.team)
    for call in (pause_source, delete_source):
        with pytest.raises(PermissionDenied):
            call(source, by=mesh.charlie)
    with pytest.raises(PermissionDenied):
        enqueue(source, by=mesh.charlie)
    assert Source.objects.get().is_paused is False


def test_the_form_says_who_is_needed(client: Client, mesh: Mesh, guests: Team) -> None:
    client.force_login(mesh.charlie)
    answer = client.post(
        "/sources/new",
        {"name": "Try", "connector": "sql", "config": '{"url": "sqlite:////srv/nowhere.db"}',
         "domain": mesh.claims.pk, "team": "", "rules": "[]", "schedule": ""},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "only who leads the domain adds a source for all of it" in answer.content.decode()
    assert not Source.objects.exists()

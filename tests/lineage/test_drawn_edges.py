"""Edges that people draw: who may, what is kept, what is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Dataset, Event
from catalog.people.domains import save_domain
from lineage.models import Edge, LineageChange
from tests.conftest import Mesh
from tests.factories import make_dataset

URL = "/api/v1/lineage-edges"


@pytest.fixture
def ends(mesh: Mesh) -> tuple[Dataset, Dataset]:
    """A dataset of nobody, and one of the claims team."""
    return make_dataset("shop.far"), make_dataset("shop.own", domain="claims", team="claims-team")


def call(who: Any, method: str, path: str = URL, body: Any = None) -> Any:
    """Call the API as somebody."""
    client = Client()
    if who is not None:
        client.force_login(who)
    return getattr(client, method)(path, body, content_type="application/json")


def test_an_owner_draws_and_erases_and_the_past_stays(
    mesh: Mesh, ends: tuple[Dataset, Dataset]
) -> None:
    far, own = ends
    body = {
        "upstream": far.pk,
        "downstream": own.pk,
        "note": "by hand, each month",
        "columns": [{"upstream": "id", "downstream": "note"}],
    }
    drawn = call(mesh.bob, "post", body=body)
    assert drawn.status_code == 201, drawn.content
    assert drawn.json()["by"] == "Bob Osei"
    assert call(mesh.bob, "post", body=body).status_code == 200
    assert Edge.objects.get().columns.count() == 1
    assert LineageChange.objects.count() == 1
    path = f"{URL}/{drawn.json()['id']}"
    assert call(mesh.charlie, "delete", path).status_code == 403
    assert call(mesh.alice, "delete", path).status_code == 204
    ended = Edge.objects.get()
    assert ended.ended_at is not None
    assert call(mesh.bob, "post", body=body).status_code == 201
    listed = call(mesh.charlie, "get").json()["results"]
    assert [edge["endedAt"] is None for edge in listed].count(True) == 1
    assert len(listed) == 2
    told = Event.objects.filter(type__startswith="lineage.").values_list("type", flat=True)
    assert list(told) == ["lineage.drawn", "lineage.erased", "lineage.drawn"]


def test_strangers_and_nonsense_are_refused(mesh: Mesh, ends: tuple[Dataset, Dataset]) -> None:
    far, own = ends
    body: dict[str, Any] = {"upstream": far.pk, "downstream": own.pk}
    assert call(None, "post", body=body).status_code in {401, 403}
    assert call(mesh.charlie, "post", body=body).status_code == 403
    for change, path in (
        ({"upstream": own.pk}, "downstream"),
        ({"upstream": 10**9}, "upstream"),
        ({"columns": [{"upstream": "id", "downstream": "nope"}]}, "columns[0].downstream"),
        ({"colour": "red"}, "colour"),
    ):
        answer = call(mesh.alice, "post", body=body | change)
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["path"] == path
    assert not Edge.objects.exists()


def test_an_edge_to_something_hidden_is_not_shown(
    mesh: Mesh, ends: tuple[Dataset, Dataset]
) -> None:
    save_domain("secret", name="Secret", visibility="team", team=mesh.team, by=None)
    hidden = make_dataset("shop.hidden", domain="secret")
    body = {"upstream": hidden.pk, "downstream": ends[1].pk}
    drawn = call(mesh.alice, "post", body=body)
    assert drawn.status_code == 201, drawn.content
    assert call(mesh.charlie, "get").json()["results"] == []
    assert call(mesh.charlie, "get", f"{URL}/{drawn.json()['id']}").status_code == 404
    answer = call(mesh.charlie, "post", body=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "upstream")
    visible = Event.objects.visible_to(mesh.charlie).filter(type="lineage.drawn")
    assert not visible.exists()

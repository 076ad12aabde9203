"""What a caller follows and is told: their own, and only what they may see now."""

from __future__ import annotations

import pytest

from catalog.models import Event, Notification, Product
from catalog.outbound.notifications import follow as tell
from catalog.registry.edit import edit
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.factories import make_product


@pytest.fixture
def product(mesh: Mesh) -> Product:
    return make_product()


def names(call: Call, who: str) -> list[str]:
    rows = call(who, "get", "/api/v1/follows").json()["results"]
    return [row["displayname"] for row in rows]


def test_a_product_is_followed_once_and_left(call: Call, product: Product) -> None:
    address = f"/api/v1/follows/{product.guid}"
    for _ in range(2):
        answer = call("charlie", "put", address)
        assert answer.status_code == 200
        assert answer.json()["dataProductGUID"] == product.guid
    assert Event.objects.filter(type="product.followed").count() == 1
    assert names(call, "charlie") == [product.name]
    assert names(call, "alice") == []
    for _ in range(2):
        assert call("charlie", "delete", address).status_code == 204
    assert names(call, "charlie") == []


def test_nobody_follows_what_they_may_not_see(call: Call, product: Product) -> None:
    hidden = make_product("hidden-one", visibility="team")
    assert call("charlie", "put", f"/api/v1/follows/{hidden.guid}").status_code == 404
    assert call("anonymous", "put", f"/api/v1/follows/{product.guid}").status_code == 401
    call("charlie", "put", f"/api/v1/follows/{product.guid}")
    make_product(product.key, visibility="team")
    assert names(call, "charlie") == []


@pytest.fixture
def told(mesh: Mesh, call: Call, product: Product) -> Product:
    call("charlie", "put", f"/api/v1/follows/{product.guid}")
    for version in ("2", "3", "4"):
        edit(product, changes={"version": version}, by=mesh.alice)
    tell()
    return product


def test_notifications_are_listed_newest_first_and_marked_as_read(
    call: Call, told: Product
) -> None:
    rows = call("charlie", "get", "/api/v1/notifications").json()["results"]
    assert [row["event"] for row in rows] == sorted((r["event"] for r in rows), reverse=True)
    assert len(rows) == 3
    answer = call("charlie", "post", "/api/v1/notifications/read", {"ids": [rows[0]["id"]]})
    assert answer.json() == {"read": 1}
    unread = call("charlie", "get", "/api/v1/notifications?unread=true").json()
    assert unread["total"] == 2
    assert call("charlie", "get", "/api/v1/notifications?unread=false").json()["total"] == 1
    assert call("charlie", "post", "/api/v1/notifications/read", {}).json() == {"read": 2}


def test_nobody_marks_or_reads_those_of_others(call: Call, told: Product) -> None:
    own = list(Notification.objects.filter(user__username="charlie").values_list("pk", flat=True))
    assert call("dana", "post", "/api/v1/notifications/read", {"ids": own}).json() == {"read": 0}
    assert call("dana", "get", "/api/v1/notifications").json()["results"] == []
    assert call("anonymous", "get", "/api/v1/notifications").json()["results"] == []
    assert call("anonymous", "post", "/api/v1/notifications/read", {}).status_code == 401


def test_what_became_hidden_is_told_no_more(call: Call, told: Product) -> None:
    make_product(told.key, visibility="team")
    assert call("charlie", "get", "/api/v1/notifications").json()["results"] == []


@pytest.mark.parametrize("ids", ["1", ["x"], [0], [10**30], [1.5], 7])
def test_ids_that_cannot_be_are_refused(call: Call, mesh: Mesh, ids: object) -> None:
    answer = call("charlie", "post", "/api/v1/notifications/read", {"ids": ids})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith("ids")

"""What REST answers when somebody writes what is not theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, Role, User
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member
from catalog.people.tokens import make_token
from tests.catalog.api.conftest import Call
from tests.catalog.api.pushing import ADDRESS, product
from tests.conftest import Mesh
from tests.factories import make_product

FRESH = "0f5b7c1e-4c0a-4d8e-9f70-c2d90a7d5a11"


@pytest.fixture(autouse=True)
def charlie_is_an_engineer(mesh: Mesh) -> None:
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)


def body(guid: str = FRESH, **fields: Any) -> str:
    said = {
        "dataProductGUID": guid,
        "owner": "policy-team",
        "displayname": "Mine",
        "readableDataProductKey": "claims/settled-claims",
    }
    return json.dumps(said | fields)


def put(call: Call, guid: str = FRESH, **fields: Any) -> Any:
    return call("charlie", "put", f"/api/v1/dataproducts/{guid}", body(guid, **fields))


def test_a_fresh_guid_with_anothers_key_takes_nothing_over(call: Call, mesh: Mesh) -> None:
    product = make_product()
    answer = put(call)
    assert answer.status_code == 403
    assert "Claims Analytics" in answer.json()["detail"]
    now = Product.objects.get()
    assert (now.guid, now.team) == (product.guid, mesh.team)


def test_a_hidden_product_answers_by_guid_as_a_reserved_name(call: Call) -> None:
    hidden = make_product(visibility="team")
    answer = put(call, hidden.guid, readableDataProductKey="policy/mine")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "This name or GUID is reserved; choose another."
    assert "errors" not in answer.json()
    assert Product.objects.get().name == hidden.name


def test_a_key_that_something_hidden_holds_is_answered_as_a_free_one_one_may_not_take(
    call: Call, mesh: Mesh
) -> None:
    hidden = make_product("hidden-facts", visibility="team")
    held = put(call, readableDataProductKey="claims/hidden-facts")
    free = put(call, readableDataProductKey="claims/nothing-here")
    assert held.status_code == free.status_code == 403
    assert held.content.decode().replace("hidden-facts", "nothing-here") == free.content.decode()
    save_domain("board", name="Board", by=None, visibility="team", team=mesh.team)
    make_product("secret-facts", domain="board")
    held = put(call, readableDataProductKey="board/secret-facts")
    missing = put(call, readableDataProductKey="nowhere/secret-facts")
    assert held.content.decode().replace("board", "nowhere") == missing.content.decode()
    assert Product.objects.get(pk=hidden.pk).name == hidden.name


def test_who_may_take_a_key_is_told_that_it_is_reserved(call: Call, mesh: Mesh) -> None:
    make_product("hidden-facts", domain="policy", visibility="team")
    answer = put(call, readableDataProductKey="policy/hidden-facts")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "This name or GUID is reserved; choose another."


def test_a_product_comes_into_no_domain_of_others(call: Call) -> None:
    answer = put(call, readableDataProductKey="claims/brand-new")
    assert answer.status_code == 403
    assert "readableDataProductKey" in answer.json()["detail"]
    assert not Product.objects.exists()
    assert put(call, readableDataProductKey="policy/brand-new").status_code == 201


def test_a_hidden_domain_is_not_there(call: Call, mesh: Mesh) -> None:
    save_domain("board", name="Board", by=None, visibility="team", team=mesh.team)
    hidden = put(call, readableDataProductKey="board/brand-new")
    missing = put(call, readableDataProductKey="nowhere/brand-new")
    assert (hidden.status_code, missing.status_code) == (422, 422)
    told = hidden.content.decode().replace("board", "nowhere")
    assert json.loads(told)["errors"] == missing.json()["errors"]
    assert not Product.objects.exists()


DESCRIPTOR = {
    "apiVersion": "v1.0.0",
    "kind": "DataProduct",
    "id": "g-other",
    "name": "Settled claims",
    "status": "active",
    "outputPorts": [],
}


def test_a_descriptor_takes_nothing_over_and_creates_nothing_abroad(call: Call, mesh: Mesh) -> None:
    product = make_product()
    address = "/api/v1/descriptors?domain=claims&team=policy-team"
    answer = call("charlie", "post", address, json.dumps(DESCRIPTOR))
    assert answer.status_code == 403, answer.content
    abroad = call("charlie", "post", address, json.dumps(DESCRIPTOR | {"name": "Brand new"}))
    assert abroad.status_code == 403, abroad.content
    now = Product.objects.get()
    assert (now.guid, now.team) == (product.guid, mesh.team)


def test_a_descriptor_of_a_hidden_product_meets_a_reserved_name(call: Call, mesh: Mesh) -> None:
    hidden = make_product(visibility="team")
    said = DESCRIPTOR | {"id": hidden.guid, "name": "Mine"}
    answer = call("charlie", "post", "/api/v1/descriptors?team=policy-team", json.dumps(said))
    assert answer.status_code == 404, answer.content
    assert Product.objects.get().team == mesh.team


def pushed_by(user: User, **said: str) -> str:
    """Return what becomes of a pushed line, as the call is answered."""
    secret = make_token(user, name="push", scope="write", days=1)[1]
    line = json.dumps(product("new", readableDataProductKey="policy/new", **said))
    answer = Client(headers={"x-api-key": secret}).post(
        ADDRESS, line, content_type="application/x-ndjson"
    )
    return str(answer.content.decode())


def test_a_team_that_is_hidden_owns_nothing_as_one_that_is_not_there(
    call: Call, mesh: Mesh
) -> None:
    area = save_domain("board", name="Board", by=None, visibility="team", team=mesh.team)
    save_team("deal-team", name="Deal makers", domain=area, by=None)
    for name in ("deal-team", "Deal makers"):
        hidden, missing = put(call, owner=name), put(call, owner="gone-team")
        assert (hidden.status_code, missing.status_code) == (422, 422)
        assert hidden.content.decode().replace(name, "gone-team") == missing.content.decode()
        pushed = [pushed_by(mesh.charlie, owner=one) for one in (name, "gone-team")]
        assert pushed[0].replace(name, "gone-team") == pushed[1]

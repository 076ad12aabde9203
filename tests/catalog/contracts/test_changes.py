"""A new version of a contract: taken or refused, announced to whom it concerns."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.access.requests import decide, request_access
from catalog.contracts.break_policy import set_breaking_changes
from catalog.contracts.errors import Refused
from catalog.contracts.publish import Published, publish_contract
from catalog.descriptors import PortDescriptor
from catalog.models import Event, Notification, User
from catalog.outbound.follows import follow
from catalog.outbound.notifications import follow as tell
from catalog.people.teams import set_member
from catalog.people.tokens import make_token
from catalog.standards.reading import of_value
from tests.conftest import Mesh
from tests.factories import declare, make_product, make_user, product_descriptor


def contract(
    version: str = "1.0.0", columns: tuple[str, ...] = ("id", "amount"), **more: Any
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "orders",
        "version": version,
        "status": "active",
        "dataProduct": "claims/settled-claims",
        "schema": [{"name": "orders", "properties": [{"name": name} for name in columns]}],
    }
    return {**said, **more}


def publish(by: User, *args: Any, **more: Any) -> Published:
    return publish_contract(of_value(contract(*args, **more)), by=by)


def test_a_break_is_flagged_or_refused_as_the_domain_says(mesh: Mesh) -> None:
    make_product()
    publish(mesh.alice)
    flagged = publish(mesh.alice, "1.1.0", ("id",))
    assert flagged.comparison is not None
    assert (flagged.comparison.is_breaking, flagged.comparison.is_numbered_enough) == (True, False)
    set_breaking_changes(mesh.claims, "refuse", by=mesh.dana)
    with pytest.raises(Refused, match=r"column id is gone.*Publish it as 2\.0\.0") as caught:
        publish(mesh.alice, "1.2.0", ("other",))
    assert caught.value.problems[0].path == "version"
    assert Event.objects.filter(data__version="1.2.0").count() == 0
    publish(mesh.alice, "1.2.0-draft", ("other",), status="draft")
    publish(mesh.alice, "2.0.0", ("other",))


def test_other_content_under_a_published_version_names_the_next(mesh: Mesh) -> None:
    make_product()
    publish(mesh.alice)
    with pytest.raises(Refused, match=r"schema\.orders\.properties\.amount.*publish it as 2\.0\.0"):
        publish(mesh.alice, "1.0.0", ("id",))


def texts(user: User) -> list[str]:
    return list(
        Notification.objects.filter(user=user).order_by("id").values_list("text", flat=True)
    )


def test_whoever_a_break_concerns_is_told_what_it_means(mesh: Mesh) -> None:
    product = make_product()
    holder, teammate, follower = (make_user(name) for name in ("hana", "tim", "fay"))
    stranger, downstream = make_user("stan"), make_user("dora")
    set_member(mesh.other_team, teammate, role="member", by=None)
    set_member(mesh.other_team, downstream, role="owner", by=None)
    port = product.ports.get()
    decide(
        request_access(port, by=holder, purpose="To bill customers"), by=mesh.alice, approve=True
    )
    follow(product, by=follower)
    reading = PortDescriptor(direction="in", name="raw", upstream="claims/settled-claims")
    declare(product_descriptor("billing", domain="policy", team="policy-team", ports=[reading]))
    publish(mesh.alice)
    tell()
    Notification.objects.all().delete()
    publish(mesh.alice, "2.0.0", ("id",))
    tell()
    for person in (holder, follower, downstream):
        assert len(texts(person)) == 1, person
        assert texts(person)[0].startswith(
            "Breaking for you: Alice Moreau published contract orders 2.0.0"
        )
        assert "column amount is gone" in texts(person)[0]
    assert texts(stranger) == texts(teammate) == texts(mesh.alice) == []


def test_what_breaks_nothing_is_told_to_keepers_alone(mesh: Mesh) -> None:
    product = make_product()
    holder = make_user("hana")
    decide(
        request_access(product.ports.get(), by=holder, purpose="To bill customers"),
        by=mesh.alice,
        approve=True,
    )
    publish(mesh.alice)
    publish(mesh.alice, "1.0.1", tags=["x"])
    tell()
    assert [text for text in texts(holder) if "contract" in text] == []
    assert [text.endswith("nothing breaks.") for text in texts(mesh.bob)][-1] is True


def test_a_hidden_product_tells_nobody_outside(mesh: Mesh) -> None:
    product = make_product()
    follow(product, by=mesh.charlie)
    publish(mesh.alice)
    make_product(visibility="team")
    publish(mesh.alice, "2.0.0", ("id",))
    tell()
    assert texts(mesh.charlie) == []


def test_versions_are_compared_over_the_api(client: Client, mesh: Mesh) -> None:
    make_product()
    publish(mesh.alice)
    publish(mesh.alice, "2.0.0", ("id",))
    found = client.get("/api/v1/contracts/diff?contractId=orders").json()
    assert (found["before"], found["after"], found["isBreaking"], found["isNumberedEnough"]) == (
        "1.0.0",
        "2.0.0",
        True,
        True,
    )
    back = client.get("/api/v1/contracts/diff?contractId=orders&from=2.0.0&to=1.0.0").json()
    assert (back["consumer"], back["producer"]) == ("info", "error")
    assert client.get("/api/v1/contracts/diff?contractId=orders&from=9").status_code == 404
    secret = make_token(mesh.charlie, name="t", scope="write", days=1)[1]
    sent = client.post(
        "/api/v1/contracts/diff",
        contract("2.1.0", ("id", "new")),
        content_type="application/json",
        headers={"x-api-key": secret},
    ).json()
    assert (sent["before"], sent["suggestedVersion"], sent["isBreaking"]) == (
        "2.0.0",
        "2.1.0",
        False,
    )
    make_product(visibility="team")
    assert client.get("/api/v1/contracts/diff?contractId=orders").status_code == 404


def test_stewards_choose_the_policy_of_their_domain(client: Client, mesh: Mesh) -> None:
    said = {"breakingChanges": "refuse"}
    for person, code in ((mesh.charlie, 403), (mesh.dana, 200)):
        secret = make_token(person, name="t", scope="write", days=1)[1]
        answer = client.patch(
            "/api/v1/domains/claims",
            said,
            content_type="application/json",
            headers={"x-api-key": secret},
        )
        assert answer.status_code == code
    assert client.get("/api/v1/domains/claims").json()["breakingChanges"] == "refuse"

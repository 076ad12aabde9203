"""Forms of strangers, double clicks, and input that is broken: a clear answer, nothing half done."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from catalog.access.requests import request_access
from catalog.models import (
    AccessRequest,
    ApiToken,
    Dataset,
    Event,
    Grant,
    Notification,
    Product,
    Role,
    Tag,
    User,
)
from catalog.people.teams import set_member
from catalog.people.tokens import make_token
from ingestors.models import Run, Source
from ingestors.services.sources import create_source
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product

EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)> **b"


@dataclass(frozen=True, slots=True)
class Scene:
    """One of everything that people act on."""

    product: Product
    dataset: Dataset
    request: AccessRequest
    source: Source
    token: ApiToken


@pytest.fixture
def scene(mesh: Mesh) -> Scene:
    """A product that charlie asked for, a source of the team, a token of alice."""
    product = make_product()
    asked = request_access(product.ports.get(), by=mesh.charlie, purpose="Reserving")
    source = create_source(
        name="Shop",
        connector="files",
        config={"path": "/nowhere/*.csv"},
        domain=mesh.claims,
        team=mesh.team,
        by=mesh.alice,
    )
    token, _ = make_token(mesh.alice, name="pipeline")
    return Scene(product, make_dataset(), asked, source, token)


def actions(scene: Scene) -> dict[str, tuple[str, dict[str, str]]]:
    """Every form of the owners' pages: the address and what it sends."""
    product = ["claims", "settled-claims"]
    return {
        "edit": (reverse("edit", args=product), {"description": "Taken over."}),
        "delete": (reverse("delete-product", args=product), {"confirm": "settled-claims"}),
        "edit-dataset": (
            reverse("edit-dataset", args=[scene.dataset.pk]),
            {"description": "Taken over."},
        ),
        "edit-column": (
            reverse("edit-column", args=[scene.dataset.pk]),
            {"path": "id", "description": "Taken over."},
        ),
        "decide": (
            reverse("decide-request", args=[scene.request.pk]),
            {"decision": "approve"},
        ),
        "decide-many": (
            reverse("decide-requests"),
            {"decision": "approve", "request": str(scene.request.pk)},
        ),
        "revoke-token": (reverse("revoke-token", args=[scene.token.pk]), {}),
        "run": (reverse("run-source", args=["shop"]), {}),
        "pause": (reverse("pause-source", args=["shop"]), {}),
        "delete-source": (reverse("delete-source", args=["shop"]), {"confirm": "shop"}),
        "edit-source": (reverse("edit-source", args=["shop"]), {"name": "Mine"}),
    }


ACTIONS = (
    "edit", "delete", "edit-dataset", "edit-column", "decide", "decide-many",
    "revoke-token", "run", "pause", "delete-source", "edit-source",
)  # fmt: skip


@pytest.mark.parametrize("what", ACTIONS)
@pytest.mark.parametrize("who", ["charlie", "anonymous"])
def test_a_strangers_form_is_refused_and_changes_nothing(
    client: Client, mesh: Mesh, scene: Scene, who: str, what: str
) -> None:
    if who == "charlie":
        client.force_login(mesh.charlie)
    events = Event.objects.count()
    address, fields = actions(scene)[what]
    answer = client.post(address, fields)
    if who == "charlie":
        assert answer.status_code == 404
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")
    assert Event.objects.count() == events
    assert Run.objects.count() == 0


@pytest.mark.parametrize("what", ACTIONS)
def test_a_form_from_elsewhere_is_refused(mesh: Mesh, scene: Scene, what: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mesh.alice)
    events = Event.objects.count()
    address, fields = actions(scene)[what]
    assert strict.post(address, fields).status_code == 403
    assert Event.objects.count() == events


@pytest.mark.parametrize("what", ["decide", "decide-many", "revoke-token", "edit", "edit-dataset"])
def test_a_double_click_acts_once(client: Client, mesh: Mesh, scene: Scene, what: str) -> None:
    client.force_login(mesh.alice)
    address, fields = actions(scene)[what]
    assert client.post(address, fields).status_code == 302
    events = Event.objects.count()
    again = client.post(address, fields, follow=True)
    assert again.status_code in {200, 404}
    assert Event.objects.count() == events
    assert Grant.objects.count() <= 1


def test_asking_twice_leaves_one_request(client: Client, mesh: Mesh, scene: Scene) -> None:
    client.force_login(mesh.dana)
    address = reverse("request-access", args=["claims", "settled-claims"])
    fields = {
        "port": str(scene.product.ports.get().pk),
        "grantee": "me",
        "purpose": "To study delays",
        "note": "",
        "ends_on": "",
    }
    statuses = [client.post(address, fields).status_code for _ in range(2)]
    assert AccessRequest.objects.filter(requester=mesh.dana).count() == 1
    assert statuses[1] == 422 or statuses == [302, 422]


@pytest.mark.parametrize("page", ["edit", "edit-dataset"])
def test_script_in_a_description_never_runs(
    client: Client, mesh: Mesh, scene: Scene, page: str
) -> None:
    client.force_login(mesh.alice)
    address, _ = actions(scene)[page]
    assert client.post(address, {"description": EVIL}).status_code == 302
    shown = ("/products/claims/settled-claims", f"/datasets/{scene.dataset.pk}", "/activity")
    for one in (*shown, address, "/products/claims/settled-claims/changes"):
        html = client.get(one).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript' not in html


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "sleeping"),
        ("classification", "top-secret"),
        ("sunset_on", "the day after"),
        ("successor", "no/such/thing"),
        ("visibility", "martians"),
        ("name", ""),
        ("version", "v" * 5000),
        ("tags", "t" * 2000),
    ],
)
def test_a_value_that_is_not_allowed_is_named_and_nothing_is_saved(
    client: Client, mesh: Mesh, scene: Scene, field: str, value: str
) -> None:
    client.force_login(mesh.alice)
    before = Product.objects.filter(pk=scene.product.pk).values().get()
    address, _ = actions(scene)["edit"]
    answer = client.post(address, {field: value, "description": "Good text."})
    assert answer.status_code == 422, answer.status_code
    assert "Nothing was saved" in answer.content.decode()
    assert Product.objects.filter(pk=scene.product.pk).values().get() == before


def test_only_addresses_of_the_web_become_links(client: Client, mesh: Mesh, scene: Scene) -> None:
    client.force_login(mesh.alice)
    address, _ = actions(scene)["edit"]
    for field in ("source_code_location", "support"):
        assert client.post(address, {field: "javascript:alert(1)"}).status_code == 302
    html = client.get("/products/claims/settled-claims").content.decode()
    assert "javascript:alert(1)" in html
    assert 'href="javascript' not in html


def test_a_huge_text_is_refused_whole(client: Client, mesh: Mesh, scene: Scene) -> None:
    client.force_login(mesh.alice)
    address, _ = actions(scene)["edit"]
    answer = client.post(address, {"description": "x" * 10_000_000})
    assert answer.status_code == 413
    assert "Nothing was saved" in answer.content.decode()
    assert Product.objects.get(pk=scene.product.pk).description == ""


@pytest.mark.parametrize("what", ["edit", "edit-dataset", "edit-column", "decide"])
def test_nul_bytes_are_refused(client: Client, mesh: Mesh, scene: Scene, what: str) -> None:
    client.force_login(mesh.alice)
    address, fields = actions(scene)[what]
    events = Event.objects.count()
    answer = client.post(address, {**fields, "description": "a\0b", "comment": "a\0b"})
    assert answer.status_code == 400
    assert Event.objects.count() == events
    assert client.get("/search?q=a%00b").status_code == 200
    assert client.get("/activity?about=a%00b").status_code == 200


def test_unknown_fields_of_a_form_are_passed_over(client: Client, mesh: Mesh, scene: Scene) -> None:
    client.force_login(mesh.alice)
    address, _ = actions(scene)["edit"]
    sent = {"guid": "stolen", "quality_score": "100", "team": "policy-team", "support": "#claims"}
    assert client.post(address, sent).status_code == 302
    product = Product.objects.get(pk=scene.product.pk)
    assert product.support == "#claims"
    assert (product.guid, product.team_id) == (scene.product.guid, mesh.team.pk)


def test_two_people_saving_a_product_at_once(client: Client, mesh: Mesh, scene: Scene) -> None:
    address, _ = actions(scene)["edit"]
    opened = str(scene.product.revision_number)
    other = Client()
    other.force_login(mesh.alice)
    client.force_login(mesh.bob)
    assert other.post(address, {"description": "Hers.", "revision": opened}).status_code == 302
    late = client.post(address, {"description": "His.", "revision": opened})
    assert late.status_code == 409
    html = late.content.decode()
    assert "Hers." in html
    assert "His." in html
    assert Product.objects.get(pk=scene.product.pk).description == "Hers."


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "domain": "claims", "team": "claims-team"},
        {"name": "X", "domain": "nowhere", "team": "claims-team"},
        {"name": "X", "domain": "claims", "team": "policy-team"},
        {"name": "X", "key": "Bad Key!", "domain": "claims", "team": "claims-team"},
        {"name": "N" * 5000, "domain": "claims", "team": "claims-team"},
        {"name": "Settled claims", "domain": "claims", "team": "claims-team"},
        {"name": "???", "domain": "claims", "team": "claims-team"},
    ],
)
def test_a_product_that_cannot_be_registered_says_why(
    client: Client, mesh: Mesh, scene: Scene, fields: dict[str, str]
) -> None:
    client.force_login(mesh.bob)
    answer = client.post("/products/new", fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "scope": "read", "days": "30"},
        {"name": "x", "scope": "everything", "days": "30"},
        {"name": "x", "scope": "read", "days": "99999"},
        {"name": "x" * 500, "scope": "read", "days": "30"},
    ],
)
def test_a_token_that_cannot_be_made_says_why(
    client: Client, mesh: Mesh, fields: dict[str, str]
) -> None:
    client.force_login(mesh.charlie)
    assert client.post("/profile/tokens", fields).status_code == 422
    assert ApiToken.objects.count() == 0


def test_a_secret_is_shown_once_and_never_kept_by_the_browser(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.charlie)
    made = client.post("/profile/tokens", {"name": "ci", "scope": "read", "days": "30"})
    secret = "gz_" + made.content.decode().split("gz_")[1].split("<")[0].split('"')[0]
    assert made.headers["Cache-Control"] == "private, no-store"
    assert ApiToken.objects.get().digest == ApiToken.digest_of(secret)
    assert secret not in client.get("/profile/tokens").content.decode()


def test_a_notification_of_somebody_else_is_not_found(
    client: Client, mesh: Mesh, scene: Scene
) -> None:
    event = Event.objects.latest("id")
    row = Notification.objects.create(user=mesh.alice, event=event, text="Hush", url="/approvals")
    client.force_login(mesh.charlie)
    assert client.post(f"/notifications/{row.pk}/open").status_code == 404
    assert "Hush" not in client.get("/notifications").content.decode()
    client.post("/notifications/read")
    row.refresh_from_db()
    assert row.read_at is None


def test_one_tag_goes_on_many_products_and_off_again(
    client: Client, mesh: Mesh, scene: Scene
) -> None:
    second = make_product("claim-cost")
    client.force_login(mesh.bob)
    fields = {"product": [str(scene.product.pk), str(second.pk)], "tag": "golden"}
    done = client.post("/my/products/tag", {**fields, "what": "add"}, follow=True)
    assert "added to 2 products" in done.content.decode()
    again = client.post("/my/products/tag", {**fields, "what": "add"}, follow=True)
    assert "added to 0 products" in again.content.decode()
    client.post("/my/products/tag", {**fields, "what": "remove"})
    assert not Tag.objects.filter(name="golden", products__isnull=False).exists()


@pytest.mark.parametrize("fields", [{"tag": "x"}, {"product": "1", "tag": ""}, {"tag": "t" * 99}])
def test_tagging_nothing_says_what_to_choose(
    client: Client, mesh: Mesh, scene: Scene, fields: dict[str, str]
) -> None:
    client.force_login(mesh.bob)
    html = client.post("/my/products/tag", fields, follow=True).content.decode()
    assert "Choose at least one product" in html


def test_a_stranger_tags_nothing(client: Client, mesh: Mesh, scene: Scene) -> None:
    client.force_login(mesh.charlie)
    fields = {"product": str(scene.product.pk), "tag": "mine", "what": "add"}
    assert "may not edit" in client.post("/my/products/tag", fields, follow=True).content.decode()
    assert not scene.product.tags.exists()
    hidden = make_product("whisper", visibility="team")
    assert client.post("/my/products/tag", {**fields, "product": str(hidden.pk)}).status_code == 404


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "dana", "admin"])
@pytest.mark.parametrize(
    "page",
    ["/profile", "/profile/tokens", "/notifications", "/requests", "/approvals", "/my/products",
     "/sources", "/runs", "/activity?kind=nope&from=never&product=x&before=x"],
)  # fmt: skip
def test_everybody_signed_in_has_their_own_pages(
    client: Client, mesh: Mesh, scene: Scene, who: str, page: str
) -> None:
    user = mesh.people[who]
    assert isinstance(user, User)
    client.force_login(user)
    html = client.get(page).content.decode()
    assert "<h1" in html
    if who == "charlie" and page == "/sources":
        assert "Shop" not in html
    if who == "charlie" and page == "/approvals":
        assert "Reserving" not in html


def test_a_source_is_refused_with_the_field_named_and_what_was_written_kept(
    client: Client, mesh: Mesh, scene: Scene
) -> None:
    client.force_login(mesh.alice)
    page = reverse("edit-source", args=["shop"])
    assert "&quot;path&quot;: &quot;/nowhere/*.csv&quot;" in client.get(page).content.decode()
    fields = {
        "name": "Shop", "connector": "files", "domain": str(mesh.claims.pk),
        "team": str(mesh.team.pk), "schedule": "", "rules": "",
    }  # fmt: skip
    for config in ('{"path": ', '{"path": 5}', '{"wrong": "field"}', "[]", '"text"', ""):
        answer = client.post(page, {**fields, "config": config})
        assert answer.status_code == 422, config
    assert Source.objects.get().config == {"path": "/nowhere/*.csv"}
    good = {**fields, "config": '{"path": "/x/*.csv"}'}
    for bad in ({"schedule": "daily-ish"}, {"rules": '["x"]'}, {"rules": "5"}, {"team": "99999"}):
        assert client.post(page, {**good, **bad}).status_code == 422, bad
    assert Source.objects.get().config == {"path": "/nowhere/*.csv"}


def test_a_key_that_something_hidden_holds_is_refused_as_any_that_one_may_not_take(
    client: Client, mesh: Mesh
) -> None:
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)
    make_product("board-facts", visibility="team")
    make_product("open-facts")
    client.force_login(mesh.charlie)

    def told(key: str) -> str:
        said = {"name": "Mine", "key": key, "domain": "claims", "team": "policy-team"}
        page = client.post("/products/new", said).content.decode()
        page = re.sub(r'csrf[^>]*value="[^"]+"', "", page)
        return page.replace(key, "KEY")

    assert "is taken in" in told("open-facts")
    held, free = told("board-facts"), told("nobody-has-this")
    assert held.split("<main")[1] == free.split("<main")[1]

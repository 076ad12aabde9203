"""What a person may not see now, or might not see then, is named to them nowhere; who may see it reads on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.access.requests import decide, request_access
from catalog.models import Domain, Event, Product, User, Webhook
from catalog.outbound.follows import follow as follow_product
from catalog.outbound.notifications import follow as notify
from catalog.outbound.webhooks.deliver import bodies_of
from catalog.outbound.webhooks.matching import next_batches
from catalog.people.domains import save_domain
from catalog.people.teams import save_team
from catalog.registry.remove import remove_product
from tests.conftest import Mesh
from tests.factories import column, make_dataset, make_product

WORD = "zyxopal"
BATCH = "application/cloudevents-batch+json"
READS = (
    "/activity",
    f"/activity?about={WORD}",
    "/notifications?show=all",
    "/requests",
    "/products/claims/neighbour",
    "/products/claims/neighbour/changes",
    "/api/v1/events?pageSize=200",
    "/api/v1/access-requests",
    "/api/v1/grants",
    "/api/v1/notifications",
)


def subscribe(user: User) -> Webhook:
    """Return a webhook that wants everything from the beginning."""
    made = Webhook.objects.create(owner=user, name="all", url="https://example.com/hook")
    made.event_id = 0
    return made


def read(mesh: Mesh, who: str) -> str:
    """Return everything a person reads of what happened: pages, REST, feed, and their webhook."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(getattr(mesh, who))
    told = [client.get(address).content.decode() for address in READS if "about" not in address]
    about = client.get(f"/activity?about={WORD}").content.decode()
    told.append(about.replace(f'value="{WORD}"', "").replace(f"about={WORD}", ""))
    told.append(
        client.get("/api/v1/events?pageSize=200", headers={"accept": BATCH}).content.decode()
    )
    webhook = subscribe(getattr(mesh, who))

    sent = bodies_of(next_batches([webhook])[0].events)
    told += [one.body.decode() for one in sent.values()]
    webhook.delete()
    return "\n".join(told)


def opal(**fields: object) -> Product:
    return make_product(f"{WORD}-claims", name=f"{WORD} claims", **fields)


def hidden_product(mesh: Mesh) -> None:
    opal()
    opal(visibility="team")


def hidden_then_deleted(mesh: Mesh) -> None:
    hidden_product(mesh)
    remove_product(Product.objects.get(key=f"{WORD}-claims"), by=mesh.alice)


def hidden_domain(mesh: Mesh) -> None:
    save_domain(f"{WORD}-area", name=f"{WORD} area", by=None)
    save_team(
        f"{WORD}-team", name=f"{WORD} team", domain=Domain.objects.get(key=f"{WORD}-area"), by=None
    )
    save_domain(f"{WORD}-area", name=f"{WORD} area", visibility="team", team=mesh.team, by=None)


def hidden_dataset(mesh: Mesh) -> None:
    make_dataset(f"main.{WORD}")
    save_domain("claims", name="Claims", parent=mesh.claims.parent, visibility="domain", by=None)


def moved_out_of_a_hidden_domain(mesh: Mesh) -> None:
    area = save_domain(f"{WORD}-area", name="Area", visibility="team", team=mesh.team, by=None)
    guid = "7b5bb4a3-31ac-44a5-9b4a-96a0ee1a5b3b"
    make_product("neighbour", domain=area.key, guid=guid)
    make_product("neighbour", guid=guid)


def view_over_a_hidden_table(mesh: Mesh) -> None:
    make_product("neighbour")
    make_dataset(f"main.{WORD}", domain=mesh.policy.key, team="policy-team")
    save_domain("policy", name="Policy", parent=mesh.policy.parent, visibility="domain", by=None)
    for limit in (1, 2):
        make_dataset(
            "main.recent",
            kind="view",
            view_definition=f"SELECT id FROM main.{WORD} WHERE id > {limit}",
            columns=[column("id")],
        )


def requested_then_hidden(mesh: Mesh) -> None:
    product = opal()
    for person in (mesh.charlie, mesh.bob):
        follow_product(product, by=person)
        request = request_access(product.ports.get(), by=person, purpose="To look into late claims")
        decide(request, by=mesh.alice, approve=True)
    notify()
    opal(visibility="team")
    notify()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "stranger", "insider"),
    [
        (hidden_product, "charlie", "alice"),
        (hidden_then_deleted, "charlie", "alice"),
        (hidden_domain, "charlie", "alice"),
        (hidden_dataset, "charlie", "alice"),
        (moved_out_of_a_hidden_domain, "charlie", "alice"),
        (view_over_a_hidden_table, "bob", "admin"),
        (requested_then_hidden, "charlie", "bob"),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_what_became_hidden_is_named_nowhere(
    mesh: Mesh, story: Callable[[Mesh], None], stranger: str, insider: str
) -> None:
    story(mesh)
    assert WORD in read(mesh, insider), "who may see it reads it"
    text = read(mesh, stranger)
    assert WORD not in text, text[max(0, text.index(WORD) - 300) : text.index(WORD) + 100]


@pytest.mark.django_db
def test_what_was_hidden_then_stays_untold_once_it_is_visible(mesh: Mesh) -> None:
    opal(visibility="team", description="a first, secret word")
    opal(description="open to all")
    events = Event.objects.filter(subject_key=f"claims/{WORD}-claims")
    seen = Event.objects.visible_to(mesh.charlie).filter(pk__in=events.values("pk"))
    assert [event.type for event in events] == ["product.created", "product.updated"]
    assert [event.type for event in seen] == ["product.updated"]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "dana", "admin"])
def test_webhooks_send_what_the_feed_shows(mesh: Mesh, who: str) -> None:
    for story in (hidden_then_deleted, hidden_domain, hidden_dataset, moved_out_of_a_hidden_domain):
        story(mesh)
    user = getattr(mesh, who)
    webhook = subscribe(user)

    last = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    sent = [event.pk for event in next_batches([webhook])[0].events]
    shown = Event.objects.visible_to(user).filter(pk__lte=last).order_by("pk")
    assert sent == list(shown.values_list("pk", flat=True)[: len(sent)])
    assert len(sent) == min(20, shown.count())


@pytest.mark.django_db
def test_requests_of_hidden_products_are_counted_and_not_named(mesh: Mesh, client: Client) -> None:
    requested_then_hidden(mesh)
    client.force_login(mesh.charlie)
    page = client.get("/requests").content.decode()
    assert " ".join(page.split()).count("1 more request") == 1
    client.force_login(mesh.bob)
    assert "more request" not in client.get("/requests").content.decode()

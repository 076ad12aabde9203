"""Nobody changes what is not theirs: every address that writes, as everybody who has no right to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.access.requests import decide, request_access
from catalog.descriptors import DatasetAddress, ObjectiveDescriptor, PortDescriptor
from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.models import (
    AccessRequest,
    ApiToken,
    Check,
    Column,
    Contract,
    Dataset,
    Domain,
    DomainSteward,
    Grant,
    Invitation,
    Layer,
    Membership,
    NamespaceClaim,
    Objective,
    Port,
    PortDataset,
    Product,
    Role,
    Team,
    User,
    Webhook,
)
from catalog.people.invitations import invite
from catalog.people.teams import set_member, set_steward
from catalog.people.tokens import make_token
from catalog.people.viewers import forget_tokens
from ingestors.models import Run, Secret, Source
from ingestors.services.sources import create_source
from ingestors.services.vault import create_secret
from lineage.models import ColumnEdge, Edge, Job
from tests.conftest import Mesh
from tests.factories import NAMESPACE, make_dataset, make_product, make_user
from tests.guards.read_addresses import names
from tests.guards.write_calls import HARMLESS, Call, Things, calls

KEPT: tuple[type[models.Model], ...] = (
    Product, Port, PortDataset, Dataset, Column, Contract, Objective, Check, Layer, Domain, Team,
    NamespaceClaim, Secret, Invitation, Membership, DomainSteward, Grant, AccessRequest,
    Source, Run, Webhook, ApiToken, User, Job, Edge,
    ColumnEdge,
)  # fmt: skip
#: What a look at a page or a call with a token may write.
VOLATILE = {"last_used_at", "last_login", "password"}
#: What anybody signed in may make: requests of one's own, and what is one's own alone.
OWN = (AccessRequest, Webhook, ApiToken)
SAFE = {"get", "head", "options"}


@pytest.fixture
def things(mesh: Mesh, settings: LazySettings) -> Things:
    settings.VAULT_KEYS = Fernet.generate_key().decode()
    mine = NewOwner.of(mesh.team, None)
    claim = grant_namespace(NAMESPACE, "", mine, by=mesh.admin)
    dataset, other = make_dataset("main.claims"), make_dataset("main.raw")
    address = DatasetAddress(namespace=dataset.namespace, name=dataset.name)
    promise = ObjectiveDescriptor(
        key="fresh", indicator="freshness", comparison="<=", target=6, unit="hours"
    )
    product = make_product(
        ports=[PortDescriptor(direction="out", name="sql", datasets=[address])],
        objectives=[promise],
    )
    port = product.ports.get()
    erin = make_user("erin")
    granted = request_access(port, by=erin, purpose="To look into late claims")
    decide(granted, by=mesh.alice, approve=True)
    grant = Grant.objects.get()
    frank = make_user("frank")
    request = request_access(port, by=frank, purpose="To look into late claims")
    source = create_source(
        name="Shop",
        connector="files",
        config={"path": "/nowhere/*.csv"},
        domain=mesh.claims,
        team=mesh.team,
        by=mesh.alice,
    )
    return Things(
        product=product,
        dataset=dataset,
        other=other,
        request=request,
        grant=grant,
        token=make_token(mesh.alice, name="deploy", scope="write")[0],
        webhook=Webhook.objects.create(owner=mesh.alice, name="mine", url="https://example.com/h"),
        source=source,
        run=Run.objects.create(source=source, trigger="hand"),
        edge=_edge(mesh, other, dataset),
        alice=mesh.alice,
        charlie=mesh.charlie,
        objective=Objective.objects.get().pk,
        claim=claim,
        invitation=invite(by=mesh.alice, team=mesh.team)[0],
        secret=create_secret(mesh.team, name="warehouse", value="planted-secret", by=mesh.alice),
    )


def _edge(mesh: Mesh, upstream: Dataset, downstream: Dataset) -> Edge:
    client = Client()
    client.force_login(mesh.alice)
    body = {"upstream": upstream.pk, "downstream": downstream.pk}
    answer = client.post("/api/v1/lineage-edges", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return Edge.objects.get()


def strangers(mesh: Mesh) -> dict[str, tuple[User | None, str]]:
    """Return who has no right to change what is alice's, and the scope of their token."""
    owner = make_user("other-owner")
    set_member(mesh.other_team, owner, role=Role.OWNER, by=None)
    member = make_user("plain-member")
    set_member(mesh.team, member, role=Role.MEMBER, by=None)
    beside = make_user("steward-beside")
    set_steward(mesh.policy, beside, by=None)
    left = make_user("left")
    set_member(mesh.team, left, role=Role.OWNER, by=None)
    User.objects.filter(pk=left.pk).update(is_active=False)
    left.is_active = False
    for user in (owner, member, beside, left):
        forget_tokens(user)
    return {
        "owner of another team": (owner, "write"),
        "member of the team": (member, "write"),
        "steward of the domain beside": (beside, "write"),
        "reader token of an owner": (mesh.alice, "read"),
        "person without a team": (make_user("nobody"), "write"),
        "person who left": (left, "write"),
        "anonymous": (None, ""),
    }


def rows() -> dict[tuple[str, Any], dict[str, Any]]:
    """Return every row of what a mesh is made of."""
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    for model in KEPT:
        for row in model._default_manager.order_by().values():
            kept = {name: value for name, value in row.items() if name not in VOLATILE}
            found[model.__name__, row["id"]] = kept
    return found


def send(call: Call, user: User | None, scope: str) -> int:
    """Make the call, REST with a token and pages with a session; return the status."""
    client = Client(raise_request_exception=False)
    address = reverse(call.name, kwargs=call.args) + call.query
    head: dict[str, str] = {}
    is_page = not address.startswith("/api/")
    if user is not None and is_page:
        if scope == "read" or not user.is_active:
            return 403  # a session has no scope, and who left has none
        client.force_login(user)
    elif user is not None:
        head["x-api-key"] = make_token(user, name="t", scope=scope)[1]
    answer = client.generic(
        call.method.upper(), address, call.content, content_type=call.kind, headers=head
    )
    return answer.status_code


def is_of(row: dict[str, Any], mesh: Mesh) -> bool:
    """Tell whether a new row is put into what belongs to alice's team."""
    own = {
        "team_id": mesh.team.pk,
        "domain_id": mesh.claims.pk,
        "product_id": Product.objects.filter(team=mesh.team).values_list("pk", flat=True),
    }
    return row.get("team_id") == own["team_id"] or row.get("domain_id") == own["domain_id"]


def changed(
    before: dict[tuple[str, Any], dict[str, Any]], mesh: Mesh, *, is_nobody: bool
) -> list[str]:
    after = rows()
    found = [f"{key[0]} {key[1]} is gone" for key in before.keys() - after.keys()]
    for key in before.keys() & after.keys():
        moved = {n: after[key][n] for n in before[key] if before[key][n] != after[key][n]}
        if moved:
            found.append(f"{key[0]} {key[1]}: {moved}")
    own = {model.__name__ for model in OWN}
    for key in after.keys() - before.keys():
        if key[0] not in own and (is_nobody or is_of(after[key], mesh)):
            found.append(f"{key[0]} {key[1]} is new: {after[key]}")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "who",
    [
        "owner of another team",
        "member of the team",
        "steward of the domain beside",
        "reader token of an owner",
        "person without a team",
        "person who left",
        "anonymous",
    ],
)
def test_nothing_of_anothers_changes(mesh: Mesh, things: Things, who: str) -> None:
    user, scope = strangers(mesh)[who]
    is_nobody = who in {"person without a team", "person who left", "anonymous"}
    before = rows()
    wrong = []
    for call in calls(things):
        with transaction.atomic():
            status = send(call, user, scope)
            moved = [m for m in changed(before, mesh, is_nobody=is_nobody) if "ApiToken" not in m]
            transaction.set_rollback(True)
        if status >= 500 or moved:
            wrong.append(f"{call} → {status}: {moved}")
        if user is not None:
            forget_tokens(user)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.django_db
def test_the_calls_would_change_it_for_who_may(mesh: Mesh, things: Things) -> None:
    """A matrix of calls that nobody could make shows nothing."""
    before = rows()
    blunt = []
    for call in calls(things):
        if not call.bites:
            continue
        with transaction.atomic():
            status = send(call, mesh.alice, "write")
            after = rows()
            transaction.set_rollback(True)
        same = {k: v for k, v in after.items() if k[0] != "ApiToken" or k in before}
        if same == before:
            blunt.append(f"{call} → {status}")
    assert blunt == [], "\n".join(blunt)


def _patterns(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


@pytest.mark.django_db
def test_each_address_that_writes_has_a_row(mesh: Mesh, things: Things) -> None:
    """Addresses of a view class say what they take; a page is asked with an empty form."""
    told = {call.name for call in calls(things)} | HARMLESS
    client = Client(raise_request_exception=False)
    client.force_login(mesh.admin)
    missing = []
    for pattern in _patterns(get_resolver().url_patterns):
        name = str(pattern.name)
        if name in told:
            continue
        actions = getattr(pattern.callback, "actions", None)
        view = getattr(pattern.callback, "cls", None)
        if actions is not None or view is not None:
            taken = set(actions or [m for m in view.http_method_names if hasattr(view, m)]) - SAFE  # type: ignore[union-attr]
            if taken:
                missing.append(f"{name}: {sorted(taken)}")
            continue
        arguments = {key: _argument(key) for key in pattern.pattern.converters}
        with transaction.atomic():
            status = client.post(reverse(name, kwargs=arguments)).status_code
            transaction.set_rollback(True)
        if status != 405:
            missing.append(f"{name}: takes POST ({status})")
    assert missing == [], "say in tests/guards/write_calls.py what to send: " + "; ".join(missing)


def _argument(name: str) -> Any:
    if name == "run":
        return "00000000-0000-0000-0000-000000000001"
    return 1 if name in {"pk", "letter"} else "claims"


def test_the_names_are_names_of_addresses() -> None:
    known = set(names(get_resolver().url_patterns))
    assert HARMLESS - known == set()

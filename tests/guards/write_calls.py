"""What to send to each address that writes, about things that belong to alice's team.

An address that is not named here and takes POST, PUT, PATCH or DELETE fails `test_write_matrix`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.models import (
    AccessRequest,
    ApiToken,
    Dataset,
    Grant,
    Invitation,
    NamespaceClaim,
    Product,
    User,
    Webhook,
)
from ingestors.models import Run, Secret, Source
from lineage.models import Edge
from tests.factories import NAMESPACE

NDJSON = "application/x-ndjson"
YAML = "application/yaml"
FORM = "application/x-www-form-urlencoded"
GUID = "7b5bb4a3-31ac-44a5-9b4a-96a0ee1a5b3b"
#: Addresses that change nothing of others whoever calls: they ask, judge, preview, sign in, or are about oneself.
HARMLESS = {
    "api-marquez-search", "api-docs", "api-lineage-sql", "api-contract-lint", "api-contract-diff",
    "preview", "check-contract", "theme", "healthz", "readyz", "metrics",
    "join", "choose-password",
    "set-up", "sign-in", "sign-out", "profile", "tokens", "messages", "unsubscribe", "webhooks", "webhook",
    "notifications", "read-notifications", "open-notification", "api-notification-read",
    "api-token-list", "api-webhook-list", "api-follow-detail", "follow", "revoke-tokens", "sign-out-elsewhere",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Things:
    """What belongs to alice's team."""

    product: Product
    dataset: Dataset
    other: Dataset
    request: AccessRequest
    grant: Grant
    token: ApiToken
    webhook: Webhook
    source: Source
    run: Run
    edge: Edge
    alice: User
    charlie: User
    objective: int
    claim: NamespaceClaim
    secret: Secret
    invitation: Invitation


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the address by its name and arguments, and what is sent.

    It `bites` where the same call by alice changes something.
    """

    name: str
    method: str
    args: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    kind: str = "application/json"
    bites: bool = True
    query: str = ""

    @property
    def content(self) -> str:
        """Return the body as text."""
        if isinstance(self.body, str):
            return self.body
        return json.dumps(self.body if self.body is not None else {})

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.name}{self.query} {self.content[:60]}"


def product_body(**changes: Any) -> dict[str, Any]:
    """Return a body that states the product anew."""
    return {
        "dataProductGUID": GUID,
        "createDate": "2026-01-15",
        "owner": "claims-team",
        "displayname": "Taken over",
        "description": "Taken over.",
        "readableDataProductKey": "claims/settled-claims",
        **changes,
    }


def lines(*rows: dict[str, Any]) -> str:
    """Return rows as NDJSON."""
    return "\n".join(json.dumps(row) for row in rows) + "\n"


def odps(key: str) -> str:
    """Return a product descriptor of a standard."""
    return json.dumps(
        {
            "apiVersion": "v1.0.0",
            "kind": "DataProduct",
            "id": GUID,
            "name": key,
            "status": "active",
            "domain": "claims",
            "description": {"purpose": "Taken over."},
        }
    )


def odcs(identity: str, product: str = "claims/settled-claims") -> dict[str, Any]:
    """Return a contract of a standard."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": identity,
        "version": "9.0.0",
        "status": "active",
        "dataProduct": product,
        "schema": [{"name": "claims", "properties": [{"name": "id", "logicalType": "string"}]}],
    }


def run_event(things: Things, job: str = "load") -> dict[str, Any]:
    """Return an OpenLineage event that writes alice's dataset."""
    address = {"namespace": things.dataset.namespace, "name": things.dataset.name}
    facet = {"_producer": "https://example.com", "_schemaURL": "https://example.com/facet.json"}
    schema = {**facet, "fields": [{"name": "planted", "type": "text"}]}
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-05-03T06:00:00Z",
        "producer": "https://example.com",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        "run": {"runId": "00000000-0000-0000-0000-0000000000aa"},
        "job": {"namespace": NAMESPACE, "name": job},
        "inputs": [{"namespace": things.other.namespace, "name": things.other.name}],
        "outputs": [{**address, "facets": {"schema": schema}}],
    }


def calls(things: Things) -> Iterator[Call]:
    """Yield every call."""
    yield from _products(things)
    yield from _documents(things)
    yield from _access(things)
    yield from _sources(things)
    yield from _lineage(things)
    yield from _people(things)
    yield from _mesh(things)
    yield from _names_and_secrets(things)


def _products(things: Things) -> Iterator[Call]:
    product, dataset = things.product, things.dataset
    guid = {"dataProductGUID": product.guid}
    fresh = {"dataProductGUID": GUID}
    page = {"domain": "claims", "key": product.key}
    yield Call("api-product-detail", "put", guid, product_body(dataProductGUID=product.guid))
    yield Call("api-product-detail", "put", fresh, product_body(), bites=False)
    yield Call("api-product-detail", "put", fresh, product_body(owner="policy-team"), bites=False)
    theirs = product_body(owner="policy-team", readableDataProductKey="claims/planted")
    yield Call("api-product-detail", "put", fresh, theirs, bites=False)
    port = {"name": "sql", "datasets": [{"namespace": dataset.namespace, "name": dataset.name}]}
    serving = product_body(
        owner="policy-team",
        readableDataProductKey="policy/planted",
        visibility="everyone",
        ports=[{"direction": "out", **port}],
    )
    yield Call("api-product-detail", "put", fresh, serving, bites=False)
    yield Call("api-product-detail", "patch", guid, {"description": "Taken over."})
    yield Call("api-product-detail", "patch", guid, {"visibility": "everyone"}, bites=False)
    yield Call("api-product-detail", "patch", guid, {"takeBack": ["description"]}, bites=False)
    yield Call("api-product-detail", "delete", guid)
    yield Call("api-dataset-detail", "patch", {"pk": dataset.pk}, {"description": "Taken over."})
    yield Call("edit", "post", page, "description=Taken+over&revision=1", FORM, bites=False)
    yield Call("edit", "post", page, "take_back=description", FORM, bites=False)
    yield Call("edit", "post", page, "take_back=certified", FORM, bites=False)
    yield Call("delete-product", "post", page, f"confirm={product.key}", FORM)
    yield Call(
        "edit-dataset", "post", {"pk": dataset.pk}, "description=Taken+over", FORM, bites=False
    )
    column = {"pk": dataset.pk}
    yield Call(
        "edit-column", "post", column, "description=x&sensitivity=none", FORM, False, "?path=id"
    )
    yield Call("edit-column", "post", column, "take_back=sensitivity", FORM, False, "?path=id")
    table = "dataProductGUID,description\n" + f"{product.guid},Taken over\n"
    yield Call("api-import-products", "post", {}, table, "text/csv", bites=False)
    yield Call("edit-by-table", "post", {}, f"what=write&table={table}", FORM, bites=False)
    yield Call("tag-products", "post", {}, f"product={product.pk}&tag=planted", FORM, bites=False)
    new = "name=Planted&key=planted&team=claims-team&domain=claims"
    yield Call("new-product", "post", {}, new, FORM)
    objective = {"pk": things.objective}
    yield Call("api-objective-measurements", "post", objective, {"value": 1}, bites=False)


def _documents(things: Things) -> Iterator[Call]:
    product, dataset = things.product, things.dataset
    pushed = {k: v for k, v in product_body().items() if k != "createDate"}
    at = {"namespace": dataset.namespace, "name": dataset.name}
    columns = [{"path": "planted", "type": "string"}]
    yield Call(
        "api-push", "post", {}, lines({"kind": "product", "document": pushed}), NDJSON, False
    )
    for owner in ("claims-team", "policy-team"):
        said = {**pushed, "owner": owner, "dataProductGUID": product.guid}
        yield Call(
            "api-push", "post", {}, lines({"kind": "product", "document": said}), NDJSON, False
        )
        said = {**at, "owner": owner, "columns": columns}
        yield Call(
            "api-push", "post", {}, lines({"kind": "dataset", "document": said}), NDJSON, False
        )
    event = {"kind": "lineage", "document": run_event(things)}
    yield Call("api-push", "post", {}, lines(event), NDJSON, False)
    for team in ("claims-team", "policy-team"):
        query = f"?domain=claims&team={team}"
        yield Call("api-descriptors", "post", {}, odps("settled-claims"), bites=False, query=query)
    contract = odcs("settled-contract")
    yield Call(
        "api-contract-detail", "put", {"contractId": "settled-contract"}, contract, bites=False
    )
    yield Call("client-contract", "put", {"contractId": "settled-contract"}, contract, bites=False)
    yield Call(
        "client-product", "put", {"productId": product.guid}, odps("settled-claims"), bites=False
    )
    result = {"contract": "settled-contract", "checks": [{"name": "x", "result": "failed"}]}
    yield Call("api-quality-results", "post", {}, result, bites=False)
    yield Call("client-results", "post", {}, result, bites=False)
    text = f"text={json.dumps(contract)}&do=publish"
    page = {"domain": "claims", "key": product.key}
    yield Call("edit-contract", "post", page, text, FORM, bites=False)


def _access(things: Things) -> Iterator[Call]:
    request, grant = {"pk": things.request.pk}, {"pk": things.grant.pk}
    why = {"comment": "No."}
    asked = {"product": things.product.guid, "port": "sql", "purpose": "x"}
    yield Call("api-access-request-list", "post", {}, asked, bites=False)
    yield Call("api-access-request-approve", "post", request, why)
    yield Call("api-access-request-reject", "post", request, why)
    yield Call("api-access-request-withdraw", "post", request, bites=False)
    yield Call("api-grant-renew", "post", grant, bites=False)
    yield Call("api-grant-revoke", "post", grant, why)
    page = {"domain": "claims", "key": things.product.key}
    yield Call("request-access", "post", page, "purpose=x", FORM, bites=False)
    yield Call("withdraw-request", "post", request, "", FORM, bites=False)
    yield Call("decide-request", "post", request, "decision=approve&comment=yes", FORM, bites=False)
    yield Call(
        "decide-requests",
        "post",
        {},
        f"request={things.request.pk}&decision=reject&comment=no",
        FORM,
        False,
    )
    yield Call("approvals", "post", {}, "", FORM, bites=False)
    yield Call("my-requests", "post", {}, "", FORM, bites=False)
    yield Call("revoke-grant", "post", grant, "comment=No", FORM)
    yield Call("renew-grant", "post", grant, "", FORM, bites=False)


def _sources(things: Things) -> Iterator[Call]:
    source, run = {"key": things.source.key}, {"pk": things.run.pk}
    said = (
        f"name=Taken&key={things.source.key}&connector=files&config=%7B%22path%22%3A%22x%22%7D"
        "&domain=claims&team=claims-team&rules=%5B%5D"
    )
    yield Call("new-source", "post", {}, said.replace(things.source.key, "planted"), FORM, False)
    yield Call("edit-source", "post", source, said, FORM, bites=False)
    yield Call("check-source", "post", source, "", FORM, bites=False)
    yield Call("pause-source", "post", source, "", FORM)
    yield Call("delete-source", "post", source, f"confirm={things.source.key}", FORM)
    yield Call("run-source", "post", source, "", FORM, bites=False)
    yield Call("cancel-run", "post", run, "", FORM, bites=False)
    yield Call("confirm-run", "post", run, "", FORM, bites=False)
    yield Call("api-run-list", "post", {}, {"source": things.source.key}, bites=False)


def _lineage(things: Things) -> Iterator[Call]:
    ends = {"upstream": things.other.pk, "downstream": things.dataset.pk}
    yield Call("api-lineage", "post", {}, run_event(things), bites=False)
    yield Call("api-lineage", "post", {}, run_event(things, "planted"), bites=False)
    yield Call("api-lineage-batch", "post", {}, [run_event(things)], bites=False)
    yield Call("api-lineage-edge-list", "post", {}, ends, bites=False)
    yield Call("api-lineage-edge-detail", "delete", {"pk": things.edge.pk})
    rest = {"rest": f"{NAMESPACE}/datasets/{things.dataset.name}"}
    yield Call("api-namespace", "delete", rest, bites=False)
    focus = f"dataset:{things.dataset.pk}"
    yield Call(
        "api-lineage-impact-notify", "post", {}, {"focus": focus, "text": "Gone"}, bites=False
    )
    yield Call("lineage-announce", "post", {}, f"focus={focus}&text=Gone", FORM, bites=False)


def _people(things: Things) -> Iterator[Call]:
    charlie = {"pk": things.charlie.pk}
    yield Call("set-role", "post", charlie, "team=claims-team&role=owner", FORM, bites=False)
    yield Call("set-stewardship", "post", charlie, "domain=claims&what=add", FORM, bites=False)
    yield Call("set-account", "post", {"pk": things.alice.pk}, "what=make-admin", FORM, bites=False)
    yield Call("set-account", "post", {"pk": things.alice.pk}, "what=password", FORM, bites=False)
    yield Call("deactivate", "post", {"pk": things.alice.pk}, "sure=yes", FORM, bites=False)
    yield Call("person", "post", {"pk": things.alice.pk}, "", FORM, bites=False)
    yield Call(
        "domain-breaking-changes", "post", {"key": "claims"}, "breaking_changes=refuse", FORM, False
    )
    yield Call("first-steps", "post", {}, "do=name&name=Taken", FORM, bites=False)
    yield Call("invitations", "post", {}, "team=claims-team&role=owner&days=7", FORM)
    yield Call("do-invitation", "post", {"pk": things.invitation.pk}, "do=revoke", FORM)
    yield Call("do-invitation", "post", {"pk": things.invitation.pk}, "do=renew", FORM)
    token, hook = {"pk": things.token.pk}, {"pk": things.webhook.pk}
    yield Call("api-token-detail", "delete", token, bites=False)
    yield Call("api-token-revoke-all", "post", {}, {"user": "alice"}, bites=False)
    yield Call("revoke-token", "post", token, "", FORM)
    yield Call("api-webhook-detail", "patch", hook, {"name": "taken"})
    yield Call("api-webhook-detail", "delete", hook)
    yield Call("api-webhook-letter", "post", {**hook, "letter": 1}, bites=False)
    yield Call("api-webhook-letters", "delete", hook, bites=False)
    yield Call("api-webhook-replay", "post", hook, {"after": 0}, bites=False)
    yield Call("api-webhook-secret", "post", hook)
    yield Call("api-webhook-test", "post", hook, bites=False)
    yield Call("do-webhook", "post", hook, "do=delete", FORM, bites=False)
    yield Call(
        "answer-webhook-letter", "post", {**hook, "letter": 1}, "do=retry", FORM, bites=False
    )
    yield Call("change-chore", "post", {"pk": 1}, "do=pause", FORM, bites=False)
    yield Call("answer-letter", "post", {"pk": 1}, "do=dismiss", FORM, bites=False)


def _mesh(things: Things) -> Iterator[Call]:
    """Domains, teams and roles: stewards and admins alone, but the owners of a team say who is in it."""
    domain, team = {"key": "claims"}, {"key": "claims-team"}
    member, taken = {**team, "username": "charlie"}, {"name": "Taken", "domain": "claims"}
    yield Call("api-domain-list", "post", {}, {"name": "Planted", "parent": "claims"}, bites=False)
    yield Call("api-domain-detail", "put", domain, {"name": "Taken"}, bites=False)
    yield Call("api-domain-detail", "patch", domain, {"breakingChanges": "refuse"}, bites=False)
    yield Call("api-domain-detail", "patch", domain, {"parent": "policy"}, bites=False)
    yield Call("api-domain-steward", "put", {**domain, "username": "charlie"}, bites=False)
    yield Call("api-domain-steward", "delete", {**domain, "username": "dana"}, bites=False)
    yield Call("api-team-list", "post", {}, taken, bites=False)
    yield Call("api-team-detail", "put", team, taken, bites=False)
    yield Call("api-team-detail", "patch", team, {"domain": "policy"}, bites=False)
    yield Call("api-team-member", "put", member, {"role": "owner"})
    yield Call("api-team-member", "delete", {**team, "username": "bob"})
    made = "name=Planted&visibility=everyone"
    yield Call("new-domain", "post", {}, made, FORM, bites=False)
    yield Call("edit-domain", "post", domain, made, FORM, bites=False)
    yield Call("domain-stewards", "post", domain, "person=charlie&role=steward", FORM, bites=False)
    yield Call("new-team", "post", {}, "name=Planted", FORM, bites=False)
    yield Call("edit-team", "post", team, "name=Taken", FORM, bites=False)
    yield Call("api-domain-detail", "patch", domain, {"key": "taken"}, bites=False)
    yield Call("api-domain-detail", "delete", domain, bites=False, query="?successor=policy")
    yield Call("api-team-detail", "patch", team, {"key": "taken"}, bites=False)
    yield Call("api-team-detail", "delete", team, bites=False, query="?successor=policy-team")
    yield Call("retire-domain", "post", domain, "confirm=claims", FORM, bites=False)
    yield Call("retire-team", "post", team, "confirm=claims-team", FORM, bites=False)
    yield Call("team-members", "post", team, "person=charlie&role=owner", FORM)
    yield Call("team-members", "post", team, "person=bob&do=remove", FORM)


def _names_and_secrets(things: Things) -> Iterator[Call]:
    claim, secret, team = {"pk": things.claim.pk}, {"pk": things.secret.pk}, {"key": "claims-team"}
    whole = {"namespace": NAMESPACE, "prefix": "main.", "team": "policy-team"}
    yield Call("api-namespace-claim-list", "post", {}, whole, bites=False)
    yield Call("api-namespace-claim-detail", "patch", claim, {"team": "policy-team"}, bites=False)
    yield Call("api-namespace-claim-detail", "delete", claim, bites=False)
    yield Call("api-namespace-claim-dispute", "delete", claim, bites=False)
    new = f"namespace={NAMESPACE}&begins=main.&owner=team:policy-team"
    yield Call("new-namespace", "post", {}, new, FORM, bites=False)
    yield Call("do-namespace", "post", claim, "do=move&owner=team:policy-team", FORM, bites=False)
    yield Call("do-namespace", "post", claim, "do=release", FORM, bites=False)
    kept = {"team": "claims-team", "name": "planted", "value": "x"}
    yield Call("api-secret-list", "post", {}, kept)
    yield Call("api-secret-detail", "put", secret, {"value": "taken"})
    yield Call("api-secret-detail", "delete", secret)
    yield Call("team-secrets", "post", team, "name=planted&value=x", FORM)
    yield Call("replace-secret", "post", secret, "value=taken", FORM)
    yield Call("delete-secret", "post", secret, f"confirm={things.secret.name}", FORM)

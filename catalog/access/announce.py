"""The events of requests and grants: who, for what, and whom it concerns.

They are kept to the owning team, and the stewards above it: a purpose is nobody else's business. The
requester and the grantee read theirs on their own pages and in their notifications.
"""

from __future__ import annotations

from datetime import datetime

from catalog.descriptors import JsonValue
from catalog.events.log import NewEvent
from catalog.models import AccessRequest, Grant, Port, Product, Team, User
from catalog.people.policies import owning_team
from catalog.visibility import domain_token, team_token

EventData = dict[str, "JsonValue | EventData"]


def audience_of_access(product: Product) -> str:
    """Return who reads of requests for a product: its owning team, else its domain."""
    team = owning_team(product)
    return domain_token(product.domain_id) if team is None else team_token(team)


def request_event(
    kind: str, request: AccessRequest, *, by: User, at: datetime, grant: Grant | None = None
) -> NewEvent:
    """Make `access.<kind>` of a request; its port, product and domain are loaded."""
    data = _about(request.port, request.requester, request.grantee_team)
    data |= {
        "request": request.pk,
        "purpose": request.purpose,
        "note": request.note,
        "ends_on": request.ends_on.isoformat() if request.ends_on else None,
        "renews": request.renews_id,
    }
    if kind != "requested":
        data |= {"comment": request.comment, "is_self_decided": request.is_self_decided}
    if grant is not None:
        data["grant"] = grant.pk
    return _event(f"access.{kind}", "access-request", request.pk, request.port, by, at, data)


def grant_event(
    kind: str, grant: Grant, *, by: User | None, at: datetime, extra: EventData | None = None
) -> NewEvent:
    """Make `grant.<kind>` of a grant; its port, product and domain are loaded."""
    data = _about(grant.port, grant.user, grant.team)
    data |= {
        "grant": grant.pk,
        "request": grant.request_id,
        "ends_on": grant.ends_on.isoformat() if grant.ends_on else None,
        "comment": grant.end_comment,
    }
    return _event(f"grant.{kind}", "grant", grant.pk, grant.port, by, at, data | (extra or {}))


def _about(port: Port, person: User | None, team: Team | None) -> EventData:
    return {
        "port": {"id": port.pk, "name": port.name, "major": port.major},
        "product": {"id": port.product_id, "name": port.product.name, "ref": str(port.product.ref)},
        "person": None if person is None else {"id": person.pk, "name": str(person)},
        "team": None if team is None else {"id": team.pk, "key": team.key, "name": team.name},
    }


def _event(
    type_: str,
    kind: str,
    pk: int,
    port: Port,
    by: User | None,
    at: datetime,
    data: EventData,
) -> NewEvent:
    return NewEvent(
        type=type_,
        at=at,
        actor=by,
        actor_name="Gazetteer" if by is None else str(by),
        subject_kind=kind,
        subject_key=port.product.ref.port_urn(port.name, port.major),
        subject_id=pk,
        product_id=port.product_id,
        audience=audience_of_access(port.product),
        data=data,
    )

"""The event log as others read it: each event with the product and domain it concerns."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from catalog.models import Event, Product
from catalog.standards.cloudevents import Happened, cloud_event


def cloud_events(events: Sequence[Event]) -> list[dict[str, object]]:
    """Return events as CloudEvents, in their order; one query. Callers checked who may see them."""
    places = _places(events)
    return [cloud_event(_happened(event, *places[event.pk]), source()) for event in events]


def source() -> str:
    """Return what this installation calls itself in `source`."""
    return f"{settings.PUBLIC_URL}/"


def _places(events: Sequence[Event]) -> dict[int, tuple[str, str]]:
    """Return the product's GUID and the domain's key of each event; a deleted product is told by the event."""
    wanted = {event.product_id for event in events if event.product_id}
    rows = Product.objects.filter(pk__in=wanted).values_list("pk", "guid", "domain__key")
    known = {pk: (guid, domain) for pk, guid, domain in rows}
    return {event.pk: known.get(event.product_id or 0) or _told(event) for event in events}


def _told(event: Event) -> tuple[str, str]:
    if event.subject_kind == "product":
        return str(event.data.get("guid") or ""), event.subject_key.partition("/")[0]
    return "", event.subject_key if event.subject_kind == "domain" else ""


def _happened(event: Event, product: str, domain: str) -> Happened:
    return Happened(
        number=event.pk,
        type=event.type,
        at=event.at,
        recorded_at=event.recorded_at,
        actor=event.actor_name,
        subject_kind=event.subject_kind,
        subject_key=event.subject_key,
        product=product,
        domain=domain,
        data=event.data,
    )

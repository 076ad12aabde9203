"""Deleting a product: its rows go, its layers stay, so that what people wrote comes back with it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import Dataset, Product, User
from catalog.people import audience
from catalog.people.policies import Action, may


def remove_product(product: Product, *, by: User) -> None:
    """Delete a product and what hangs on it, with an event. Raises PermissionDenied."""
    with transaction.atomic():
        event_log.lock()
        if not may(by, Action.DELETE_PRODUCT, product):
            raise PermissionDenied("Only an owner of the owning team deletes it.")
        served = list(Dataset.objects.filter(product=product).values_list("pk", flat=True))
        event = NewEvent(
            type="product.removed",
            actor=by,
            subject_kind="product",
            subject_key=str(product.ref),
            subject_id=product.pk,
            product_id=product.pk,
            audience=product.audience,
            data={"guid": product.guid, "name": product.name},
        )
        product.delete()
        audience.refresh(products=[], datasets=served)
        event_log.record([event])

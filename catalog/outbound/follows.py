"""Following products."""

from __future__ import annotations

from django.db import transaction

from catalog.events.log import NewEvent, record
from catalog.models import Follow, Product, User
from catalog.visibility import person_token


def follow(product: Product, *, by: User) -> None:
    """Let a person hear of a product's changes; twice is once."""
    with transaction.atomic():
        _, made = Follow.objects.get_or_create(user=by, product=product)
        if made:
            record([_event("product.followed", product, by)])


def unfollow(product: Product, *, by: User) -> None:
    """Stop telling a person of a product's changes."""
    with transaction.atomic():
        gone, _ = Follow.objects.filter(user=by, product=product).delete()
        if gone:
            record([_event("product.unfollowed", product, by)])


def _event(kind: str, product: Product, by: User) -> NewEvent:
    return NewEvent(
        type=kind,
        actor=by,
        subject_kind="product",
        subject_key=str(product.ref),
        subject_id=product.pk,
        product_id=product.pk,
        audience=person_token(by.pk),
    )

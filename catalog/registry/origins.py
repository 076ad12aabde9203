"""Where each field of a product or dataset comes from."""

from __future__ import annotations

from dataclasses import replace

from catalog.models import Dataset, Layer, Product, User
from catalog.registry.merge import Claim
from catalog.registry.merge import origins as merged_origins
from catalog.registry.preload import statement_of

__all__ = ["Claim", "layers_of", "origins"]


def layers_of(subject: Product | Dataset) -> list[Layer]:
    """Return every layer of a subject."""
    if isinstance(subject, Product):
        return list(Layer.objects.filter(subject_kind="product", subject_key=str(subject.ref)))
    return list(Layer.objects.filter(subject_kind="dataset", subject_key=subject.ref.subject))


def origins(subject: Product | Dataset) -> dict[str, tuple[Claim, ...]]:
    """Say of every field who said it, the winner first, then whom it covers: two queries."""
    claims = merged_origins(map(statement_of, layers_of(subject)))
    people = {claim.by for stated in claims.values() for claim in stated if claim.by}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=people)} if people else {}
    return {
        path: tuple(replace(claim, by_name=names.get(claim.by or 0, "")) for claim in stated)
        for path, stated in claims.items()
    }

"""What a complete push no longer says: products are retired, datasets marked as gone, with a brake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Concat

from catalog.db.batches import batched
from catalog.descriptors import LayerKind, ProductDescriptor, Status
from catalog.events import log as event_log
from catalog.models import Dataset, Layer, Product
from catalog.names import ProductRef
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.call import Call
from catalog.push.permissions import editable
from catalog.push.results import PruneResult
from catalog.registry.apply import apply
from catalog.registry.missing_datasets import BRAKE, mark_gone

_SHOWN = 100
_CHUNK = 500


def mark_unsaid(call: Call) -> PruneResult:
    """Mark what the source said before this push and not in it; of what is not the sender's nothing.

    More than 30 % is a slip until somebody confirms it; then nothing is marked.
    """
    source = call.source_for("")
    layers = Layer.objects.filter(kind=LayerKind.DECLARED, source=source)
    with transaction.atomic():
        event_log.lock()
        products = dict(_products(layers, call))
        datasets = dict(_datasets(layers, call))
        known = _said_now(layers, call) + len(products) + len(datasets)
        count = len(products) + len(datasets)
        if count > known * BRAKE and not call.is_confirmed:
            message = f"{count} of {known} are not said any more; at most {BRAKE:.0%} go without confirm=true"
            return PruneResult(0, known, message, _shown(products, datasets))
        for part in batched(products.items(), _CHUNK):
            retired = [_retired(ref, content) for ref, content in part]
            apply(
                retired,
                layer=LayerKind.DECLARED,
                source=source,
                authority=call.authority,
                by=call.by,
            )
        ids = dict.fromkeys(datasets.values(), call.at)
        mark_gone(ids, source=source, authority=call.authority)
        return PruneResult(count, known, "", _shown(products, datasets))


def _said_now(layers: QuerySet[Layer], call: Call) -> int:
    return layers.filter(stated_at__gte=call.at).count()


def _products(layers: QuerySet[Layer], call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the products that were not said, as they were stated."""
    unsaid = layers.filter(subject_kind="product", stated_at__lt=call.at)
    rows = unsaid.order_by("subject_key").values_list("subject_key", "content")
    for part in batched(rows.iterator(_CHUNK), _CHUNK):
        keys = [ref.partition("/")[2] for ref, _ in part]
        mine = policies.where(
            Product.objects.filter(key__among=keys), call.by, Action.PUBLISH_PRODUCT
        )
        own = {f"{d}/{key}" for d, key in mine.values_list("domain__key", "key")}
        for ref, content in part:
            if ref in own and content.get("status") != Status.RETIRED:
                yield ref, content


def _datasets(layers: QuerySet[Layer], call: Call) -> Iterator[tuple[str, int]]:
    """Yield the datasets that were not said, and that no harvest watches."""
    unsaid = layers.filter(subject_kind="dataset", stated_at__lt=call.at)
    for part in batched(
        unsaid.order_by().values_list("subject_key", flat=True).iterator(_CHUNK), _CHUNK
    ):
        watched = Layer.objects.filter(
            subject_kind="dataset", kind=LayerKind.HARVESTED, subject_key__among=part
        )
        wanted = set(part) - set(watched.values_list("subject_key", flat=True))
        rows = Dataset.objects.annotate(
            subject=Concat("namespace", Value(" "), "name", output_field=TextField())
        ).filter(subject__among=wanted, gone_at__isnull=True)
        found = dict(rows.values_list("pk", "subject"))
        own = editable(Dataset.objects.filter(pk__among=found), call.by)
        yield from ((found[pk], pk) for pk in own.values_list("pk", flat=True))


def _retired(ref: str, content: Mapping[str, Any]) -> ProductDescriptor:
    place = ProductRef.parse(ref)
    address = {"domain": place.domain, "key": place.key}
    return ProductDescriptor.model_validate({**content, **address, "status": Status.RETIRED})


def _shown(products: Iterable[str], datasets: Iterable[str]) -> tuple[str, ...]:
    return tuple([*sorted(products), *sorted(datasets)][:_SHOWN])

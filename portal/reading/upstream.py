"""Whether all that a product is made of is well: what failed or is stale first, however far before it."""

from __future__ import annotations

from django.utils import timezone

from catalog.models import Dataset, Port, PortDataset, Product
from lineage.graph_causes import causes
from lineage.graph_sight import Viewer

MOST_TOLD = 3
#: So much of what stands before a product is looked at when its page is opened.
_MOST_LOOKED_AT = 500


def inputs_of(user: Viewer, product: Product) -> dict[str, object]:
    """Return the first causes among the inputs of a product, as far as one may see them."""
    visible = Dataset.objects.visible_to(user)
    own = set(visible.filter(product=product).values_list("pk", flat=True))
    read = PortDataset.objects.filter(port__product=product, port__direction="in")
    named = visible.filter(pk__in=read.values("dataset_id"))
    ports = Port.objects.filter(product=product, direction="in", upstream__isnull=False)
    upstream = Product.objects.visible_to(user).filter(pk__in=ports.values("upstream_id"))
    served = visible.filter(product__in=upstream.order_by().values("pk"))
    before = [rows.order_by().values_list("pk", flat=True) for rows in (named, served)]
    starts = sorted(own.union(*before))
    found = causes(starts, user=user, most=_MOST_LOOKED_AT) if starts else None
    others = [
        cause
        for cause in (found.causes if found else ())
        if cause.node.product is None or cause.node.product.id != product.pk
    ]
    roots = [cause for cause in others if cause.is_root] or others
    return {
        "roots": roots[:MOST_TOLD],
        "left": max(0, len(roots) - MOST_TOLD),
        "has_failed": any(cause.reason == "failed" for cause in roots),
        "today": timezone.now().date(),
    }

"""Complete what a person is typing, with names that person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from catalog.models import Dataset, Domain, Product, User
from catalog.search.engines import backend
from catalog.visibility import viewer_tokens


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the search box. `path` opens it; without one, `text` is searched for."""

    text: str
    kind: Literal["product", "dataset", "domain", "team", "tag"]
    path: str | None
    hint: str = ""


def suggest(prefix: str, *, by: User | AnonymousUser, limit: int = 8) -> list[Suggestion]:
    """Return up to `limit` suggestions, best first; an empty prefix suggests nothing."""
    start = prefix.strip()[:100]
    if not start:
        return []
    found = backend().suggest(start, viewers=viewer_tokens(by), limit=limit)
    products = (
        Product.objects.visible_to(by)
        .select_related("domain")
        .in_bulk([c.id for c in found if c.kind == "product"])
    )
    datasets = Dataset.objects.visible_to(by).in_bulk([c.id for c in found if c.kind == "dataset"])
    shown: list[Suggestion] = []
    for one in found:
        if one.kind == "product" and (product := products.get(one.id)):
            path = reverse("product", args=[product.domain.key, product.key])
            shown.append(Suggestion(one.text, "product", path, product.domain.name))
        elif one.kind == "dataset" and one.id in datasets:
            path = reverse("dataset", args=[one.id])
            shown.append(Suggestion(one.text, "dataset", path, datasets[one.id].technology))
    domains = Domain.objects.visible_to(by).filter(name__istartswith=start)
    shown += [Suggestion(d.name, "domain", reverse("domain", args=[d.key])) for d in domains[:2]]
    return shown[:limit]

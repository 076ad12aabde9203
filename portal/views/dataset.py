"""The pages of a dataset."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.access.redaction import foreign_keys_of
from catalog.models import Dataset, Port, Sample
from catalog.people.policies import Action, may
from catalog.people.viewers import without_hidden_domains
from catalog.visibility import viewer_tokens
from portal.paging import paginate
from portal.reading import changes, lineage, quality
from portal.reading.flows import sees_inputs
from portal.reading.schema import read_schema
from portal.viewer import viewer

TABS = ("schema", "sample", "quality", "lineage", "changes")
Context = dict[str, object]


@require_safe
def dataset_page(request: HttpRequest, pk: int, tab: str = "schema") -> HttpResponse:
    """Show a dataset; each tab is an address of its own."""
    if tab not in TABS:
        raise Http404(f"A dataset has no page {tab!r}.")
    user = viewer(request)
    rows = Dataset.objects.visible_to(user).select_related(
        "product__domain", "product__team", "domain", "team"
    )
    dataset = get_object_or_404(rows, pk=pk)
    tokens = viewer_tokens(user)
    product = dataset.product
    if product is not None and tokens is not None and product.audience not in tokens:
        product = None
    context: Context = {
        "dataset": dataset,
        "product": product,
        "tab": tab,
        "tags": list(dataset.tags.all()),
        "may_edit": may(user, Action.EDIT_DATASET, dataset),
        "ports": _ports(request, dataset),
        "area": "search",
    }
    context |= _READ[tab](request, dataset)
    without_hidden_domains([dataset], user)
    return render(request, f"pages/dataset/{tab}.html", context)


def _ports(request: HttpRequest, dataset: Dataset) -> list[Port]:
    tokens = viewer_tokens(viewer(request))
    rows = Port.objects.filter(addresses__dataset=dataset).select_related("product__domain")
    if tokens is not None:
        rows = rows.filter(product__audience__in=tokens)
    return list(rows.order_by("-direction", "product__name", "name")[:50])


def _schema(request: HttpRequest, dataset: Dataset) -> Context:
    user = viewer(request)
    may_edit = may(user, Action.EDIT_DATASET, dataset)
    dataset.foreign_keys = foreign_keys_of(dataset, user)
    return {
        "schema": read_schema(dataset, with_origins=may_edit),
        "definition": dataset.view_definition if sees_inputs(user, dataset) else "",
        "edit_columns": "dataset" if may_edit else "",
        "target_column": request.GET.get("column", ""),
    }


def _sample(request: HttpRequest, dataset: Dataset) -> Context:
    allowed = may(viewer(request), Action.OPEN_SAMPLE, dataset)
    found = Sample.objects.filter(dataset=dataset).first() if allowed else None
    return {"sample": found, "may_open": allowed}


def _quality(request: HttpRequest, dataset: Dataset) -> Context:
    page = paginate(request, quality.checks_of_dataset(viewer(request), dataset.pk), 60)
    sizes = list(dataset.history.order_by("-observed_at")[:60])
    return {"page": page, "checks": quality.with_days(page.items), "sizes": sizes[::-1]}


def _lineage(request: HttpRequest, dataset: Dataset) -> Context:
    return lineage.explore(request, lineage.of_dataset_page(dataset))


def _changes(request: HttpRequest, dataset: Dataset) -> Context:
    page = paginate(request, changes.events_of_dataset(viewer(request), dataset.pk), 30)
    return {"page": page, "days": changes.by_day(page.items, viewer(request))}


_READ = {
    "schema": _schema,
    "sample": _sample,
    "quality": _quality,
    "lineage": _lineage,
    "changes": _changes,
}

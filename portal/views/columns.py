"""Editing one column, in place on the schema or on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog.descriptors import LayerKind, Sensitivity
from catalog.models import Column, Dataset, Product, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.edit import EditConflict, edit, take_back
from catalog.registry.origins import origins
from catalog.registry.outcomes import Outcome
from portal.viewer import person
from portal.views.edit import Value, base_revision, editable_dataset, tell_taken_back

SENSITIVITIES = [(one.value, one.words) for one in Sensitivity]


@dataclass(slots=True)
class _Trouble:
    """What kept an edit from being saved."""

    errors: list[str] = field(default_factory=list)
    theirs: Mapping[str, Value] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """Conflicts answer 409, what is not allowed 422."""
        return 409 if self.theirs else 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_column(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit what is said of one column; concurrent edits are shown side by side."""
    dataset = editable_dataset(request, pk)
    user = person(request)
    form = request.POST if request.method == "POST" else request.GET
    column = Column.objects.filter(dataset=dataset, path=form.get("path", "")).first()
    if column is None:
        raise Http404
    trouble = None
    if request.method == "POST":
        if request.POST.get("take_back"):
            outcome = _take_back(dataset, column, user)
            tell_taken_back(request, outcome, f"Your edits of {column.path} are taken back.")
            return redirect(_back(request, dataset, column))
        trouble = _save(request, dataset, column, user)
        if trouble is None:
            return redirect(_back(request, dataset, column))
        dataset.refresh_from_db()
    base = f"columns[{column.path}]"
    context = {
        "dataset": dataset,
        "column": column,
        "claims": origins(dataset).get(f"{base}.description", ()),
        "description": request.POST.get("description", column.description),
        "sensitivity": request.POST.get("sensitivity", column.sensitivity),
        "trouble": trouble,
        "theirs": trouble.theirs.get(f"{base}.description") if trouble else None,
        "sensitivities": SENSITIVITIES,
        "may_unmask": policies.may(user, Action.UNMASK, dataset),
        "back": form.get("back", ""),
        "back_url": _back(request, dataset, column),
    }
    return render(
        request, "pages/edit/column.html", context, status=trouble.status if trouble else 200
    )


def _take_back(dataset: Dataset, column: Column, user: User) -> Outcome:
    mine = [
        path
        for path, stated in origins(dataset).items()
        if path.startswith(f"columns[{column.path}].") and stated[0].kind == LayerKind.CURATED
    ]
    return take_back(dataset, paths=mine, by=user)


def _save(request: HttpRequest, dataset: Dataset, column: Column, user: User) -> _Trouble | None:
    changes = _changes(request, dataset, column, user)
    if not changes:
        messages.info(request, f"Nothing was changed in {column.path}.")
        return None
    try:
        outcome = edit(dataset, changes=changes, by=user, base_revision=base_revision(request))
    except EditConflict as conflict:
        return _Trouble(theirs=conflict.theirs)
    if outcome.status == "refused":
        return _Trouble([problem.message for problem in outcome.problems])
    messages.success(request, f"{column.path} is saved.")
    return None


def _changes(
    request: HttpRequest, dataset: Dataset, column: Column, user: User
) -> dict[str, Value]:
    """Return what the form says that differs from what is there."""
    base = f"columns[{column.path}]"
    changes: dict[str, Value] = {}
    description = request.POST.get("description")
    if description is not None:
        text = description.replace("\r\n", "\n").strip()
        if text != column.description:
            changes[f"{base}.description"] = text
    sensitivity = request.POST.get("sensitivity")
    if sensitivity is not None and sensitivity != column.sensitivity:
        changes[f"{base}.sensitivity"] = sensitivity
    if "may_unmask" in request.POST and policies.may(user, Action.UNMASK, dataset):
        unmasked = request.POST.get("unmasked") == "on"
        if unmasked != column.unmasked:
            changes[f"{base}.unmasked"] = unmasked
    return changes


def _back(request: HttpRequest, dataset: Dataset, column: Column) -> str:
    """Return the page the form was on: a schema, at the column, or the dataset's edit page."""
    form = request.POST if request.method == "POST" else request.GET
    place = f"#c.{quote(column.path)}"
    product = dataset.product
    if form.get("back") == "product" and product is not None and _sees(user=request, of=product):
        address = reverse("product-tab", args=[product.domain.key, product.key, "schema"])
        return f"{address}?dataset={dataset.pk}{place}"
    if form.get("back"):
        return reverse("dataset", args=[dataset.pk]) + place
    return reverse("edit-dataset", args=[dataset.pk]) + place


def _sees(*, user: HttpRequest, of: Product) -> bool:
    return Product.objects.visible_to(user.user).filter(pk=of.pk).exists()

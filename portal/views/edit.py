"""Editing products and datasets: every field shows its origin and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog.descriptors import LayerKind, Sensitivity
from catalog.fields import PRODUCT_FIELDS
from catalog.models import Dataset, Product, User
from catalog.models.domains import VISIBILITY_CHOICES
from catalog.models.products import ARCHETYPE_CHOICES, CLASSIFICATION_CHOICES, STATUS_CHOICES
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.edit import EditConflict, edit, take_back
from catalog.registry.origins import Claim, origins
from catalog.registry.outcomes import Outcome
from catalog.registry.remove import remove_product
from portal.viewer import person

Value = str | int | float | bool | None | list[str]
Kind = Literal["line", "text", "markdown", "choice", "date", "tags"]


@dataclass(frozen=True, slots=True)
class Spec:
    """How one field is edited."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()


PRODUCT_SPECS = (
    Spec("name", "Name"),
    Spec("description", "Description", "markdown", "Markdown. What is it, what is one row?"),
    Spec("status", "Status", "choice", choices=STATUS_CHOICES),
    Spec("archetype", "Archetype", "choice", choices=[("", "Not said"), *ARCHETYPE_CHOICES]),
    Spec("version", "Version", hint="For instance 2.1.0."),
    Spec("tags", "Tags", "tags", "Separated by commas."),
    Spec(
        "classification",
        "Classification",
        "choice",
        "Confidential and restricted open samples and contacts only with a grant.",
        [("", "Not said"), *CLASSIFICATION_CHOICES],
    ),
    Spec(
        "visibility",
        "Visible to",
        "choice",
        choices=[("", "As its domain"), *VISIBILITY_CHOICES],
    ),
    Spec("support", "Support channel", hint="An address, a chat channel or a page."),
    Spec("source_code_location", "Source code"),
    Spec("required_security_group", "Security group"),
    Spec("successor", "Successor", hint="domain/product, when this one is deprecated."),
    Spec("sunset_on", "Ends on", "date"),
)
_NULL_WHEN_EMPTY = {field.name for field in PRODUCT_FIELDS if field.is_null_when_empty}
DATASET_SPECS = (
    Spec("description", "Description", "markdown"),
    Spec("tags", "Tags", "tags", "Separated by commas."),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One field on the edit page."""

    spec: Spec
    value: Value
    said: Claim | None = None
    covered: tuple[Claim, ...] = ()
    errors: tuple[str, ...] = ()
    theirs: Value = None
    has_conflict: bool = False

    @property
    def is_mine(self) -> bool:
        """Tell whether a person's edit holds, which can be taken back."""
        return self.said is not None and self.said.kind == LayerKind.CURATED


@dataclass(slots=True)
class _Trouble:
    """What kept an edit from being saved."""

    sent: Mapping[str, Value] = field(default_factory=dict)
    errors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    theirs: Mapping[str, Value] = field(default_factory=dict)


def _product(request: HttpRequest, domain: str, key: str, action: Action) -> Product:
    product = (
        Product.objects.visible_to(request.user)
        .select_related("domain", "team", "successor__domain")
        .prefetch_related("tags")
        .filter(domain__key=domain, key=key)
        .first()
    )
    if product is None or not policies.may(request.user, action, product):
        raise Http404
    return product


def editable_dataset(request: HttpRequest, pk: int) -> Dataset:
    dataset = (
        Dataset.objects.visible_to(request.user)
        .select_related("domain", "team", "product__domain")
        .prefetch_related("tags")
        .filter(pk=pk)
        .first()
    )
    if dataset is None or not policies.may(request.user, Action.EDIT_DATASET, dataset):
        raise Http404
    return dataset


def tell_taken_back(
    request: HttpRequest, outcome: Outcome, done: str = "Your edit is taken back."
) -> None:
    """Say that an edit was taken back, or why it was not."""
    if outcome.status != "refused":
        messages.success(request, done)
    for problem in outcome.problems:
        messages.error(request, f"Not taken back, {problem.path}: {problem.message}.")


def _now(subject: Product | Dataset, spec: Spec) -> Value:
    """Return the value a field has now, as the form shows it."""
    if spec.name == "tags":
        return [tag.name for tag in subject.tags.all()]
    if spec.name == "successor" and isinstance(subject, Product):
        return str(subject.successor.ref) if subject.successor else ""
    value = getattr(subject, spec.name)
    return "" if value is None else str(value)


def _sent(request: HttpRequest, specs: Sequence[Spec]) -> dict[str, Value]:
    """Read the fields that came with the form; the ones that did not come were not touched."""
    found: dict[str, Value] = {}
    for spec in specs:
        if spec.name not in request.POST:
            continue
        text = request.POST[spec.name].replace("\r\n", "\n").strip()
        if spec.kind == "tags":
            found[spec.name] = sorted({t.strip() for t in text.split(",") if t.strip()})
        elif not text and spec.name in _NULL_WHEN_EMPTY:
            found[spec.name] = None
        else:
            found[spec.name] = text
    return found


def _changes(
    subject: Product | Dataset, specs: Sequence[Spec], sent: Mapping[str, Value]
) -> dict[str, Value]:
    """Keep what differs from the value the form showed."""
    by_name = {spec.name: spec for spec in specs}
    return {
        name: value
        for name, value in sent.items()
        if (value or "") != (_now(subject, by_name[name]) or "")
    }


def base_revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _save(
    request: HttpRequest, subject: Product | Dataset, specs: Sequence[Spec], user: User
) -> tuple[Outcome | None, _Trouble | None]:
    sent = _sent(request, specs)
    changes = _changes(subject, specs, sent)
    if not changes:
        return None, None
    try:
        outcome = edit(subject, changes=changes, by=user, base_revision=base_revision(request))
    except EditConflict as conflict:
        return None, _Trouble(sent=sent, theirs=conflict.theirs)
    if outcome.status == "refused":
        errors: dict[str, tuple[str, ...]] = {}
        for problem in outcome.problems:
            name = problem.path.split("[")[0].split(".")[0]
            errors[name] = (*errors.get(name, ()), problem.message)
        return None, _Trouble(sent=sent, errors=errors)
    return outcome, None


def _rows(subject: Product | Dataset, specs: Sequence[Spec], trouble: _Trouble | None) -> list[Row]:
    claims = origins(subject)
    rows = []
    for spec in specs:
        stated = claims.get(spec.name, ())
        value = _now(subject, spec)
        if trouble is not None:
            value = trouble.sent.get(spec.name, value)
        rows.append(
            Row(
                spec,
                value,
                stated[0] if stated else None,
                stated[1:],
                trouble.errors.get(spec.name, ()) if trouble else (),
                trouble.theirs.get(spec.name) if trouble else None,
                bool(trouble and spec.name in trouble.theirs),
            )
        )
    return rows


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_product(request: HttpRequest, domain: str, key: str) -> HttpResponse:
    """Edit a product, or take back edits."""
    product = _product(request, domain, key, Action.EDIT_PRODUCT)
    user = person(request)
    trouble = None
    if request.method == "POST" and (path := request.POST.get("take_back")):
        tell_taken_back(request, take_back(product, paths=[path], by=user))
        return redirect("edit", domain=domain, key=key)
    if request.method == "POST":
        outcome, trouble = _save(request, product, PRODUCT_SPECS, user)
        if trouble is None:
            message = f"{product} is saved." if outcome else "Nothing was changed."
            messages.success(request, message)
            return redirect("product", domain=domain, key=key)
    context = {
        "product": product,
        "rows": _rows(product, PRODUCT_SPECS, trouble),
        "trouble": trouble,
        "may_delete": policies.may(user, Action.DELETE_PRODUCT, product),
    }
    return render(request, "pages/edit/product.html", context, status=_status(trouble))


def _status(trouble: _Trouble | None) -> int:
    if trouble is None:
        return 200
    return 409 if trouble.theirs else 422


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_dataset(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a dataset and its columns, or take back edits."""
    dataset = editable_dataset(request, pk)
    user = person(request)
    trouble = None
    if request.method == "POST" and (path := request.POST.get("take_back")):
        tell_taken_back(request, take_back(dataset, paths=[path], by=user))
        return redirect("edit-dataset", pk=pk)
    if request.method == "POST":
        outcome, trouble = _save(request, dataset, DATASET_SPECS, user)
        if trouble is None:
            messages.success(request, "Saved." if outcome else "Nothing was changed.")
            return redirect("edit-dataset", pk=pk)
    claims = origins(dataset)
    columns = [
        (column, claims.get(f"columns[{column.path}].description", ()))
        for column in dataset.columns.all()
    ]
    context = {
        "dataset": dataset,
        "rows": _rows(dataset, DATASET_SPECS, trouble),
        "trouble": trouble,
        "columns": columns,
        "sensitivities": [(s.value, s.words) for s in Sensitivity],
        "may_unmask": policies.may(user, Action.UNMASK, dataset),
    }
    return render(request, "pages/edit/dataset.html", context, status=_status(trouble))


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Show how a markdown text will look."""
    name = request.POST.get("preview", "description")
    return render(request, "partials/_preview.html", {"text": request.POST.get(name, "")})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_product(request: HttpRequest, domain: str, key: str) -> HttpResponse:
    """Ask once more, then delete a product; what people wrote on it stays for a return."""
    product = _product(request, domain, key, Action.DELETE_PRODUCT)
    if request.method == "POST":
        if request.POST.get("confirm") == product.key:
            remove_product(product, by=person(request))
            messages.success(request, f"{product} is deleted.")
            return redirect("my-products")
        messages.error(request, f"Write {product.key} to delete the product.")
    return render(request, "pages/edit/delete.html", {"product": product})

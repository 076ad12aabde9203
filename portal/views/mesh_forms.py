"""What the pages that change domains and teams share: one form, saved under the lock of the mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.events import log as event_log
from catalog.models import Domain
from catalog.people.refusals import ChangeRefused
from portal.forms.mesh import MeshForm

_Saved = TypeVar("_Saved")
STALE = "Somebody changed it meanwhile. Open this page again to see how it is now."


@dataclass(frozen=True, slots=True)
class FormPage:
    """Where a form stands: its title, what it is for, its button, and the way up."""

    title: str
    lead: str
    button: str
    back: str
    crumbs: Sequence[tuple[str, str]]
    tone: str = "primary"


def save(
    form: MeshForm, do: Callable[[dict[str, Any]], _Saved], now: Callable[[], Mapping[str, Any]]
) -> _Saved | None:
    """Do what a form says, with nobody else changing the mesh; None where the form shows why not."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            event_log.lock()
            if not form.was_opened_with(now()):
                form.add_error(None, STALE)
                return None
            return do(form.cleaned_data)
    except ChangeRefused as error:
        refuse(form, error)
        return None


def refuse(form: forms.Form, error: ChangeRefused) -> None:
    """Say beside its field what was refused."""
    message = f"{error.message[:1].upper()}{error.message[1:]}."
    form.add_error(error.field if error.field in form.fields else None, message)


def show(request: HttpRequest, form: forms.Form, place: FormPage) -> HttpResponse:
    """Show a form, with what is wrong of it."""
    context = {"form": form, "place": place, "area": "domains"}
    status = 422 if form.errors else 200
    return render(request, "pages/mesh/form.html", context, status=status)


def crumbs(domain: Domain | None) -> list[tuple[str, str]]:
    """Return the way to a domain."""
    top = [(reverse("domains"), "Domains")]
    return [*top, (reverse("domain", args=[domain.key]), domain.name)] if domain else top

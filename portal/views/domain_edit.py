"""Making and changing domains."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog.models import Domain, User
from catalog.people import policies
from catalog.people.domains import save_domain
from catalog.people.policies import Action
from catalog.people.refusals import need_domain
from catalog.registry.renaming import rename_domain
from portal.forms.mesh import DomainForm
from portal.viewer import person
from portal.views.mesh_forms import FormPage, crumbs, save, show

STATED = ("name", "key", "description", "parent_id", "visibility", "team_id")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_domain(request: HttpRequest) -> HttpResponse:
    """Make a domain, at the top or as a part of another."""
    user = person(request)
    if not policies.may(user, Action.MANAGE_DOMAIN):
        raise PermissionDenied("Only stewards of a domain and platform admins make domains.")
    above = Domain.objects.visible_to(user).filter(key=request.GET.get("parent", "")).first()
    initial = {"parent": above.pk if above else None, "visibility": "everyone"}
    form = DomainForm(user, request.POST or None, initial)
    domain = save(form, lambda said: _save(said, user, is_new=True), lambda: initial)
    if domain is not None:
        messages.success(request, f"{domain} is there. Give it teams and stewards next.")
        return redirect("domain", key=domain.key)
    back = reverse("domain", args=[above.key]) if above else reverse("domains")
    lead = "A business area: what belongs together, is owned together and speaks one language."
    way = [*crumbs(above), ("", "New")]
    return show(request, form, FormPage("New domain", lead, "Make the domain", back, way))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_domain(request: HttpRequest, key: str) -> HttpResponse:
    """Change what is said of a domain, or move it below another."""
    user = person(request)
    domain = _found(user, key)
    need_domain(user, domain)
    form = DomainForm(user, request.POST or None, _initial(domain), domain)
    done = save(form, lambda said: _change(domain, said, user), lambda: _initial(_found(user, key)))
    if done is not None:
        messages.success(request, f"{done} is saved.")
        return redirect("domain", key=done.key)
    back = reverse("domain", args=[key])
    lead = "What is below it moves along. Who sees it may change what they see of its products."
    place = FormPage(f"Edit {domain}", lead, "Save", back, [*crumbs(domain), ("", "Edit")])
    return show(request, form, place)


def _save(said: dict[str, Any], user: User, *, is_new: bool = False) -> Domain:
    return save_domain(
        said["key"],
        name=said["name"],
        by=user,
        description=said["description"],
        parent=said["parent"],
        visibility=said["visibility"],
        team=said["team"],
        is_new=is_new,
    )


def _change(domain: Domain, said: dict[str, Any], user: User) -> Domain:
    rename_domain(domain, said["key"], by=user)
    return _save(said, user)


def _initial(domain: Domain) -> dict[str, Any]:
    return {name.removesuffix("_id"): getattr(domain, name) for name in STATED}


def _found(user: User, key: str) -> Domain:
    return get_object_or_404(Domain.objects.visible_to(user).select_related("parent"), key=key)

"""Registering a product by hand."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from catalog.descriptors import LayerKind, ProductDescriptor, Status
from catalog.models import Domain, Product, Team, User
from catalog.names import slugify
from catalog.people import policies
from catalog.people.authority import PersonAuthority
from catalog.people.policies import Action
from catalog.registry.apply import apply
from catalog.registry.outcomes import Outcome
from portal.viewer import person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_product(request: HttpRequest) -> HttpResponse:
    """Register a product by hand."""
    user = person(request)
    allowed = policies.teams_where(user, Action.EDIT_PRODUCT)
    teams = Team.objects.select_related("domain").order_by("name")
    if allowed is not None:
        teams = teams.filter(pk__in=allowed)
    if not teams:
        raise Http404
    errors: list[str] = []
    if request.method == "POST":
        outcome = _register(request, user, list(teams))
        if isinstance(outcome, Outcome) and outcome.status != "refused":
            product = Product.objects.select_related("domain").get(pk=outcome.id or 0)
            messages.success(request, f"{product} is registered as proposed.")
            return redirect("edit", domain=product.domain.key, key=product.key)
        errors = (
            [outcome]
            if isinstance(outcome, str)
            else [f"{problem.path}: {problem.message}" for problem in outcome.problems]
        )
    context = {
        "teams": teams,
        "domains": Domain.objects.visible_to(user),
        "errors": errors,
        "sent": request.POST,
    }
    return render(request, "pages/edit/new.html", context, status=422 if errors else 200)


def _register(request: HttpRequest, user: User, teams: list[Team]) -> Outcome | str:
    name = request.POST.get("name", "").strip()
    key = request.POST.get("key", "").strip() or slugify(name)
    team = next((t for t in teams if t.key == request.POST.get("team")), None)
    domain = Domain.objects.visible_to(user).filter(key=request.POST.get("domain", "")).first()
    if not name or not key:
        return "Name: write what people call the product."
    if team is None or domain is None:
        return "Team and domain: choose one of the list."
    if Product.objects.visible_to(user).filter(domain=domain, key=key).exists():
        return f"Key: “{key}” is taken in {domain}; choose another."
    try:
        descriptor = ProductDescriptor(
            domain=domain.key,
            key=key,
            name=name,
            team=team.key,
            status=Status.PROPOSED,
            description=request.POST.get("description", "").strip(),
        )
    except ValidationError as error:
        return " ".join(_said(one) for one in error.errors())
    applied = apply(
        [descriptor],
        layer=LayerKind.CURATED,
        source="portal",
        authority=PersonAuthority(user),
        by=user,
    )
    return applied.outcomes[0]


def _said(error: ErrorDetails) -> str:
    field = str(error["loc"][0]) if error["loc"] else "product"
    if field == "key":
        return "Key: use lower-case letters, digits and hyphens, at most 64."
    return f"{field.capitalize()}: {error['msg']}."

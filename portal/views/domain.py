"""Domains: the tree, and the page of each."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.contracts.break_policy import set_breaking_changes
from catalog.models import Domain, Product, Team
from catalog.models.domains import BREAKING_CHOICES
from catalog.people.policies import Action, may, teams_where
from portal.paging import paginate
from portal.reading.domains import domain_rows, flows, with_totals
from portal.viewer import person, viewer

SORTS = {
    "name": ("name", "id"),
    "quality": ("-quality_score", "name"),
    "use": ("-consumer_count", "name"),
    "updated": ("-updated_at", "name"),
}


@require_safe
def domain_list(request: HttpRequest) -> HttpResponse:
    """Show the tree of domains with their numbers."""
    user = viewer(request)
    context = {
        "rows": with_totals(domain_rows(user)),
        "may_create": may(user, Action.ADMINISTER),
        "area": "domains",
    }
    return render(request, "pages/domain/list.html", context)


@require_safe
def domain_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a domain: its products, teams and what flows in and out."""
    user = viewer(request)
    domains = list(Domain.objects.visible_to(user).select_related("team"))
    domain = get_object_or_404(Domain.objects.visible_to(user).select_related("team"), key=key)
    below = [d for d in domains if d.path.startswith(domain.path) and d.pk != domain.pk]
    above = [d for d in domains if domain.path.startswith(d.path) and d.pk != domain.pk]
    sort = request.GET.get("sort", "name")
    products = (
        Product.objects.visible_to(user)
        .filter(domain__path__startswith=domain.path)
        .with_summary()
        .order_by(*SORTS.get(sort, SORTS["name"]))
    )
    ownerless = Team.objects.without_owner().values("pk")
    teams = (
        Team.objects.filter(Q(domain__path__startswith=domain.path) | Q(led_domains=domain))
        .filter(pk__in=Team.objects.visible_to(user).order_by().values("pk"))
        .annotate(people=Count("memberships", distinct=True), has_owner=~Q(pk__in=ownerless))
        .distinct()
        .order_by("name")
    )
    flows_in, flows_out = flows(user, domain)
    context = {
        "domain": domain,
        "above": above,
        "below": below,
        "page": paginate(request, products, 50),
        "sort": sort,
        "teams": list(teams[:50]),
        "stewards": [s.user for s in domain.stewardships.select_related("user")[:20]],
        "flows_in": flows_in,
        "flows_out": flows_out,
        "may_manage": may(user, Action.MANAGE_DOMAIN, domain),
        "may_register": teams_where(user, Action.EDIT_PRODUCT) != frozenset(),
        "break_choices": BREAKING_CHOICES,
        "area": "domains",
    }
    return render(request, "pages/domain/page.html", context)


@login_required
@require_POST
def breaking_policy(request: HttpRequest, key: str) -> HttpResponse:
    """Let a domain take or refuse contracts that break their consumers."""
    user = person(request)
    domain = get_object_or_404(Domain.objects.visible_to(user), key=key)
    if not may(user, Action.MANAGE_DOMAIN, domain):
        raise PermissionDenied("Only stewards of the domain decide this.")
    try:
        set_breaking_changes(domain, request.POST.get("breaking_changes", ""), by=user)
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Breaking changes: {domain.get_breaking_changes_display()}.")
    return redirect("domain", key=key)

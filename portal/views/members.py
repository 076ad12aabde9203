"""Who is in a team, and who stewards a domain: one page for both, with a search for people to add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog.models import Domain, Role, Team, User
from catalog.people.refusals import ChangeRefused, need_domain, need_members
from catalog.people.teams import remove_steward, set_member, set_steward
from portal.viewer import person

MOST_FOUND = 20
MOST_SHOWN = 500
ROLE_HINTS = (
    ("Owner", "decides on access, publishes, says who is in the team"),
    ("Steward", "describes and classifies, decides on access"),
    ("Engineer", "describes, publishes, runs sources"),
    ("Member", "sees what the team sees"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What the page is about; without roles all are the same."""

    title: str
    lead: str
    home: str
    name: str
    domain: Domain | None
    roles: Sequence[tuple[str, str]] = ()
    hints: Sequence[tuple[str, str]] = ()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_members(request: HttpRequest, key: str) -> HttpResponse:
    """Say who is in a team, and as what."""
    user = person(request)
    seen = Team.objects.visible_to(user).select_related("domain")
    team = get_object_or_404(seen, key=key)
    need_members(user, team)
    if request.method == "POST":
        return _change(request, lambda who, role: set_member(team, who, role=role, by=user))
    rows = team.memberships.select_related("user").filter(user__is_active=True)
    known = [(row.user, row.role) for row in rows.order_by("user__username")[:MOST_SHOWN]]
    page = Page(
        f"People of {team}",
        "What somebody may do to the products of the team follows from the role.",
        reverse("team", args=[key]),
        team.name,
        team.domain,
        Role.choices,
        ROLE_HINTS,
    )
    return _show(request, page, known)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def domain_stewards(request: HttpRequest, key: str) -> HttpResponse:
    """Say who stewards a domain and everything below it."""
    user = person(request)
    domain = get_object_or_404(Domain.objects.visible_to(user), key=key)
    need_domain(user, domain)

    def put(who: User, role: str | None) -> None:
        if role is None:
            remove_steward(domain, who, by=user)
        else:
            set_steward(domain, who, by=user)

    if request.method == "POST":
        return _change(request, put)
    rows = domain.stewardships.select_related("user").filter(user__is_active=True)
    known = [(row.user, "steward") for row in rows.order_by("user__username")[:MOST_SHOWN]]
    page = Page(
        f"Stewards of {domain}",
        "They make and change its domains and teams, classify and certify, here and in all domains below.",
        reverse("domain", args=[key]),
        domain.name,
        domain,
    )
    return _show(request, page, known)


def _show(request: HttpRequest, page: Page, known: Sequence[tuple[User, str]]) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100].replace("\0", "")
    ids = {who.pk for who, _ in known}
    gone = request.GET.get("gone", "")
    context = {
        "page": page,
        "rows": known,
        "q": text,
        "found": list(_people(text).exclude(pk__in=ids)[:MOST_FOUND]) if text else None,
        "gone": User.objects.filter(username=gone).exclude(pk__in=ids).first() if gone else None,
        "gone_role": request.GET.get("role", ""),
        "area": "domains",
    }
    return render(request, "pages/mesh/people.html", context)


def _people(text: str) -> QuerySet[User]:
    """Find people who may sign in by all words of their names."""
    rows = User.objects.filter(is_active=True).order_by("display_name", "username")
    for word in text.split()[:5]:
        rows = rows.filter(
            Q(username__icontains=word)
            | Q(display_name__icontains=word)
            | Q(email__icontains=word)
            | Q(job_title__icontains=word)
        )
    return rows


def _change(request: HttpRequest, put: Callable[[User, str | None], None]) -> HttpResponse:
    """Add, change or remove a person as the form says; a removal can be undone on the next page."""
    who = User.objects.filter(username=request.POST.get("person", "")).first()
    role = request.POST.get("role", "")
    is_out = request.POST.get("do") == "remove"
    if who is None:
        messages.error(request, "Choose a person of the list.")
        return redirect(request.path)
    try:
        put(who, None if is_out else role)
    except ChangeRefused as error:
        messages.error(request, f"{who} {error.message}.")
        return redirect(request.path)
    if is_out:
        return redirect(f"{request.path}?{urlencode({'gone': who.username, 'role': role})}")
    messages.success(request, f"{who} is {role} now.")
    return redirect(request.path)

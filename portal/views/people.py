"""The people of the installation: for platform admins."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Domain, DomainSteward, Membership, Role, Team, User
from catalog.people import policies
from catalog.people.passwords import make_password_link
from catalog.people.policies import Action
from catalog.people.sessions import end_sessions
from catalog.people.teams import (
    LastAccount,
    remove_steward,
    set_admin,
    set_member,
    set_steward,
    switch_on,
)
from catalog.people.tokens import open_tokens, revoke_tokens
from portal.paging import paginate
from portal.viewer import person

PER_PAGE = 50
SHOWN = (("", "Everybody"), ("active", "Can sign in"), ("off", "Switched off"), ("admin", "Admins"))
FILTERS = {
    "active": Q(is_active=True),
    "off": Q(is_active=False),
    "admin": Q(is_superuser=True),
}


def _admin(request: HttpRequest) -> User:
    """Return the platform admin who asks; nobody else learns that the page exists."""
    user = person(request)
    if not policies.may(user, Action.ADMINISTER):
        raise Http404
    return user


def _found(pk: int) -> User:
    found = User.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """List everybody, with their teams and what they steward."""
    _admin(request)
    rows = User.objects.prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("team").order_by("team__name")),
        Prefetch(
            "stewardships", DomainSteward.objects.select_related("domain").order_by("domain__path")
        ),
    ).order_by("username")
    text, show = (
        request.GET.get("q", "").strip()[:100].replace("\0", ""),
        request.GET.get("show", ""),
    )
    if text:
        rows = rows.filter(
            Q(username__icontains=text)
            | Q(display_name__icontains=text)
            | Q(email__icontains=text)
            | Q(teams__name__icontains=text)
        ).distinct()
    if show in FILTERS:
        rows = rows.filter(FILTERS[show])
    context = {
        "page": paginate(request, rows, PER_PAGE),
        "q": text,
        "show": show,
        "choices": SHOWN,
    }
    return render(request, "pages/people/list.html", context)


@login_required
@require_safe
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person: the account, the teams, the domains they steward."""
    admin = _admin(request)
    return _show(request, _found(pk), admin)


def _show(request: HttpRequest, found: User, admin: User, link: str = "") -> HttpResponse:
    memberships = list(found.memberships.select_related("team").order_by("team__name"))
    stewardships = list(found.stewardships.select_related("domain").order_by("domain__path"))
    context = {
        "found": found,
        "is_self": found.pk == admin.pk,
        "memberships": memberships,
        "stewardships": stewardships,
        "teams": Team.objects.exclude(pk__in=[one.team_id for one in memberships]),
        "domains": Domain.objects.exclude(pk__in=[one.domain_id for one in stewardships]),
        "roles": Role.choices,
        "link": link,
        "token_count": open_tokens(found).count(),
    }
    return render(request, "pages/people/person.html", context)


@login_required
@require_POST
def set_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a role in a team, or take them out of it."""
    admin, found = _admin(request), _found(pk)
    team = Team.objects.filter(key=request.POST.get("team", "")).first()
    role = request.POST.get("role", "")
    if team is None or (role and role not in Role.values):
        messages.error(request, "Choose a team and a role.")
    else:
        set_member(team, found, role=role or None, by=admin)
        message = f"is {Role(role).label.lower()} in" if role else "is no longer in"
        messages.success(request, f"{found} {message} {team}.")
    return redirect("person", pk=pk)


@login_required
@require_POST
def set_stewardship(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a person steward of a domain, or no longer."""
    admin, found = _admin(request), _found(pk)
    domain = Domain.objects.filter(key=request.POST.get("domain", "")).first()
    if domain is None:
        messages.error(request, "Choose a domain.")
    elif request.POST.get("what") == "remove":
        remove_steward(domain, found, by=admin)
        messages.success(request, f"{found} no longer stewards {domain}.")
    else:
        set_steward(domain, found, by=admin)
        messages.success(request, f"{found} stewards {domain} and every domain below it.")
    return redirect("person", pk=pk)


@login_required
@require_POST
def set_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an account on, end its tokens or sessions, make a link for a password, give or take the role of admin."""
    admin, found = _admin(request), _found(pk)
    what = request.POST.get("what", "")
    try:
        if what == "end-tokens":
            count = revoke_tokens(found, by=admin)
            message = f"has no API tokens any more ({count} ended)"
        elif what == "end-sessions":
            end_sessions(found, by=admin)
            message = "is signed out everywhere"
        elif what == "activate":
            switch_on(found, by=admin)
            message = "may sign in again. Make a link for a new password"
        elif what == "password":
            return _password_link(request, found, admin)
        elif what in {"make-admin", "end-admin"}:
            set_admin(found, what == "make-admin", by=admin)
            message = "is" if what == "make-admin" else "is no longer"
            message += " a platform admin"
        else:
            raise LastAccount(
                "Choose what to change: the account, its tokens, its sessions or the role of admin."
            )
    except LastAccount as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found} {message}.")
    return redirect("person", pk=pk)


def _password_link(request: HttpRequest, found: User, admin: User) -> HttpResponse:
    """Show a link for a new password, once."""
    if not found.is_active:
        raise LastAccount(f"{found} cannot sign in; switch the account on first.")
    secret = make_password_link(found, by=admin)
    link = settings.PUBLIC_URL + reverse("choose-password", args=[secret])
    return _show(request, found, admin, link)

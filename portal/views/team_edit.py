"""Making and changing teams."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog.models import Domain, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.people.refusals import need_domain
from catalog.people.teams import save_team
from catalog.registry.renaming import rename_team
from portal.forms.mesh import TeamForm
from portal.viewer import person
from portal.views.mesh_forms import FormPage, crumbs, save, show

STATED = ("name", "key", "description", "domain_id", "contact")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    """Make a team of a domain."""
    user = person(request)
    if not policies.may(user, Action.MANAGE_DOMAIN):
        raise PermissionDenied("Only stewards of a domain and platform admins make teams.")
    home = Domain.objects.visible_to(user).filter(key=request.GET.get("domain", "")).first()
    initial = {"domain": home.pk if home else None}
    form = TeamForm(user, request.POST or None, initial)
    team = save(form, lambda said: _save(said, user, is_new=True), lambda: initial)
    if team is not None:
        messages.success(request, f"{team} is there. Say who is in it.")
        return redirect("team-members", key=team.key)
    back = reverse("domain", args=[home.key]) if home else reverse("domains")
    lead = "People who own products together: they publish, answer requests and keep promises."
    way = [*crumbs(home), ("", "New team")]
    return show(request, form, FormPage("New team", lead, "Make the team", back, way))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_team(request: HttpRequest, key: str) -> HttpResponse:
    """Change what is said of a team, or move it to another domain."""
    user = person(request)
    team = _found(user, key)
    need_domain(user, team.domain)
    form = TeamForm(user, request.POST or None, _initial(team), team)
    done = save(form, lambda said: _change(team, said, user), lambda: _initial(_found(user, key)))
    if done is not None:
        messages.success(request, f"{done} is saved.")
        return redirect("team", key=done.key)
    back = reverse("team", args=[key])
    lead = "Its products stay in their domains when the team moves."
    way = [*crumbs(team.domain), (back, team.name), ("", "Edit")]
    return show(request, form, FormPage(f"Edit {team}", lead, "Save", back, way))


def _save(said: dict[str, Any], user: User, *, is_new: bool = False) -> Team:
    return save_team(
        said["key"],
        name=said["name"],
        by=user,
        domain=said["domain"],
        description=said["description"],
        contact=said["contact"],
        is_new=is_new,
    )


def _change(team: Team, said: dict[str, Any], user: User) -> Team:
    rename_team(team, said["key"], by=user)
    return _save(said, user)


def _initial(team: Team) -> dict[str, Any]:
    return {name.removesuffix("_id"): getattr(team, name) for name in STATED}


def _found(user: User, key: str) -> Team:
    return get_object_or_404(Team.objects.visible_to(user).select_related("domain"), key=key)

"""Ending domains and teams: empty, or merged into another."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from catalog.merging import holdings, retire_domain, retire_team
from catalog.models import Domain, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.people.refusals import need_domain
from portal.forms.mesh import RetireForm, own_domains
from portal.viewer import person
from portal.views.mesh_forms import FormPage, crumbs, save, show

EMPTY = "Nothing hangs on it. Its address will lead nowhere."
FULL = "It has {}. All of that goes to the successor, and its addresses lead there."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retire_domain_page(request: HttpRequest, key: str) -> HttpResponse:
    """End a domain, or merge it into another."""
    user = person(request)
    rows = Domain.objects.visible_to(user).select_related("parent")
    domain = get_object_or_404(rows, key=key)
    need_domain(user, domain, domain.parent)
    heirs = own_domains(user).exclude(path__startswith=domain.path)
    return _page(request, domain, heirs, crumbs(domain))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retire_team_page(request: HttpRequest, key: str) -> HttpResponse:
    """End a team, or merge it into another."""
    user = person(request)
    team = get_object_or_404(Team.objects.visible_to(user).select_related("domain"), key=key)
    need_domain(user, team.domain)
    heirs = Team.objects.visible_to(user).exclude(pk=team.pk)
    mine = policies.domains_where(user, Action.MANAGE_DOMAIN)
    if mine is not None:
        heirs = heirs.filter(domain__in=mine)
    home = reverse("team", args=[key])
    return _page(request, team, heirs, [*crumbs(None), (home, team.name)])


def _page(
    request: HttpRequest,
    subject: Domain | Team,
    heirs: QuerySet[Domain] | QuerySet[Team],
    way: list[tuple[str, str]],
) -> HttpResponse:
    user, name = person(request), subject.name
    has = holdings(subject)
    form = RetireForm(request.POST or None, subject, heirs, has)
    done = save(
        form, lambda said: _retire(subject, said["successor"], user), lambda: {"key": subject.key}
    )
    if done is not None:
        messages.success(request, f"{name} is retired.")
        return redirect(done)
    lead = FULL.format(has) if has else EMPTY
    page = FormPage(
        f"Retire {name}", lead, "Retire it", way[-1][0], [*way, ("", "Retire")], "danger"
    )
    return show(request, form, page)


def _retire(subject: Domain | Team, successor: Domain | Team | None, by: User) -> str:
    """End it and return the address to go to."""
    if isinstance(subject, Domain):
        assert successor is None or isinstance(successor, Domain)
        retire_domain(subject, successor=successor, by=by)
        return reverse("domain", args=[successor.key]) if successor else reverse("domains")
    assert successor is None or isinstance(successor, Team)
    retire_team(subject, successor=successor, by=by)
    return reverse("team", args=[successor.key]) if successor else reverse("domains")

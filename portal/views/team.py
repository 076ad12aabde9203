"""The page of a team."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.models import Dataset, Domain, Membership, Product, Role, Team
from catalog.people import policies
from catalog.people.policies import Action
from portal.paging import paginate
from portal.viewer import viewer

ORDER = (Role.OWNER, Role.STEWARD, Role.ENGINEER, Role.MEMBER)


def _rank(member: Membership) -> int:
    return ORDER.index(Role(member.role))


@require_safe
def team_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a team: who they are and what they own. People and contact are for those signed in."""
    user = viewer(request)
    team = get_object_or_404(Team.objects.visible_to(user).select_related("domain"), key=key)
    home = Domain.objects.visible_to(user).filter(pk=team.domain_id or 0).first()
    owned = Q(team=team) | Q(team__isnull=True, domain__team=team)
    products = Product.objects.visible_to(user).filter(owned).with_summary()
    members = team.memberships.select_related("user").filter(user__is_active=True)
    context = {
        "team": team,
        "home": home,
        "page": paginate(request, products.order_by("name", "id"), 50),
        "members": sorted(members.order_by("user__username")[:200], key=_rank)
        if user.is_authenticated
        else None,
        "dataset_count": Dataset.objects.visible_to(user).filter(team=team).count(),
        "may_keep_secrets": policies.may(user, Action.MANAGE_SOURCE, team),
        "may_add": policies.may(user, Action.MANAGE_TEAM, team),
        "has_owner": not Team.objects.without_owner().filter(pk=team.pk).exists(),
        "may_manage": policies.may(user, Action.ADMINISTER)
        or (team.domain is not None and policies.may(user, Action.MANAGE_DOMAIN, team.domain)),
        "area": "domains",
    }
    return render(request, "pages/team/page.html", context)

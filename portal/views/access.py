"""Asking for access, deciding on it, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.access.errors import AccessError
from catalog.access.grants import grants_of, renew, revoke
from catalog.access.requests import decide, request_access, withdraw
from catalog.models import AccessRequest, Grant, Membership, Product, Role, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from portal.forms.access import DecisionForm, EndGrantForm, RequestForm
from portal.paging import paginate
from portal.viewer import person

PER_PAGE = 25


def _product(request: HttpRequest, domain: str, key: str) -> Product:
    product = (
        Product.objects.visible_to(request.user)
        .select_related("domain", "team")
        .filter(domain__key=domain, key=key)
        .first()
    )
    if product is None:
        raise Http404
    return product


def _deciders(product: Product) -> list[Membership]:
    if product.team is None:
        return []
    return list(
        product.team.memberships.filter(role__in=[Role.OWNER, Role.STEWARD]).select_related("user")
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, domain: str, key: str) -> HttpResponse:
    """Show what asking means, and take the request."""
    product = _product(request, domain, key)
    user = person(request)
    ports = list(product.ports.filter(direction="out"))
    teams = list(Team.objects.filter(memberships__user=user))
    form = RequestForm(
        request.POST if request.method == "POST" else None,
        ports=[(str(port.pk), str(port)) for port in ports],
        teams=teams,
        initial={"port": request.GET.get("port"), "purpose": request.GET.get("purpose", "")},
    )
    if form.is_bound and form.is_valid():
        port = next(p for p in ports if str(p.pk) == form.cleaned_data["port"])
        team = next((t for t in teams if str(t.pk) == form.cleaned_data["grantee"]), None)
        try:
            request_access(
                port,
                by=user,
                team=team,
                purpose=form.cleaned_data["purpose"],
                note=form.cleaned_data["note"],
                ends_on=form.cleaned_data["ends_on"],
            )
        except AccessError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                f"You asked {product.team or 'the platform admins'} for access to {product}.",
            )
            return redirect("my-requests")
    context = {
        "product": product,
        "ports": ports,
        "form": form,
        "deciders": _deciders(product),
        "contracts": product.contracts.all(),
        "may_request": policies.may(user, Action.REQUEST_ACCESS, product),
        "held": grants_of(user).filter(port__product=product).select_related("port", "team"),
    }
    status = 422 if form.errors else 200
    return render(request, "pages/access/request.html", context, status=status)


@login_required
@require_safe
def my_requests(request: HttpRequest) -> HttpResponse:
    """List what one asked for and what one holds."""
    user = person(request)
    seen = Product.objects.visible_to(user).values("pk")
    asked = AccessRequest.objects.filter(
        Q(requester=user) | Q(grantee_team__memberships__user=user)
    ).distinct()
    rows = (
        asked.filter(port__product__in=seen)
        .select_related("port__product__domain", "requester", "grantee_team", "decided_by", "grant")
        .order_by("-created_at", "-id")
    )
    state = request.GET.get("state", "")
    if state:
        rows = rows.filter(state=state)
    context = {
        "page": paginate(request, rows, PER_PAGE),
        "state": state,
        "hidden_count": asked.exclude(port__product__in=seen).count(),
        "grants": grants_of(user)
        .filter(port__product__in=seen)
        .select_related("port__product__domain", "team", "request")
        .order_by("ends_on", "-starts_at"),
    }
    return render(request, "pages/access/my_requests.html", context)


def _held_before(rows: list[AccessRequest]) -> dict[int, int]:
    """Count the current grants of each requester, in one query."""
    counted = (
        User.objects.filter(pk__in={row.requester_id for row in rows})
        .annotate(held=Count("grants", filter=Q(grants__state="active")))
        .values_list("pk", "held")
    )
    return dict(counted)


@login_required
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """List the requests one may decide on, open ones first."""
    user = person(request)
    state = request.GET.get("state", "open")
    rows = (
        policies.requests_to_decide(user).order_by("created_at", "id")
        if state == "open"
        else _decided(user).order_by("-decided_at", "-id")
    )
    page = paginate(
        request,
        rows.select_related(
            "port__product__domain",
            "port__product__team",
            "requester",
            "grantee_team",
            "decided_by",
        ),
        PER_PAGE,
    )
    held = _held_before(list(page.items))
    teams: dict[int, list[str]] = {}
    known = Team.objects.visible_to(user).order_by().values("pk")
    members = Membership.objects.filter(user_id__in=held, team__in=known)
    for member in members.select_related("team"):
        teams.setdefault(member.user_id, []).append(member.team.name)
    context = {
        "page": page,
        "rows": [
            (row, held.get(row.requester_id, 0), teams.get(row.requester_id, []))
            for row in page.items
        ],
        "state": state,
    }
    return render(request, "pages/access/approvals.html", context)


def _decided(user: User) -> QuerySet[AccessRequest]:
    """Return the closed requests for products whose requests this person decides."""
    products = policies.where(Product.objects.all(), user, Action.DECIDE_ACCESS)
    return AccessRequest.objects.filter(port__product__in=products).exclude(state="open")


def _decidable(user: User, pks: list[int]) -> list[AccessRequest]:
    """Return the requests named, decided ones too: the service says who was first."""
    products = policies.where(Product.objects.all(), user, Action.DECIDE_ACCESS)
    found = list(
        AccessRequest.objects.filter(port__product__in=products, pk__in=pks).select_related(
            "port__product", "requester"
        )
    )
    if len(found) != len(set(pks)):
        raise Http404
    return found


@login_required
@require_POST
def decide_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or reject one request."""
    user = person(request)
    (row,) = _decidable(user, [pk])
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose “Approve” or “Reject”.")
        return redirect("approvals")
    approve = form.cleaned_data["decision"] == "approve"
    try:
        decide(row, by=user, approve=approve, comment=form.cleaned_data["comment"])
    except AccessError as error:
        messages.error(request, str(error))
    else:
        verb = "approved" if approve else "rejected"
        messages.success(
            request, f"You {verb} the request of {row.requester} for {row.port.product}."
        )
    return redirect("approvals")


@login_required
@require_POST
def decide_many(request: HttpRequest) -> HttpResponse:
    """Approve or reject the chosen requests, each on its own merits."""
    user = person(request)
    pks = [int(pk) for pk in request.POST.getlist("request") if pk.isdigit()]
    form = DecisionForm(request.POST)
    if not pks or not form.is_valid():
        messages.error(request, "Choose at least one request, then “Approve” or “Reject”.")
        return redirect("approvals")
    approve = form.cleaned_data["decision"] == "approve"
    done = 0
    for row in _decidable(user, pks):
        try:
            decide(row, by=user, approve=approve, comment=form.cleaned_data["comment"])
            done += 1
        except AccessError as error:
            messages.error(request, f"{row.requester} for {row.port.product}: {error}")
    if done:
        verb = "approved" if approve else "rejected"
        messages.success(request, f"{done} request{'s' if done > 1 else ''} {verb}.")
    return redirect("approvals")


@login_required
@require_POST
def withdraw_own(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own request."""
    user = person(request)
    row = AccessRequest.objects.filter(pk=pk, requester=user).first()
    if row is None:
        raise Http404
    try:
        withdraw(row, by=user)
    except AccessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Your request is withdrawn.")
    return redirect("my-requests")


def _grant(request: HttpRequest, pk: int) -> Grant:
    grant = (
        Grant.objects.filter(pk=pk, port__product__in=Product.objects.visible_to(request.user))
        .select_related("port__product__domain", "port__product__team", "user", "team")
        .first()
    )
    if grant is None:
        raise Http404
    return grant


@login_required
@require_POST
def revoke_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's right early."""
    user = person(request)
    grant = _grant(request, pk)
    if not policies.may(user, Action.REVOKE_GRANT, grant):
        raise Http404
    form = EndGrantForm(request.POST)
    comment = form.cleaned_data["comment"] if form.is_valid() else ""
    try:
        revoke(grant, by=user, comment=comment)
    except AccessError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, f"{grant.user or grant.team} may no longer use {grant.port.product}."
        )
    product = grant.port.product
    return redirect("product-tab", domain=product.domain.key, key=product.key, tab="access")


@login_required
@require_POST
def renew_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an own right to go on."""
    user = person(request)
    grant = grants_of(user).filter(pk=pk).select_related("port__product").first()
    if grant is None:
        raise Http404
    try:
        renew(grant, by=user)
    except AccessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"You asked to keep {grant.port.product}.")
    return redirect("my-requests")

"""Who owns the names of datasets and jobs: listed, granted, moved, disputed."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.governance import namespaces as service
from catalog.governance.namespace_lists import datasets_of, listed, sender_names, unclaimed
from catalog.governance.namespaces import ClaimRefused
from catalog.models import Event, NamespaceClaim, User
from catalog.people import policies
from catalog.people.policies import Action
from portal.forms.namespaces import DisputeForm, GrantForm, OwnerForm
from portal.paging import paginate
from portal.reading.changes import by_day
from portal.viewer import person

PER_PAGE = 50
EVENTS = 20
SHOWN = (("", "All"), ("mine", "Of my teams"), ("disputed", "Disputed"), ("unclaimed", "Unclaimed"))


@login_required
@require_safe
def namespace_list(request: HttpRequest) -> HttpResponse:
    """List namespaces with their owner."""
    user = person(request)
    text = request.GET.get("q", "").strip()[:200].replace("\0", "")
    show = request.GET.get("show", "")
    if show == "unclaimed":
        return _unclaimed(request, user, text)
    rows: QuerySet[NamespaceClaim] = listed(user)
    if text:
        named = Q(namespace__icontains=text) | Q(prefix__icontains=text)
        rows = rows.filter(named | Q(team__name__icontains=text) | Q(domain__name__icontains=text))
    if show == "mine":
        rows = rows.filter(team__in=user.teams.values("pk"))
    elif show == "disputed":
        rows = rows.exclude(disputed_at=None)
    context = {
        "page": paginate(request, rows, PER_PAGE),
        "q": text,
        "show": show,
        "choices": SHOWN,
        "may_grant": policies.may(user, Action.GRANT_NAMESPACE),
    }
    return render(request, "pages/namespaces/list.html", context)


def _unclaimed(request: HttpRequest, user: User, text: str) -> HttpResponse:
    """List the names that nobody owns, with who sent them."""
    rows = unclaimed(user).filter(namespace__icontains=text)
    page = paginate(request, rows, PER_PAGE)
    names = sender_names({row["kept_for"] for row in page.items})
    context = {
        "page": page,
        "rows": [{**row, "sender": names.get(row["kept_for"], "")} for row in page.items],
        "q": text,
        "show": "unclaimed",
        "choices": SHOWN,
        "may_grant": policies.may(user, Action.GRANT_NAMESPACE),
        "may_grant_all": policies.may(user, Action.ADMINISTER),
    }
    return render(request, "pages/namespaces/unclaimed.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_namespace(request: HttpRequest) -> HttpResponse:
    """Give names that nobody owns to a team or domain."""
    user = person(request)
    if not policies.may(user, Action.GRANT_NAMESPACE):
        raise Http404
    form = GrantForm(user, request.POST if request.method == "POST" else None)
    form.initial = {"namespace": request.GET.get("namespace", "")[:500]}
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            claim = service.grant_namespace(
                data["namespace"], data["begins"], form.new_owner(), by=user, note=data["note"]
            )
        except ClaimRefused as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{claim} belongs to {claim.owner} now.")
            return redirect("namespace", claim.pk)
    status = 422 if form.errors else 200
    return render(request, "pages/namespaces/new.html", {"form": form}, status=status)


@login_required
@require_safe
def namespace_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one claim: the owner, the datasets, what happened."""
    return _page(request, _claim(request, pk))


@login_required
@require_POST
def do_namespace(request: HttpRequest, pk: int) -> HttpResponse:
    """Do one thing with a claim, as the button says."""
    do = _VERBS.get(request.POST.get("do", ""))
    if do is None:
        raise Http404
    try:
        return do(request, _claim(request, pk))
    except ClaimRefused as error:
        messages.error(request, f"{error.message[:1].upper()}{error.message[1:]}.")
        return redirect("namespaces")


def _move(request: HttpRequest, claim: NamespaceClaim) -> HttpResponse:
    user = person(request)
    form = OwnerForm(user, request.POST)
    if not form.is_valid():
        return _page(request, claim, move=form)
    service.move_namespace(claim, form.new_owner(), by=user, note=form.cleaned_data["note"])
    messages.success(request, f"{claim} belongs to {claim.owner} now.")
    return redirect("namespaces")


def _dispute(request: HttpRequest, claim: NamespaceClaim) -> HttpResponse:
    form = DisputeForm(request.POST)
    if form.is_valid():
        try:
            service.dispute_namespace(claim, by=person(request), word=form.cleaned_data["word"])
        except ClaimRefused as error:
            _refuse(form, error)
        else:
            messages.success(request, "Said. The owner and the stewards see it here.")
            return redirect("namespace", claim.pk)
    return _page(request, claim, dispute=form)


def _keep(request: HttpRequest, claim: NamespaceClaim) -> HttpResponse:
    service.keep_namespace(claim, by=person(request))
    messages.success(request, f"{claim} stays with {claim.owner}.")
    return redirect("namespace", claim.pk)


def _release(request: HttpRequest, claim: NamespaceClaim) -> HttpResponse:
    service.release_namespace(claim, by=person(request))
    messages.success(request, f"The claim of {claim.owner} is ended.")
    return redirect("namespaces")


_VERBS: dict[str, Callable[[HttpRequest, NamespaceClaim], HttpResponse]] = {
    "move": _move,
    "dispute": _dispute,
    "keep": _keep,
    "release": _release,
}


def _page(
    request: HttpRequest,
    claim: NamespaceClaim,
    *,
    move: OwnerForm | None = None,
    dispute: DisputeForm | None = None,
) -> HttpResponse:
    user = person(request)
    events = Event.objects.visible_to(user).filter(subject_kind="namespace", subject_id=claim.pk)
    may_decide = policies.may(user, Action.GRANT_NAMESPACE, claim)
    is_sole = claim.disputed_by_id == user.pk
    context = {
        "claim": claim,
        "page": paginate(request, datasets_of(claim, user).order_by("name", "id"), PER_PAGE),
        "days": by_day(list(events.order_by("-at", "-id")[:EVENTS]), user),
        "may_decide": may_decide,
        "may_keep": claim.disputed_at is not None and (may_decide or is_sole),
        "move": move or OwnerForm(user) if may_decide else None,
        "dispute": dispute or DisputeForm(),
    }
    status = 422 if move or dispute else 200
    return render(request, "pages/namespaces/page.html", context, status=status)


def _claim(request: HttpRequest, pk: int) -> NamespaceClaim:
    claim = listed(person(request)).filter(pk=pk).first()
    if claim is None:
        raise Http404
    return claim


def _refuse(form: forms.Form, error: ClaimRefused) -> None:
    name = {"prefix": "begins"}.get(error.field, error.field)
    field = name if name in form.fields else None
    form.add_error(field, f"{error.message[:1].upper()}{error.message[1:]}.")

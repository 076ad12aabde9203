"""Inviting people, and coming in by an invitation."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Invitation, User
from catalog.outbound.messages.invitations import can_mail, mail_invitation
from catalog.people import policies
from catalog.people.invitations import (
    CLOSED,
    InvitationClosed,
    InvitationRefused,
    NewAccount,
    accept_as,
    accept_as_new,
    find_invitation,
    invitations_for,
    invite,
    renew_invitation,
    revoke_invitation,
)
from catalog.people.policies import Action
from portal.forms.invitations import InvitationForm, JoinForm
from portal.paging import paginate
from portal.viewer import person

PER_PAGE = 50
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def _inviter(request: HttpRequest) -> User:
    user = person(request)
    if not policies.may(user, Action.MANAGE_TEAM):
        raise PermissionDenied("Owners of teams, stewards and platform admins invite people.")
    return user


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """List the open invitations one may change; make one, whose link is shown once or mailed."""
    user = _inviter(request)
    data = request.POST if request.method == "POST" else None
    form = InvitationForm(user, data, team=request.GET.get("team", ""), mails=can_mail())
    if not form.is_bound or not form.is_valid():
        return _show(request, form)
    try:
        made, secret = invite(by=user, **form.cleaned_data)
    except InvitationRefused as error:
        form.add_error(error.field or None, error.message)
        return _show(request, form)
    team = made.team.key if made.team else ""
    return _hand_out(request, InvitationForm(user, team=team, mails=can_mail()), made, secret)


@login_required
@require_POST
def do_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation, or give it a new link."""
    user = _inviter(request)
    found = invitations_for(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.POST.get("do") != "renew":
        revoke_invitation(found, by=user)
        messages.success(request, "The invitation is withdrawn; its link opens nothing.")
        return redirect("invitations")
    try:
        secret = renew_invitation(found, by=user)
    except InvitationClosed:
        messages.error(request, "It was used or withdrawn meanwhile.")
        return redirect("invitations")
    return _hand_out(request, InvitationForm(user, mails=can_mail()), found, secret)


def _hand_out(
    request: HttpRequest, form: InvitationForm, made: Invitation, secret: str
) -> HttpResponse:
    """Mail the link where that can be done, else show it, once."""
    link = settings.PUBLIC_URL + reverse("join", args=[secret])
    if made.email and can_mail():
        if mail_invitation(made, link):
            messages.success(request, f"The invitation is on its way to {made.email}.")
            return redirect("invitations")
        messages.error(request, "The mail server did not take it. Pass the link on yourself.")
    return _show(request, form, link=link, made=made)


def _show(
    request: HttpRequest, form: InvitationForm, link: str = "", made: Invitation | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "link": link,
        "made": made,
        "page": paginate(request, invitations_for(person(request)), PER_PAGE),
        "now": timezone.now(),
    }
    status = 422 if form.errors else 200
    return render(request, "pages/people/invitations.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let the invited make an account, or join the team with the one they have."""
    found = find_invitation(token)
    if found is None:
        return _closed(request)
    try:
        if isinstance(request.user, User):
            return _join_as(request, token, found, request.user)
        return _join_as_new(request, token, found)
    except InvitationClosed:
        return _closed(request)


def _join_as(request: HttpRequest, token: str, found: Invitation, user: User) -> HttpResponse:
    refused = ""
    if request.method == "POST":
        try:
            accept_as(token, user)
            return _enter(request, found)
        except InvitationClosed:
            raise
        except InvitationRefused as error:
            refused = error.message
    context = {"invitation": found, "refused": refused}
    status = 422 if refused else 200
    return render(request, "pages/account/join.html", context, status=status)


def _join_as_new(request: HttpRequest, token: str, found: Invitation) -> HttpResponse:
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        account = NewAccount(said["username"], said["password1"], said["display_name"])
        try:
            user = accept_as_new(token, account)
        except InvitationClosed:
            raise
        except InvitationRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            login(request, user, backend=MODEL_BACKEND)
            return _enter(request, found)
    context = {"invitation": found, "form": form}
    status = 422 if form.errors else 200
    return render(request, "pages/account/join.html", context, status=status)


def _enter(request: HttpRequest, found: Invitation) -> HttpResponse:
    where = found.team or "Gazetteer"
    messages.success(request, f"Welcome to {where}.")
    return redirect("team", key=found.team.key) if found.team else redirect("home")


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/account/join_closed.html", {"said": CLOSED}, status=404)

"""Switching an account off with what the person holds given to somebody, and choosing a new password by a link."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.handover import deactivate, holdings_of
from catalog.models import Membership, User
from catalog.people import policies
from catalog.people.passwords import LinkClosed, find_by_link, set_password_by_link
from catalog.people.policies import Action
from catalog.people.refusals import ChangeRefused
from catalog.people.teams import LastAccount
from portal.forms.handover import HandoverForm, NewPasswordForm
from portal.viewer import person

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_SUGGESTED = 500


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deactivate_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a person holds, each to be given or ended; then switch the account off."""
    admin = person(request)
    found = User.objects.filter(pk=pk, is_active=True).first()
    if found is None or not policies.may(admin, Action.ADMINISTER):
        raise Http404
    held = holdings_of(found)
    form = HandoverForm(held, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            deactivate(found, plan=form.plan(), by=admin)
        except LastAccount as error:
            form.add_error(None, str(error))
        except ChangeRefused as error:
            field = error.field if error.field in form.fields else None
            form.add_error(field, f"{error.message[:1].upper()}{error.message[1:]}.")
        else:
            messages.success(
                request, f"{found} can no longer sign in; what they held is given or ended."
            )
            return redirect("person", pk=pk)
    context = {
        "found": found,
        "form": form,
        "people": _suggested(found),
        "ending": [one for one in held if not one.can_be_given],
    }
    return render(
        request, "pages/people/deactivate.html", context, status=422 if form.errors else 200
    )


def _suggested(found: User) -> list[User]:
    """Return people to choose from: those of the same teams first."""
    others = User.objects.filter(is_active=True).exclude(pk=found.pk)
    near = Exists(Membership.objects.filter(user=OuterRef("pk"), team__memberships__user=found))
    return list(others.annotate(near=near).order_by("-near", "username")[:MOST_SUGGESTED])


@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever has the link choose a new password, signed in at once."""
    found = find_by_link(token)
    if found is None:
        return _closed(request)
    form = NewPasswordForm(found, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            user = set_password_by_link(token, form.cleaned_data["new_password1"])
        except LinkClosed:
            return _closed(request)
        login(request, user, backend=MODEL_BACKEND)
        messages.success(request, "Your new password is set.")
        return redirect("home")
    context = {"form": form, "found": found}
    status = 422 if form.errors else 200
    return render(request, "pages/account/choose_password.html", context, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(
        request, "pages/account/join_closed.html", {"said": str(LinkClosed())}, status=404
    )

"""Signing in and out, the own profile and API tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from catalog.api.callers import address_of
from catalog.models import ApiToken
from catalog.people.sessions import end_sessions
from catalog.people.setup import has_admin
from catalog.people.tokens import make_token, open_tokens, revoke_token, revoke_tokens
from portal.demo.people import DEMO_PEOPLE
from portal.forms.account import PasswordForm, ProfileForm, SignInForm, TokenForm
from portal.throttle import Attempt, begin, forget
from portal.viewer import person


def _next(request: HttpRequest) -> str:
    """Return where to go after signing in: a page of this site alone."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in form, or sign in."""
    target = _next(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST":
        attempt = Attempt.of(request.POST.get("username", ""), address_of(request))
        if seconds := begin(attempt, timezone.now()):
            return _too_many(request, target, seconds)
        if form.is_valid():
            forget(attempt)
            login(request, form.get_user())
            return HttpResponseRedirect(target)
    context = {
        "form": form,
        "next": target,
        "people": DEMO_PEOPLE if settings.DEMO else (),
        "is_set_up": has_admin(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "pages/account/sign_in.html", context, status=status)


def _too_many(request: HttpRequest, target: str, seconds: int) -> HttpResponse:
    """Refuse an attempt without looking at its password."""
    form = SignInForm(request)
    context = {"form": form, "next": target, "minutes": -(-seconds // 60), "is_set_up": True}
    answer = render(request, "pages/account/sign_in.html", context, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out and go home."""
    logout(request)
    messages.success(request, "You are signed out.")
    return redirect("home")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show the own profile; change name and job title, or the password."""
    user = person(request)
    form = ProfileForm(instance=user)
    password = PasswordForm(user)
    if request.method == "POST" and request.POST.get("what") == "password":
        password = PasswordForm(user, request.POST)
        if password.is_valid():
            password.save()
            update_session_auth_hash(request, user)
            message = "Your password is changed."
            if password.cleaned_data["end_tokens"]:
                message += f" {_ended(revoke_tokens(user, by=user))}"
            messages.success(request, message)
            return redirect("profile")
    elif request.method == "POST":
        form = ProfileForm(request.POST, instance=user)
        if form.is_valid():
            form.save()
            messages.success(request, "Your profile is saved.")
            return redirect("profile")
    context = {
        "form": form,
        "password_form": password,
        "memberships": user.memberships.select_related("team", "team__domain"),
        "stewardships": user.stewardships.select_related("domain"),
    }
    status = 422 if form.errors or password.errors else 200
    return render(request, "pages/account/profile.html", context, status=status)


def _ended(count: int) -> str:
    return f"{count} API token{'' if count == 1 else 's'} ended."


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the own tokens; make one, whose secret is shown once."""
    user = person(request)
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = made = None
    if form.is_bound and form.is_valid():
        made, secret = make_token(
            user,
            name=form.cleaned_data["name"],
            scope=form.cleaned_data["scope"],
            days=int(form.cleaned_data["days"]),
        )
        form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "made": made,
        "tokens": user.tokens.order_by("revoked_at", "-created_at"),
        "open_count": open_tokens(user).count(),
    }
    return render(request, "pages/account/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke_all(request: HttpRequest) -> HttpResponse:
    """Revoke every one of the own tokens."""
    user = person(request)
    messages.success(request, _ended(revoke_tokens(user, by=user)))
    return redirect("tokens")


@login_required
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every session of the person but the one that asks."""
    user = person(request)
    end_sessions(user, by=user)
    update_session_auth_hash(request, user)
    messages.success(request, "You are signed out everywhere but here.")
    return redirect("profile")


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of the own tokens."""
    token = ApiToken.objects.filter(pk=pk, user=person(request)).first()
    if token is None:
        raise Http404
    revoke_token(token, by=person(request))
    messages.success(request, f"The token “{token.name}” is revoked.")
    return redirect("tokens")

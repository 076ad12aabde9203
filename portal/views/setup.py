"""Setting an empty installation up: the first platform admin, by the link that its start prints."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.people.setup import SetupClosed, is_setup_link, make_first_admin
from portal.forms.setup import FirstAdminForm

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever has the link make the first admin's account, signed in at once."""
    if not is_setup_link(settings.DATA_DIR, token):
        raise Http404
    form = FirstAdminForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "pages/setup/first_admin.html", {"form": form}, status=status)
    said = form.cleaned_data
    try:
        user = make_first_admin(
            settings.DATA_DIR,
            token,
            username=said["username"],
            name=said["display_name"],
            email=said["email"],
            password=said["password1"],
        )
    except SetupClosed as error:
        raise Http404 from error
    login(request, user, backend=MODEL_BACKEND)
    messages.success(
        request, f"Welcome, {user}. You are platform admin; your user name is {user.username}."
    )
    return redirect("home")

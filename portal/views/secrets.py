"""The vault of a team: what is in it, never what it says."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Team
from catalog.people import policies
from catalog.people.policies import Action
from ingestors.models import Secret
from ingestors.services import vault
from ingestors.services.vault import SecretInvalid, VaultClosed
from portal.forms.secrets import NewSecretForm, ReplaceSecretForm
from portal.viewer import person


def _team(request: HttpRequest, key: str) -> Team:
    team = Team.objects.select_related("domain").filter(key=key).first()
    if team is None or not policies.may(request.user, Action.MANAGE_SOURCE, team):
        raise Http404
    return team


def _secret(request: HttpRequest, pk: int) -> Secret:
    secret = vault.secrets_for(person(request)).filter(pk=pk).first()
    if secret is None:
        raise Http404
    return secret


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def team_secrets(request: HttpRequest, key: str) -> HttpResponse:
    """List the secrets of a team, and keep another one."""
    team = _team(request, key)
    form = NewSecretForm(request.POST or None)
    if request.method == "POST" and _kept(request, team, form):
        return redirect("team-secrets", key=team.key)
    rows = list(vault.secrets_for(person(request)).filter(team=team))
    use = vault.use_of(rows)
    context = {
        "team": team,
        "form": form,
        "rows": [(row, use[row.pk]) for row in rows],
        "is_open": vault.is_open(),
        "closed": vault.CLOSED,
        "area": "domains",
    }
    return render(request, "pages/team/secrets.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, team: Team, form: NewSecretForm) -> bool:
    if not form.is_valid():
        return False
    try:
        secret = vault.create_secret(team, by=person(request), **form.cleaned_data)
    except SecretInvalid as error:
        form.add_error(error.field, str(error))
        return False
    except VaultClosed as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"The secret is kept. Sources of the team write {secret}.")
    return True


@login_required
@require_POST
def replace_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Put another value in the place of a secret."""
    secret = _secret(request, pk)
    form = ReplaceSecretForm(request.POST)
    try:
        if form.is_valid():
            vault.replace_secret(secret, value=form.cleaned_data["value"], by=person(request))
            messages.success(request, f"{secret} is replaced; the next run uses it.")
        else:
            messages.error(request, "Write the new secret; nothing was changed.")
    except (SecretInvalid, VaultClosed) as error:
        messages.error(request, f"Nothing was changed: {error}")
    return redirect("team-secrets", key=secret.team.key)


@login_required
@require_POST
def delete_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a secret, once its name was written."""
    secret = _secret(request, pk)
    if request.POST.get("confirm") != secret.name:
        messages.error(request, f"Write {secret.name} to delete the secret.")
    else:
        vault.delete_secret(secret, by=person(request))
        messages.success(request, f"The secret {secret.name} is deleted.")
    return redirect("team-secrets", key=secret.team.key)

"""What an admin says of the first steps: the name, what to skip, that no more is wanted."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.events.log import lock
from catalog.people import policies
from catalog.people.policies import Action
from portal.models import Installation
from portal.reading.first_steps import KEYS, installation
from portal.viewer import person


@login_required
@require_POST
def change_first_steps(request: HttpRequest) -> HttpResponse:
    """Name the installation, skip a step or take it up again, or end the list."""
    if not policies.may(person(request), Action.ADMINISTER):
        raise Http404
    with transaction.atomic():
        lock()
        said = installation()
        _change(said, request.POST.get("do", ""), request.POST)
        said.save()
    return redirect("home")


def _change(said: Installation, what: str, fields: dict[str, str]) -> None:
    step = fields.get("step", "")
    if what == "name":
        said.name = fields.get("name", "").strip()[:100]
    elif what == "skip" and step in KEYS:
        said.skipped = sorted({*said.skipped, step})
    elif what == "take-up":
        said.skipped = [one for one in said.skipped if one != step]
    elif what == "end":
        said.first_steps_ended_at = timezone.now()

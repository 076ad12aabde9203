"""The page of operators: what goes on, what waits, what went wrong, and what to do about it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import DeadLetter, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.search import dead_letters
from catalog.search.base import SearchUnavailable
from ingestors.models import Chore, Run
from ingestors.scheduling import chores
from ingestors.scheduling.chores import ChoreInvalid, find_chores
from portal.reading import health
from portal.reading.backups import last_backup
from portal.viewer import person

LETTERS = 50
RUNS = 10
TEAMS = 50


@login_required
@require_safe
def operator(request: HttpRequest) -> HttpResponse:
    """Show the same to platform admins, with what to do about it."""
    _admin(request)
    context = {
        "followers": health.followers(),
        "webhooks": health.webhooks(),
        "engines": health.engines(),
        "workers": health.workers(),
        "queues": health.queues(),
        "chores": find_chores(),
        "clock": health.clock(),
        "backup": last_backup(),
        "letters": DeadLetter.objects.all()[:LETTERS],
        "teams": Team.objects.without_owner().select_related("domain")[:TEAMS],
        "runs": Run.objects.select_related("source", "triggered_by").order_by("-id")[:RUNS],
        "late_after": health.MOST_LAG_SECONDS,
    }
    return render(request, "pages/operator/page.html", context)


@login_required
@require_POST
def change_chore(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume or hasten a chore, or do it more or less often."""
    by = _admin(request)
    chore = get_object_or_404(Chore, pk=pk)
    do = request.POST.get("do", "")
    verbs = {
        "pause": (chores.pause_chore, "is paused"),
        "resume": (chores.resume_chore, "is done again"),
        "hasten": (chores.hasten_chore, "is done at the next tick of the clock"),
    }
    if do in verbs:
        verb, message = verbs[do]
        verb(chore, by=by)
        messages.success(request, f"The chore {chore} {message}.")
    elif do == "every":
        given = request.POST.get("every", "").strip()
        try:
            seconds = int(given) if given.isascii() and given.isdigit() else None
            chores.change_chore(chore, every=seconds, by=by)
            messages.success(request, f"The chore {chore} is done every {chore.every} seconds.")
        except (ChoreInvalid, ValueError):
            most = f"{chores.MOST_SECONDS:,}"
            messages.error(request, f"“{given[:20]}” is no number of seconds from 1 to {most}.")
    else:
        messages.error(request, "Nothing was changed: choose pause, resume, hasten or every.")
    return redirect("operator")


@login_required
@require_POST
def answer_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Index a refused document once more, or put the letter away."""
    _admin(request)
    letter = get_object_or_404(DeadLetter, pk=pk)
    what = f"{letter.kind} {letter.object_id}"
    if request.POST.get("do") == "dismiss":
        dead_letters.dismiss(letter)
        messages.success(request, f"The letter about {what} is put away until it is refused again.")
        return redirect("operator")
    try:
        is_taken = dead_letters.retry(letter)
    except SearchUnavailable as error:
        messages.error(request, f"{letter.index} is away, try later: {error}")
    else:
        if is_taken:
            messages.success(request, f"{letter.index} took {what}.")
        else:
            messages.error(request, f"{letter.index} refused {what} again.")
    return redirect("operator")


def _admin(request: HttpRequest) -> User:
    """Return who asks; raise Http404 for anybody but platform admins."""
    user = person(request)
    if not policies.may(user, Action.ADMINISTER):
        raise Http404
    return user

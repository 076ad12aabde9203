"""Sources and their runs, like the pages of a continuous-integration service."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Domain, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from ingestors.connectors.registry import known as connector_names
from ingestors.models import Run, Source
from ingestors.services import runs as run_services
from ingestors.services import sources as source_services
from ingestors.services.sources import SourceInvalid
from portal.forms.sources import SourceForm
from portal.paging import paginate
from portal.viewer import person

PER_PAGE = 25
LINES = 500


def _readable(request: HttpRequest) -> QuerySet[Source]:
    """Sources of the domains one may see and manage, run or own."""
    rows = Source.objects.filter(domain__in=Domain.objects.visible_to(request.user))
    return policies.where(rows, request.user, Action.RUN_SOURCE)


def _source(request: HttpRequest, key: str, action: Action = Action.RUN_SOURCE) -> Source:
    source = _readable(request).select_related("domain", "team").filter(key=key).first()
    if source is None or not policies.may(request.user, action, source):
        raise Http404
    return source


def _run(request: HttpRequest, pk: int) -> Run:
    run = (
        Run.objects.filter(source__in=_readable(request), pk=pk)
        .select_related("source__domain", "source__team", "triggered_by")
        .first()
    )
    if run is None:
        raise Http404
    return run


@login_required
@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    """List sources with how their last run ended."""
    last = Run.objects.filter(source=OuterRef("pk")).order_by("-queued_at", "-id")
    rows = (
        _readable(request)
        .select_related("domain", "team")
        .annotate(last_run=Subquery(last.values("pk")[:1]), run_count=Count("runs"))
        .order_by("domain__path", "name")
    )
    page = paginate(request, rows, PER_PAGE)
    found = Run.objects.in_bulk(
        [pk for row in page.items if (pk := getattr(row, "last_run", None))]
    )
    context = {
        "page": page,
        "rows": [(row, found.get(getattr(row, "last_run", 0) or 0)) for row in page.items],
        "may_add": policies.may(request.user, Action.MANAGE_SOURCE),
    }
    return render(request, "pages/sources/list.html", context)


@login_required
@require_safe
def source_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one source and its runs."""
    source = _source(request, key)
    context = {
        "source": source,
        "config": source_services.shown_config(source),
        "page": paginate(request, source.runs.select_related("triggered_by"), PER_PAGE),
        "may_manage": policies.may(request.user, Action.MANAGE_SOURCE, source),
    }
    return render(request, "pages/sources/source.html", context)


def _choices(user: User) -> tuple[list[Domain], list[Team]]:
    team_ids = policies.teams_where(user, Action.MANAGE_SOURCE)
    domain_ids = policies.domains_where(user, Action.MANAGE_SOURCE)
    teams = Team.objects.select_related("domain").order_by("name")
    domains = Domain.objects.visible_to(user).order_by("path")
    if team_ids is not None and domain_ids is not None:
        teams = teams.filter(pk__in=team_ids) | teams.filter(domain__in=domain_ids)
        homes = {team.domain_id for team in teams}
        domains = domains.filter(pk__in={*homes, *domain_ids})
    return list(domains), list(teams)


def _form(user: User, data: Mapping[str, object] | None, source: Source | None) -> SourceForm:
    domains, teams = _choices(user)
    initial = None
    if source is not None:
        initial = {
            "name": source.name,
            "key": source.key,
            "connector": source.connector,
            "config": source.config,
            "domain": source.domain_id,
            "team": source.team_id,
            "schedule": source.schedule,
            "rules": source.rules,
        }
    return SourceForm(
        data, connectors=list(connector_names()), domains=domains, teams=teams, initial=initial
    )


def _saved(form: SourceForm, user: User, source: Source | None) -> Source | None:
    """Save a valid form; what the service refuses is put beside the field."""
    if not form.is_valid():
        return None
    data = dict(form.cleaned_data)
    data["rules"] = data["rules"] or []
    try:
        if source is None:
            return source_services.create_source(by=user, **data)
        data.pop("key")
        return source_services.update_source(source, by=user, **data)
    except SourceInvalid as error:
        for problem in error.problems:
            name = problem.path.split(".")[0].split("[")[0]
            form.add_error(name if name in form.fields else None, problem.message)
        return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_source(request: HttpRequest) -> HttpResponse:
    """Add a source."""
    user = person(request)
    if not policies.may(user, Action.MANAGE_SOURCE):
        raise Http404
    form = _form(user, request.POST if request.method == "POST" else None, None)
    if request.method == "POST" and (made := _saved(form, user, None)):
        messages.success(request, f"{made} is added. Check the connection, then run it.")
        return redirect("source", key=made.key)
    context = {"form": form, "source": None}
    return render(request, "pages/sources/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_source(request: HttpRequest, key: str) -> HttpResponse:
    """Change a source."""
    source = _source(request, key, Action.MANAGE_SOURCE)
    user = person(request)
    form = _form(user, request.POST if request.method == "POST" else None, source)
    if request.method == "POST" and _saved(form, user, source):
        messages.success(request, f"{source} is saved.")
        return redirect("source", key=source.key)
    context = {"form": form, "source": source}
    return render(request, "pages/sources/edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def check(request: HttpRequest, key: str) -> HttpResponse:
    """Try to reach the store of a source."""
    source = _source(request, key)
    problem = source_services.check_source(source)
    if problem:
        messages.error(request, f"The store does not answer: {problem}")
    else:
        messages.success(request, "The store answers.")
    return redirect("source", key=key)


@login_required
@require_POST
def run_now(request: HttpRequest, key: str) -> HttpResponse:
    """Start a harvest."""
    source = _source(request, key)
    run = run_services.enqueue(source, by=person(request), trigger="manual")
    return redirect("run", pk=run.pk)


@login_required
@require_POST
def pause(request: HttpRequest, key: str) -> HttpResponse:
    """Stop the schedule of a source, or go on with it."""
    source = _source(request, key, Action.MANAGE_SOURCE)
    if source.is_paused:
        source_services.resume_source(source, by=person(request))
        messages.success(request, f"{source} runs by its schedule again.")
    else:
        source_services.pause_source(source, by=person(request))
        messages.success(request, f"{source} is paused; it can still be run by hand.")
    return redirect("source", key=key)


@login_required
@require_POST
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Remove a source; what it found stays in the catalog."""
    source = _source(request, key, Action.MANAGE_SOURCE)
    if request.POST.get("confirm") != source.key:
        messages.error(request, f"Write {source.key} to delete the source.")
        return redirect("source", key=key)
    source_services.delete_source(source, by=person(request))
    messages.success(request, f"{source} is deleted; what it found stays.")
    return redirect("sources")


@login_required
@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """List runs of every readable source, newest first."""
    rows = Run.objects.filter(source__in=_readable(request)).select_related(
        "source__domain", "triggered_by"
    )
    state = request.GET.get("state", "")
    if state:
        rows = rows.filter(state=state)
    context = {
        "page": paginate(request, rows, PER_PAGE),
        "state": state,
        "states": Run.state.field.choices,
    }
    return render(request, "pages/sources/runs.html", context)


def _run_context(request: HttpRequest, run: Run) -> dict[str, object]:
    lines = list(run.lines.order_by("-id")[: LINES + 1])
    return {
        "run": run,
        "lines": lines[:LINES][::-1],
        "has_more_lines": len(lines) > LINES,
        "is_open": run.state in {"queued", "running"},
        "may_run": policies.may(request.user, Action.RUN_SOURCE, run.source),
    }


@login_required
@require_safe
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one run with its log; it keeps itself up to date while the run goes on."""
    run = _run(request, pk)
    return render(request, "pages/sources/run.html", _run_context(request, run))


@login_required
@require_safe
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the part of the run's page that changes."""
    run = _run(request, pk)
    return render(request, "partials/_run.html", _run_context(request, run))


@login_required
@require_POST
def confirm_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Run again and let what is missing go."""
    run = _run(request, pk)
    if run.state != "held":
        messages.error(request, "Only a run that was held back can be confirmed.")
        return redirect("run", pk=pk)
    again = run_services.enqueue(run.source, by=person(request), trigger="confirmed", confirm=True)
    return redirect("run", pk=again.pk)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a run that waits or goes on."""
    run = _run(request, pk)
    if run_services.cancel(run, by=person(request)):
        messages.success(request, "The run is cancelled.")
    else:
        messages.error(request, "The run had ended already.")
    return redirect("run", pk=pk)

"""Jobs and their runs: what moves data, how it went, what it touches."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lineage.models import JobRun
from portal.paging import paginate
from portal.reading import jobs
from portal.viewer import viewer


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """List jobs, those told of last first."""
    user = viewer(request)
    text = request.GET.get("q", "").strip()[:200]
    state = request.GET.get("state", "").upper()
    state = state if state in dict(jobs.STATES) else ""
    page = paginate(request, jobs.list_jobs(user, text=text, state=state), 50)
    context = {
        "page": page,
        "rows": jobs.job_rows(page.items, user),
        "q": text,
        "state": state,
        "states": jobs.STATES,
        "area": "lineage",
    }
    return render(request, "pages/jobs/list.html", context)


@require_safe
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a job: its runs and how long they took, what it reads and writes, its statement."""
    user = viewer(request)
    job = jobs.get_job(user, pk)
    page = paginate(request, jobs.runs_of(job), 25)
    context = {
        "job": job,
        "page": page,
        "runs": [(run, jobs.seconds_of(run)) for run in page.items],
        "newest": page.items[0] if page.number == 1 and page.items else None,
        "points": jobs.durations(job),
        "ends": jobs.ends_of_job(job, user),
        "is_open": jobs.is_open(user, job),
        "area": "lineage",
    }
    return render(request, "pages/jobs/job.html", context)


@require_safe
def job_run_page(request: HttpRequest, pk: int, run: uuid.UUID) -> HttpResponse:
    """Show one run: when, how long, what it read and wrote, and why it failed."""
    user = viewer(request)
    job = jobs.get_job(user, pk)
    found = JobRun.objects.filter(job=job, run_id=run).first()
    if found is None:
        raise Http404("The job has no such run.")
    context = {
        "job": job,
        "run": found,
        "seconds": jobs.seconds_of(found),
        "ends": jobs.ends_of_run(found, user),
        "is_open": jobs.is_open(user, job),
        "area": "lineage",
    }
    return render(request, "pages/jobs/run.html", context)

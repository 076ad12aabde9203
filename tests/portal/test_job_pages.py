"""Jobs and their runs: states, durations, what they touch, and who reads why they failed."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.models import Dataset
from catalog.people.domains import save_domain
from lineage.models import Job, JobDataset, JobRun, RunDataset
from portal.rendering.formats import took
from tests.conftest import Mesh
from tests.factories import make_dataset

SECRET = "zyxquartz"


def make_job(name: str, reads: list[Dataset], writes: list[Dataset], **fields: str) -> Job:
    """Make a job."""
    job = Job.objects.create(namespace="airflow", name=name, audience="public", **fields)
    for way, rows in (("in", reads), ("out", writes)):
        for row in rows:
            JobDataset.objects.create(job=job, dataset=row, direction=way)
    return job


def run_once(job: Job, state: str = "COMPLETED", minutes: float = 2, message: str = "") -> JobRun:
    """Let a job run."""
    started = timezone.now() - timedelta(hours=JobRun.objects.count() + 1)
    run = JobRun.objects.create(
        run_id=uuid.uuid4(),
        job=job,
        state=state,
        started_at=started,
        ended_at=started + timedelta(minutes=minutes),
        duration_ms=int(minutes * 60_000),
        last_event_at=started + timedelta(minutes=minutes),
        error_message=message,
    )
    for row in job.datasets.all():
        RunDataset.objects.create(
            run=run, job=job, dataset=row.dataset, direction=row.direction,
            first_seen_at=started, last_seen_at=started,
        )  # fmt: skip
    return run


def text(client: Client, address: str) -> str:
    """Open a page."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_jobs_are_listed_with_their_newest_run(client: Client, mesh: Mesh) -> None:
    assert "No jobs yet" in text(client, "/jobs")
    a, b = make_dataset("a"), make_dataset("b")
    good, bad = make_job("nightly", [a], [b]), make_job("weekly", [a], [b])
    run_once(good, minutes=1.5)
    run_once(bad, "FAILED")
    html = text(client, "/jobs")
    assert "1 min 30 s" in html
    assert "weekly" in html
    assert "nightly" not in text(client, "/jobs?state=FAILED")
    assert "weekly" in text(client, "/jobs?state=failed")
    assert "nightly" in text(client, "/jobs?q=NIGHT")
    assert "No job matches" in text(client, "/jobs?q=nothing-like-it")
    assert "nightly" in text(client, "/jobs?state=nonsense")


def test_a_job_shows_runs_durations_and_what_it_touches(client: Client, mesh: Mesh) -> None:
    a, b = make_dataset("first_table"), make_dataset("second_table")
    job = make_job("nightly", [a], [b], sql="INSERT INTO second_table SELECT 1")
    for minutes in (1, 2, 3):
        run_once(job, minutes=minutes)
    failed = run_once(job, "FAILED", message="no space left")
    html = text(client, f"/jobs/{job.pk}")
    assert "first_table" in html
    assert "INSERT INTO second_table" in html
    assert "<trend-chart" in html
    assert html.count('data-kept="0"') == 1
    assert "no space left" in html
    run = text(client, f"/jobs/{job.pk}/runs/{failed.run_id}")
    assert "no space left" in run
    assert "second_table" in run


def test_whoever_does_not_see_all_reads_neither_statement_nor_errors(
    client: Client, mesh: Mesh
) -> None:
    save_domain(f"{SECRET}-area", name=f"{SECRET} area", visibility="team", by=None)
    hidden = make_dataset(f"main.{SECRET}", domain=f"{SECRET}-area")
    job = make_job("nightly", [hidden], [make_dataset("b")], sql=f"SELECT 1 FROM {SECRET}")
    run = run_once(job, "FAILED", message=f"{SECRET} is locked")
    addresses = (f"/jobs/{job.pk}", f"/jobs/{job.pk}/runs/{run.run_id}", "/jobs")
    for address in addresses:
        assert SECRET not in text(client, address)
    assert "something you may not see" in text(client, addresses[0])
    client.force_login(mesh.alice)
    assert f"{SECRET} is locked" in text(client, addresses[1])
    assert f"SELECT 1 FROM {SECRET}" in text(client, addresses[0])


@pytest.mark.parametrize("who", ["charlie", "anonymous"])
def test_a_job_that_writes_something_hidden_is_hidden(client: Client, mesh: Mesh, who: str) -> None:
    save_domain(f"{SECRET}-area", name=f"{SECRET} area", visibility="team", by=None)
    hidden = make_dataset(f"main.{SECRET}", domain=f"{SECRET}-area")
    job = make_job(f"{SECRET}-job", [make_dataset("a")], [hidden])
    run = run_once(job)
    if who == "charlie":
        client.force_login(mesh.charlie)
    assert SECRET not in text(client, "/jobs")
    assert client.get(f"/jobs/{job.pk}").status_code == 404
    assert client.get(f"/jobs/{job.pk}/runs/{run.run_id}").status_code == 404
    assert client.get(f"/lineage?focus=job:{job.pk}").status_code == 404


@pytest.mark.parametrize("page", ["/jobs", "/jobs/{job}", "/jobs/{job}/runs/{run}"])
def test_no_page_needs_more_than_fifteen_queries(
    client: Client, mesh: Mesh, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [make_dataset(f"table_{n}") for n in range(6)]
    job = make_job("nightly", rows[:3], rows[3:])
    for _ in range(5):
        run = run_once(job)
    client.force_login(mesh.charlie)
    with django_assert_max_num_queries(15):
        client.get(page.format(job=job.pk, run=run.run_id))


def test_a_run_of_another_job_is_not_found(client: Client, mesh: Mesh) -> None:
    a, b = make_dataset("a"), make_dataset("b")
    one, two = make_job("one", [a], [b]), make_job("two", [a], [b])
    run = run_once(one)
    assert client.get(f"/jobs/{two.pk}/runs/{run.run_id}").status_code == 404


def test_a_job_is_a_focus_of_the_graph(client: Client, mesh: Mesh) -> None:
    job = make_job("nightly", [make_dataset("a")], [make_dataset("b")])
    html = text(client, f"/lineage?focus=job:{job.pk}")
    assert "nightly" in html
    assert f'"id": "j{job.pk}"' in html


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0.42, "0.4 s"), (59.4, "59 s"), (60, "1 min 0 s"), (7_800, "2 h 10 min")],
)
def test_a_span_is_told_in_two_units(seconds: float | None, words: str) -> None:
    assert took(seconds) == words

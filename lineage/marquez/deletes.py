"""Taking datasets and jobs out, softly: the next event about one brings it back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import Dataset, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.missing_datasets import mark_gone
from lineage.models import Job


def delete_dataset(dataset: Dataset, *, by: User) -> None:
    """Mark a dataset as gone. Raises PermissionError for those who may not edit it."""
    if not policies.may(by, Action.EDIT_DATASET, dataset):
        raise PermissionError("only who may edit the dataset may take it out")
    mark_gone({dataset.pk: timezone.now()}, source=str(by))


def delete_job(job: Job, *, by: User) -> None:
    """Hide a job. Raises PermissionError for those who may not edit all that it writes."""
    written = Dataset.objects.filter(jobs__job=job, jobs__direction="out")
    mine = policies.where(written, by, Action.EDIT_DATASET).values("pk")
    is_mine = written.exists() and not written.exclude(pk__in=mine).exists()
    if not is_mine and not policies.may(by, Action.ADMINISTER):
        raise PermissionError("only who may edit all that the job writes may take it out")
    now = timezone.now()
    with transaction.atomic():
        event_log.lock()
        Job.objects.filter(pk=job.pk, deleted_at=None).update(deleted_at=now)
        event = NewEvent(
            type="job.removed",
            actor=by,
            subject_kind="job",
            subject_key=f"{job.namespace} {job.name}",
            subject_id=job.pk,
            audience=job.audience,
        )
        event_log.record([event])

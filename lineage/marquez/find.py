"""Find what a node id or a path means, among what a person may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import Http404

from catalog.models import Dataset, User
from lineage.marquez.names import DATASET, FIELD, JOB, cuts, split_node
from lineage.models import DatasetAlias, Job
from lineage.openlineage.batch import find_by_address
from lineage.openlineage.parse import Address

Viewer = User | AnonymousUser
_Row = TypeVar("_Row", bound=models.Model)
#: More ways to cut a text than this are not tried.
MAX_CUTS = 200


def visible_jobs(user: Viewer) -> models.QuerySet[Job]:
    """Return the jobs a person may see that are not deleted."""
    return Job.objects.visible_to(user).filter(deleted_at=None)


def visible_datasets(user: Viewer) -> models.QuerySet[Dataset]:
    """Return the datasets a person may see."""
    return Dataset.objects.visible_to(user)


def first_of(rows: models.QuerySet[_Row], ways: Iterable[Address]) -> _Row | None:
    """Return the row that the first fitting way of cutting means."""
    tried = [way for way, _ in zip(ways, range(MAX_CUTS), strict=False)]
    found = find_by_address(rows, tried, "pk")
    pk = next((found[way][0] for way in tried if way in found), None)
    return None if pk is None else rows.get(pk=pk)


def find_dataset(user: Viewer, ways: Iterable[Address]) -> Dataset:
    """Return a dataset by its address or by another name of it. Raises Http404."""
    tried = [way for way, _ in zip(ways, range(MAX_CUTS), strict=False)]
    rows = visible_datasets(user)
    aliases = DatasetAlias.objects.filter(node__in=rows)
    if alias := first_of(aliases, tried):
        return alias.node
    found = first_of(rows, tried)
    if found is None:
        raise Http404
    return found


def find_job(user: Viewer, ways: Iterable[Address]) -> Job:
    """Return a job by its address. Raises Http404."""
    found = first_of(visible_jobs(user), ways)
    if found is None:
        raise Http404
    return found


def find_node(user: Viewer, node: str) -> tuple[Dataset | Job, str]:
    """Return what a node id means, and the column for a field. Raises ValueError and Http404."""
    kind, rest = split_node(node)
    if kind == JOB:
        return find_job(user, cuts(rest)), ""
    if kind == DATASET:
        return find_dataset(user, cuts(rest)), ""
    if kind != FIELD:
        raise ValueError("name a dataset, a field or a job")
    for owner, field in cuts(rest):
        try:
            dataset = find_dataset(user, cuts(owner))
        except Http404:
            continue
        return dataset, field
    raise Http404

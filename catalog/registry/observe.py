"""What was measured of datasets: sizes, profiles, samples. No revision, no event."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from catalog.db import bulk
from catalog.descriptors import Observation
from catalog.models import Dataset, DatasetHistory, Profile, Sample
from catalog.people.authority import Authority
from catalog.registry.dataset_access import editable


def observe(observations: Iterable[Observation], *, source: str, authority: Authority) -> list[int]:
    """Keep the newest observation of each dataset and a point of its history; return their ids.

    Observations of unknown datasets, and of those that whoever speaks may not describe, are left out. An
    older observation than the one kept adds only its point of history.
    """
    wanted = {o.ref.subject: o for o in observations}
    if not wanted:
        return []
    with transaction.atomic():
        rows = Dataset.objects.filter(
            namespace__in={o.namespace for o in wanted.values()},
            name__among=[o.name for o in wanted.values()],
        )
        known = [row for row in rows if row.ref.subject in wanted]
        allowed = editable(known, authority)
        pairs = [(row, wanted[row.ref.subject]) for row in known if row.pk in allowed]
        newest = [
            (row, seen)
            for row, seen in pairs
            if row.observed_at is None or seen.observed_at >= row.observed_at
        ]
        bulk.update(Dataset, [_size(row, seen) for row, seen in newest])
        profiles = [_profile(row, seen) for row, seen in newest if seen.columns]
        samples = [_sample(row, seen) for row, seen in newest if seen.sample_columns]
        bulk.upsert(
            Profile,
            profiles,
            on=("dataset_id",),
            fields=("observed_at", "rows_profiled", "columns", "keys", "notes"),
        )
        bulk.upsert(
            Sample, samples, on=("dataset_id",), fields=("taken_at", "columns", "rows", "masked")
        )
        history = [_point(row, seen) for row, seen in pairs]
        bulk.upsert(
            DatasetHistory,
            history,
            on=("dataset_id", "observed_at"),
            fields=("row_count", "byte_size", "data_updated_at"),
        )
    return [row.pk for row, _ in pairs]


def _size(row: Dataset, seen: Observation) -> dict[str, object]:
    """Return the new sizes of a dataset; of what was not said the old one stays."""
    has_count = "row_count" in seen.model_fields_set
    size = seen.byte_size if "byte_size" in seen.model_fields_set else row.byte_size
    return {
        "id": row.pk,
        "row_count": seen.row_count if has_count else row.row_count,
        "row_count_is_estimate": seen.row_count_is_estimate
        if has_count
        else row.row_count_is_estimate,
        "byte_size": size,
        "data_updated_at": seen.data_updated_at or row.data_updated_at,
        "observed_at": seen.observed_at,
    }


def _profile(row: Dataset, seen: Observation) -> dict[str, object]:
    return {
        "dataset_id": row.pk,
        "observed_at": seen.observed_at,
        "rows_profiled": seen.rows_profiled,
        "columns": [column.dump() for column in seen.columns],
        "keys": [key.dump() for key in seen.keys],
        "notes": list(seen.notes),
    }


def _sample(row: Dataset, seen: Observation) -> dict[str, object]:
    return {
        "dataset_id": row.pk,
        "taken_at": seen.observed_at,
        "columns": list(seen.sample_columns),
        "rows": [list(values) for values in seen.sample_rows],
        "masked": dict(seen.sample_masked),
    }


def _point(row: Dataset, seen: Observation) -> dict[str, object]:
    return {
        "dataset_id": row.pk,
        "observed_at": seen.observed_at,
        "row_count": seen.row_count,
        "byte_size": seen.byte_size,
        "data_updated_at": seen.data_updated_at,
        "quality_score": None,
    }

"""What a person's correction of sensitivity does at once."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.descriptors import LayerKind, Sensitivity
from catalog.models import Dataset, Profile, Sample
from catalog.registry.diff import Change
from catalog.registry.paths import Path
from catalog.registry.stages import Author, WrittenChange

HIDDEN = "•••"
#: The parts of a column's profile that never reveal a value.
SAFE = frozenset(
    {"path", "rows", "nulls", "distinct", "distinct_is_approximate", "min_length", "max_length"}
)


def hide_sensitive(written: Sequence[WrittenChange], author: Author) -> None:
    """Remove what was kept of columns that were just called sensitive; a harvest masks by itself."""
    if author.layer == LayerKind.HARVESTED:
        return
    changes = {
        one.row_id: one.change.changes
        for one in written
        if any(change.path.endswith("].sensitivity") for change in one.change.changes)
    }
    for dataset in Dataset.objects.filter(pk__in=list(changes)) if changes else ():
        _hide(dataset, changes[dataset.pk])


def _hide(dataset: Dataset, changes: Sequence[Change]) -> None:
    paths: dict[str, str] = {}
    for change in changes:
        path = Path.parse(change.path)
        is_sensitivity = path.name == "columns" and path.field == "sensitivity"
        if is_sensitivity and path.item and change.after not in (None, Sensitivity.NONE.value):
            paths[path.item[0]] = Sensitivity(change.after).words
    if paths:
        _hide_profile(dataset, paths)
        _hide_sample(dataset, paths)


def _hide_profile(dataset: Dataset, paths: dict[str, str]) -> None:
    profile = Profile.objects.filter(dataset=dataset).first()
    if profile is None:
        return
    profile.columns = [
        {**{k: v for k, v in column.items() if k in SAFE}, "masked": paths[column["path"]]}
        if column["path"] in paths
        else column
        for column in profile.columns
    ]
    profile.save(update_fields=["columns"])


def _hide_sample(dataset: Dataset, paths: dict[str, str]) -> None:
    sample = Sample.objects.filter(dataset=dataset).first()
    if sample is None:
        return
    places = [i for i, path in enumerate(sample.columns) if path in paths]
    for row in sample.rows:
        for place in places:
            row[place] = None if row[place] is None else HIDDEN
    sample.masked = {**sample.masked, **paths}
    sample.save(update_fields=["rows", "masked"])

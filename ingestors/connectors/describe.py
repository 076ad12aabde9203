"""Put a described table and its profile together into one record. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from catalog.descriptors import DatasetDescriptor
from ingestors.connectors.base import (
    Table,
)
from ingestors.profile.limits import Correction, Limits
from ingestors.profile.profiler import profile_dataset
from ingestors.profile.subject import Runner, Subject


def is_wanted(name: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    """Tell whether a name fits the patterns; a pattern without a dot is for the last part."""
    short = name.rpartition(".")[2]

    def fits(pattern: str) -> bool:
        return fnmatchcase(name, pattern) or fnmatchcase(short, pattern)

    return any(map(fits, include)) and not any(map(fits, exclude))


def profiled(
    descriptor: DatasetDescriptor,
    subject: Subject,
    runner: Runner,
    *,
    limits: Limits,
    corrections: Mapping[str, Correction],
    at: datetime,
    trouble: str = "",
) -> Table:
    """Measure a dataset, write what its columns hold into its description, and return both.

    Raises Unreadable when nothing can be said of it.
    """
    found = profile_dataset(subject, runner, limits=limits, corrections=corrections, at=at)
    columns = [
        column.model_copy(
            update={
                "sensitivity": finding.sensitivity.value,
                "sensitivity_reason": finding.reason[:500],
            }
        )
        if (finding := found.findings.get(column.path)) and finding.reason
        else column
        for column in descriptor.columns
    ]
    described = descriptor.model_copy(update={"columns": columns})
    return Table(described, found.observation, trouble or found.trouble)

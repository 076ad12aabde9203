"""What may go wrong in a harvest, sorted by what the caller does next. Free of Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class IngestError(Exception):
    """Anything that stops a harvest, or an item of it. Its text holds neither secrets nor data."""


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One field of a configuration that cannot be used."""

    field: str  # path, e.g. `limits.max_rows`; empty for the whole
    value: str  # as given, secrets hidden
    allowed: str  # what may stand there

    def __str__(self) -> str:
        where = self.field or "configuration"
        return (
            f"{where}: {self.value} cannot be used; {self.allowed}"
            if self.value
            else (f"{where}: {self.allowed}")
        )


class ConfigInvalid(IngestError):
    """The configuration must be changed by a person; trying again is pointless."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in problems))

    @classmethod
    def of(cls, field: str, value: str, allowed: str) -> ConfigInvalid:
        """Make the error for a single field."""
        return cls([ConfigProblem(field, value, allowed)])


class SourceUnavailable(IngestError):
    """The whole source cannot be read now; trying again later may help."""


class Unreadable(IngestError):
    """One item cannot be read; the others can."""

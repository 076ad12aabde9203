"""When something was said, so that the newest statement wins whatever the order of arrival. Free of Django."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple


class Mark(NamedTuple):
    """The time of an event and its hash, which decides between events of one moment."""

    at: datetime
    hash: str

    def dump(self) -> list[str]:
        """Return it as JSON keeps it."""
        return [self.at.astimezone(UTC).isoformat(), self.hash]

    @classmethod
    def parse(cls, data: Sequence[str] | None) -> Mark | None:
        """Read what `dump` gave; None for nothing."""
        return cls(datetime.fromisoformat(data[0]), data[1]) if data else None


def is_newer(mark: Mark, known: Mark | None) -> bool:
    """Tell whether a statement replaces what is known; one of the same mark does, too."""
    return known is None or mark >= known

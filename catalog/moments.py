"""Days and moments of ISO 8601 as people write them. Free of Django."""

from __future__ import annotations

import re
from datetime import date, datetime

LONGEST_MOMENT = 40
MOMENT_RULE = "a day (YYYY-MM-DD) or a moment (YYYY-MM-DDThh:mm:ssZ) of ISO 8601"


def day_of(text: str) -> date:
    """Return the day of a date or a moment as it was written. Raises ValueError."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        if re.match(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", text) and len(text) <= LONGEST_MOMENT:
            return datetime.fromisoformat(text.upper()).date()
    except ValueError:
        pass
    raise ValueError(f"write {MOMENT_RULE}")

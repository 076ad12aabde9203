"""When a source runs next: five cron fields, or `every 30m`, `every 2h`, `every 1d`. Free of Django."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError

_EVERY = re.compile(r"^every (\d{1,4}) ?([mhd])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
ALLOWED = "five cron fields such as 15 3 * * *, or “every 30m”, “every 2h”, “every 1d”"


class ScheduleInvalid(ValueError):
    """The text is no schedule."""


def next_run(schedule: str, after: datetime) -> datetime | None:
    """Return the next time after a moment; None for an empty schedule. Raises ScheduleInvalid."""
    text = schedule.strip().lower()
    if not text:
        return None
    if match := _EVERY.match(text):
        step = timedelta(**{_UNITS[match[2]]: int(match[1])})
        if step < timedelta(minutes=1):
            raise ScheduleInvalid(f"{schedule!r} is too often; at most once a minute")
        return after + step
    try:
        return next(CronSim(text, after))
    except (CronSimError, StopIteration) as error:
        raise ScheduleInvalid(f"{schedule!r} is no schedule; write {ALLOWED}") from error

"""What is due when: the schedule that beat keeps. Free of Django."""

from __future__ import annotations

from datetime import timedelta

SCHEDULE = {
    "dispatch": {
        "task": "ingestors.dispatch",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},
    },
    "follow": {
        "task": "ingestors.follow",
        "schedule": timedelta(seconds=3),
        "options": {"expires": 6},
    },
    "expire": {"task": "ingestors.daily", "schedule": timedelta(minutes=15)},
}
"""Messages that nobody took before the next one is sent are dropped."""

"""What is due when. Free of Django.

The clock (`celery beat`) knows one thing: every few seconds a worker looks at the chores that the database
keeps. So two clocks do no harm, and chores are changed while everything runs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

TICK = 5
SCHEDULE = {
    "tick": {
        "task": "ingestors.tick",
        "schedule": timedelta(seconds=TICK),
        "options": {"expires": 3 * TICK},
    },
}
"""Messages that nobody took in time are dropped."""


class Usual(NamedTuple):
    """A chore as it is at first; operators may change how often it is done."""

    name: str
    task: str
    every: int  # seconds
    about: str


CHORES: tuple[Usual, ...] = (
    Usual("search", "catalog.index", 10, "Search indexes catch up with the event log."),
    Usual("notifications", "catalog.notify", 10, "People are told what they should know."),
    Usual("webhooks", "catalog.deliver", 10, "Receivers get the events they asked for."),
    Usual(
        "messages", "catalog.send_messages", 30, "Mail and chat say what people chose to be told."
    ),
    Usual("harvests", "ingestors.dispatch", 15, "Harvests start when due, lost ones are given up."),
    Usual("rights", "catalog.expire", 900, "Rights end in time, freshness is measured."),
)

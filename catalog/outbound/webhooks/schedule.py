"""When a delivery is tried again. Free of Django.

All tries of one event lie within a day: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 8 h, 8 h. What the
receiver refuses for what it is gets three tries, as waiting changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from catalog.outbound.webhooks.transport import ReceiverResponse

PAUSES = (5, 300, 1800, 7200, 18_000, 28_800, 28_800)
LONGEST = 86_400
#: The receiver read the event and will not have it.
REFUSALS = frozenset({400, 413, 415, 422})
REFUSED_TRIES = 3
GONE = 410


class Next(StrEnum):
    """What becomes of an event that was not taken."""

    AGAIN = "again"
    DEAD = "dead"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and after how many seconds."""

    next: Next
    pause: float = 0.0


def judge(tries: int, answer: ReceiverResponse | None) -> Verdict:
    """Say what follows the try number `tries` (from 1) of an event that failed; no answer: nothing came."""
    status = answer.status if answer else 0
    if status == GONE:
        return Verdict(Next.STOP)
    if tries > len(PAUSES) or (status in REFUSALS and tries >= REFUSED_TRIES):
        return Verdict(Next.DEAD)
    asked = answer.retry_after if answer else None
    return Verdict(Next.AGAIN, min(LONGEST, max(PAUSES[tries - 1], asked or 0)))


def is_taken(status: int) -> bool:
    """Tell whether a receiver took an event; a redirect is none."""
    return 200 <= status < 300

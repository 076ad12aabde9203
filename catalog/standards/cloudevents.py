"""CloudEvents 1.0.2 in JSON: how an event of the log looks to others. Free of Django.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md. `source` and `id` together
name an event for ever: the id is its number in the log. `sequence` and `recordedtime` are documented
extensions of the same specification; `actor`, `subjectkind`, `subjectkey` and `domain` are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PREFIX = "io.gazetteer."
#: The longest number of the log; so many digits let texts sort as numbers do.
_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. `product` is the GUID of the product it concerns, `domain` the key of its domain."""

    number: int
    type: str
    at: datetime
    recorded_at: datetime
    actor: str
    subject_kind: str
    subject_key: str
    product: str
    domain: str
    data: Mapping[str, object]


def cloud_event(happened: Happened, source: str) -> dict[str, object]:
    """Return the event as the JSON format writes it. `subject` is the product's GUID, else the subject's key."""
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": str(happened.number),
        "source": source,
        "type": PREFIX + happened.type,
        "subject": happened.product or happened.subject_key,
        "time": _time(happened.at),
        "datacontenttype": "application/json",
        "sequence": str(happened.number).zfill(_DIGITS),
        "recordedtime": _time(happened.recorded_at),
        "actor": happened.actor,
        "subjectkind": happened.subject_kind,
        "subjectkey": happened.subject_key,
        "domain": happened.domain,
        "data": happened.data,
    }
    return {name: value for name, value in event.items() if value != ""}


def plain_type(word: str) -> str:
    """Return a type as the log names it, whether it was said with the prefix of CloudEvents or without."""
    return word.strip().removeprefix(PREFIX)


def _time(moment: datetime) -> str:
    """Return RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

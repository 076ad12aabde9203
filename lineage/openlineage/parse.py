"""Read one OpenLineage event: leniently where old producers were, refused where it cannot be used.

Source: OpenLineage core 2-0-2 (`RunEvent`, `JobEvent`, `DatasetEvent`). Free of Django.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lineage.openlineage.marks import Mark

EVENT_TYPES = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
#: How far a producer's clock may be ahead.
MAX_AHEAD = timedelta(days=1)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MAX_NAMESPACE, MAX_NAME = 500, 1000
#: What an index of PostgreSQL can hold of both together, in bytes of UTF-8.
MAX_ADDRESS = 2500
MAX_PROBLEMS = 50
#: More datasets than this in one event are partitions of something; it could not be taken in one request.
MAX_DATASETS = 20_000

Facets = Mapping[str, Mapping[str, Any]]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something odd in an event that was taken all the same, or why it was refused."""

    path: str
    message: str

    def dump(self) -> dict[str, str]:
        """Return it as JSON."""
        return {"path": self.path, "message": self.message}


class EventRefused(Exception):
    """An event cannot be used; `remarks` say where and why."""

    def __init__(self, *remarks: Remark) -> None:
        self.remarks = remarks
        super().__init__("; ".join(f"{r.path}: {r.message}" for r in remarks))


Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Mention:
    """A dataset as an event names it, in one direction (empty: neither read nor written)."""

    address: Address
    direction: Literal["in", "out", ""]
    facets: Facets
    way_facets: Facets  # inputFacets or outputFacets


@dataclass(frozen=True, slots=True)
class Event:
    """An event as read. `run_id` is set for run events, `job` for run and job events."""

    kind: Literal["run", "job", "dataset"]
    mark: Mark
    event_type: str
    producer: str
    body: Body
    run_id: uuid.UUID | None = None
    run_facets: Facets = field(default_factory=dict)
    job: Address | None = None
    job_facets: Facets = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()
    remarks: tuple[Remark, ...] = ()


class _Reader:
    """Collects what is odd while reading."""

    def __init__(self) -> None:
        self.remarks: list[Remark] = []

    def note(self, path: str, message: str) -> None:
        if len(self.remarks) < MAX_PROBLEMS:
            self.remarks.append(Remark(path, message))


def parse_event(body: object, *, now: datetime) -> Event:
    """Read an event received at `now`. Raises EventRefused."""
    if not isinstance(body, Mapping):
        raise EventRefused(Remark("", "write an object: a run, job or dataset event"))
    digest = hash_of(body)
    reader = _Reader()
    kind = _kind(body)
    mark = Mark(_time(body, now, reader), digest)
    for name in ("producer", "schemaURL"):
        if not isinstance(body.get(name), str) or not body[name]:
            reader.note(name, "is missing, as in events of old producers")
    if kind == "job" and "eventType" in body:
        reader.note("run", "is missing; this is taken as said of the job, not of one of its runs")
    job = _job(body) if kind != "dataset" else None
    run_id = _run_id(body, reader) if kind == "run" else None
    mentions = _mentions(body, kind, reader)
    event_type = _event_type(body, reader) if kind == "run" else ""
    run = body.get("run") if kind == "run" else None
    return Event(
        kind=kind,
        mark=mark,
        event_type=event_type,
        producer=str(body.get("producer") or "")[:500],
        body=body,
        run_id=run_id,
        run_facets=_facets(run, "facets", "run.facets", reader),
        job=job,
        job_facets=_facets(body.get("job") if job else None, "facets", "job.facets", reader),
        mentions=mentions,
        remarks=tuple(reader.remarks),
    )


def hash_of(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON. Raises EventRefused for what no JSON can hold."""
    try:
        text = json.dumps(
            body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        raw = text.encode()
    except UnicodeEncodeError as error:
        message = "a text has half of a surrogate pair, which is no Unicode"
        raise EventRefused(Remark("", message)) from error
    except ValueError as error:
        raise EventRefused(
            Remark("", "holds a number that JSON does not know (NaN, Infinity)")
        ) from error
    except RecursionError as error:
        raise EventRefused(Remark("", "is nested too deeply")) from error
    if "\\u0000" in text and _has_nul(body):
        raise EventRefused(Remark("", "holds the character NUL (U+0000), which no text may hold"))
    return hashlib.sha256(raw).hexdigest()


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_has_nul(key) or _has_nul(part) for key, part in value.items())
    return isinstance(value, list) and any(map(_has_nul, value))


def _kind(body: Body) -> Literal["run", "job", "dataset"]:
    """Tell by what is there: an event with run and job is a run event, whatever else it has."""
    if "run" in body:
        return "run"
    if "job" in body:
        return "job"
    if "dataset" in body:
        return "dataset"
    message = "is no OpenLineage event: it has none of run, job, dataset"
    raise EventRefused(Remark("", message))


_FRACTION = re.compile(r"(\.\d{6})\d+")


def _time(body: Body, now: datetime, reader: _Reader) -> datetime:
    text = body.get("eventTime")
    at = read_time(text)
    if at is None:
        message = f"{str(text)[:60]!r} is no date and time; write it as 2026-05-03T06:00:00Z"
        raise EventRefused(Remark("eventTime", message))
    if at.tzinfo is None:
        reader.note("eventTime", "has no time zone; UTC is assumed")
        at = at.replace(tzinfo=UTC)
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise EventRefused(Remark("eventTime", f"{text} is out of range")) from error
    if at > now + MAX_AHEAD:
        message = f"{text} is more than a day in the future; it is {now.isoformat()} here"
        raise EventRefused(Remark("eventTime", message))
    if at < EARLIEST:
        raise EventRefused(Remark("eventTime", f"{text} is before 1970"))
    return at


def read_time(text: object) -> datetime | None:
    """Return a moment of ISO 8601, nanoseconds cut off; None for anything else."""
    if not isinstance(text, str) or len(text) > 60:
        return None
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
    except ValueError:
        return None


def _event_type(body: Body, reader: _Reader) -> str:
    value = body.get("eventType")
    if value is None:
        reader.note("eventType", "is missing; the state of the run stays as it is")
        return ""
    text = str(value).strip().upper()
    if text not in EVENT_TYPES:
        allowed = ", ".join(EVENT_TYPES)
        reader.note("eventType", f"{str(value)[:40]!r} is taken as OTHER; known are {allowed}")
        return "OTHER"
    return text


def _run_id(body: Body, reader: _Reader) -> uuid.UUID:
    run = body.get("run")
    value = run.get("runId") if isinstance(run, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise EventRefused(Remark("run.runId", "is missing; write a UUID"))
    try:
        return uuid.UUID(value.strip())
    except ValueError:
        if len(value) > 1000:
            raise EventRefused(Remark("run.runId", "is no UUID")) from None
        reader.note("run.runId", f"{value[:80]!r} is no UUID; one is derived from it")
        return uuid.uuid5(uuid.NAMESPACE_URL, value.strip())


def _job(body: Body) -> Address:
    job = body.get("job")
    if not isinstance(job, Mapping):
        raise EventRefused(Remark("job", "is missing; write {namespace, name}"))
    address, remark = read_address(job, "job")
    if address is None:
        raise EventRefused(remark)
    return address


def read_address(address: Mapping[str, Any], path: str) -> tuple[Address | None, Remark]:
    """Return a pair (namespace, name), or None and why it cannot be one."""
    pair = []
    for name, top in (("namespace", MAX_NAMESPACE), ("name", MAX_NAME)):
        value = address.get(name)
        if not isinstance(value, str) or not value.strip():
            return None, Remark(f"{path}.{name}", "is missing or empty; write a text")
        if len(value) > top:
            said_now = f"has {len(value)} characters; at most {top} are allowed"
            return None, Remark(f"{path}.{name}", said_now)
        pair.append(value)
    if sum(len(part.encode()) for part in pair) > MAX_ADDRESS:
        return None, Remark(
            f"{path}.name", f"namespace and name have more than {MAX_ADDRESS} bytes"
        )
    return (pair[0], pair[1]), Remark(path, "")


def _mentions(body: Body, kind: str, reader: _Reader) -> tuple[Mention, ...]:
    found: list[Mention] = []
    if kind == "dataset":
        said = body.get("dataset")
        mention = _mention(said, "dataset", "", "", reader)
        if mention is None:
            raise EventRefused(reader.remarks[-1])
        return (mention,)
    sides: Sequence[tuple[str, Literal["in", "out"], str]] = (
        ("inputs", "in", "inputFacets"),
        ("outputs", "out", "outputFacets"),
    )
    for side, direction, extra in sides:
        listed = body.get(side)
        if listed is None:
            continue
        if not isinstance(listed, list):
            raise EventRefused(Remark(side, "write a list of datasets"))
        if len(listed) > MAX_DATASETS:
            said = (
                f"names {len(listed)} datasets, at most {MAX_DATASETS} are taken; send their parent"
            )
            raise EventRefused(Remark(side, said))
        for place, said in enumerate(listed):
            mention = _mention(said, f"{side}[{place}]", direction, extra, reader)
            if mention is not None:
                found.append(mention)
    return tuple(found)


def _mention(
    body: object, path: str, direction: Literal["in", "out", ""], extra: str, reader: _Reader
) -> Mention | None:
    if not isinstance(body, Mapping):
        reader.note(path, "is left out: write an object {namespace, name}")
        return None
    address, remark = read_address(body, path)
    if address is not None and any(c.isspace() for c in address[0]):
        address, remark = None, Remark(f"{path}.namespace", "holds a space; it is a URI")
    if address is None:
        reader.note(remark.path, f"{remark.message}; the dataset is left out")
        return None
    own = _facets(body, "facets", f"{path}.facets", reader)
    way = _facets(body, extra, f"{path}.{extra}", reader) if extra else {}
    return Mention(address, direction, own, way)


def _facets(owner: object, name: str, path: str, reader: _Reader) -> Facets:
    facets = owner.get(name) if isinstance(owner, Mapping) else None
    if facets is None:
        return {}
    if not isinstance(facets, Mapping):
        reader.note(path, "is left out: write an object of facets")
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    for key, facet in facets.items():
        if facet is None:
            continue
        if not isinstance(facet, Mapping) or len(key) > 200:
            reader.note(f"{path}.{key[:80]}", "is left out: a facet is an object")
            continue
        if "_producer" not in facet or "_schemaURL" not in facet:
            reader.note(f"{path}.{key}", "has no _producer or no _schemaURL")
        found[key] = facet
    return found

"""What two processes say to each other: frames of JSON over a socket. Free of Django.

A frame is its length in four bytes and a JSON document. Nothing is pickled: who reads a source may have been
taken over by what it read, and must not be able to make its parent run anything.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from catalog.descriptors import Sensitivity
from catalog.names import DatasetRef
from ingestors.authority.permits import Permit
from ingestors.authority.process import Authority
from ingestors.connectors.base import (
    Checked,
    Found,
    Offer,
    Record,
    Remark,
    Table,
    Transforms,
    Trouble,
)
from ingestors.errors import (
    ConfigInvalid,
    ConfigProblem,
    IngestError,
    SourceUnavailable,
    Unreadable,
)
from ingestors.profile.limits import Correction, Overrides

LONGEST = 256 * 1024 * 1024
NEXT = b"n"
#: What a process says first: its number.
HELLO = struct.Struct("!I")
_HEAD = struct.Struct("!I")
_RECORDS: Mapping[str, Any] = {
    cls.__name__: cls for cls in (Found, Table, Trouble, Offer, Checked, Transforms, Remark)
}


class Broken(Exception):
    """The other side ended, or does not speak this language."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do: `check` a source, or `read` it."""

    verb: str
    connector: str  # "module:Class"
    config: Mapping[str, Any]
    authority: Authority
    overrides: Overrides
    at: datetime | None
    memory: int  # bytes
    seconds: int  # of processor time


def send(sock: socket.socket, document: bytes) -> None:
    """Send a frame."""
    sock.sendall(_HEAD.pack(len(document)) + document)


def receive(sock: socket.socket, length: int = LONGEST) -> bytes:
    """Take a frame. Raises Broken."""
    (size,) = _HEAD.unpack(exactly(sock, _HEAD.size))
    if size > length:
        raise Broken("a frame is longer than it may be")
    return exactly(sock, size)


def exactly(sock: socket.socket, size: int) -> bytes:
    """Take so many bytes. Raises Broken."""
    found = bytearray()
    while len(found) < size:
        part = sock.recv(min(size - len(found), 1 << 20))
        if not part:
            raise Broken("the other side has ended")
        found += part
    return bytes(found)


def pack_task(task: Task) -> bytes:
    """Write a task."""
    document = {
        "verb": task.verb,
        "connector": task.connector,
        "config": dict(task.config),
        "permit": task.authority.permit.model_dump(mode="json"),
        "secrets": dict(task.authority.secrets),
        "overrides": [
            [ref.namespace, ref.name, {path: list(one) for path, one in columns.items()}]
            for ref, columns in task.overrides.items()
        ],
        "at": task.at.isoformat() if task.at else None,
        "memory": task.memory,
        "seconds": task.seconds,
    }
    return json.dumps(document).encode()


def unpack_task(document: bytes) -> Task:
    """Read a task."""
    task = json.loads(document)
    overrides = {
        DatasetRef(namespace, name): {
            path: Correction(Sensitivity(word) if word else None, bool(unmasked))
            for path, (word, unmasked) in columns.items()
        }
        for namespace, name, columns in task["overrides"]
    }
    return Task(
        verb=task["verb"],
        connector=task["connector"],
        config=task["config"],
        authority=Authority(Permit.model_validate(task["permit"]), task["secrets"]),
        overrides=overrides,
        at=datetime.fromisoformat(task["at"]) if task["at"] else None,
        memory=task["memory"],
        seconds=task["seconds"],
    )


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_RECORDS[name])


def pack_record(record: Record) -> bytes:
    """Write a record."""
    name = type(record).__name__
    fresh = b"[]"
    if isinstance(record, Offer):
        pairs = [[ref.namespace, ref.name, hours] for ref, hours in record.fresh.items()]
        fresh, record = json.dumps(pairs).encode(), replace(record, fresh={})
    content = _adapter(name).dump_json(record, exclude_unset=True)
    return b'{"record":"%b","fresh":%b,"content":%b}' % (name.encode(), fresh, content)


def pack_end(said: str = "") -> bytes:
    """Write that everything was said; `said` is the answer of a check."""
    return json.dumps({"end": said}).encode()


def pack_error(error: Exception) -> bytes:
    """Write what went wrong. What is no error of a source is told by its kind alone."""
    if isinstance(error, ConfigInvalid):
        problems = [[p.field, p.value, p.allowed] for p in error.problems]
        return json.dumps({"error": "ConfigInvalid", "problems": problems}).encode()
    kind = type(error).__name__
    known = isinstance(error, IngestError)
    return json.dumps({"error": kind, "text": str(error) if known else ""}).encode()


def unpack(document: bytes) -> Record | str:
    """Read what a process said: a record, or the text at its end. Raises what it says went wrong, and Broken."""
    try:
        message = json.loads(document)
        if "end" in message:
            return str(message["end"])
        if "error" not in message:
            return _record(message)
    except (ValueError, KeyError, TypeError) as error:
        raise Broken(f"what it said cannot be read: {type(error).__name__}") from error
    raise _error(message)


def _record(values: Mapping[str, Any]) -> Record:
    found: Record = _adapter(values["record"]).validate_python(values["content"], strict=False)
    if isinstance(found, Offer):
        fresh = {DatasetRef(str(n), str(m)): float(hours) for n, m, hours in values["fresh"]}
        return replace(found, fresh=fresh)
    return found


def _error(values: Mapping[str, Any]) -> Exception:
    if values["error"] == "ConfigInvalid":
        return ConfigInvalid([ConfigProblem(*map(str, one)) for one in values["problems"]])
    kinds: dict[str, type[IngestError]] = {
        "SourceUnavailable": SourceUnavailable,
        "Unreadable": Unreadable,
    }
    if kind := kinds.get(str(values["error"])):
        return kind(str(values["text"]))
    return ReaderFailed(str(values["error"]))


class ReaderFailed(Exception):
    """The connector has a fault of its own; the text names its kind."""

"""One source, read in this process, which ends with it. Free of Django."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import socket
import sys
import sysconfig
import threading
import traceback
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pydantic_core import PydanticSerializationError

from ingestors.authority.process import hold
from ingestors.connectors.base import Connector, ConnectorType, Record, Table, Trouble
from ingestors.errors import IngestError
from ingestors.isolation import landlock, wire
from ingestors.isolation.guard import Guard

#: What resolving names, checking certificates and telling the time needs to read.
SYSTEM = (
    *("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf"),
    *("/etc/services", "/etc/protocols", "/etc/localtime", "/etc/mime.types", "/etc/ld.so.cache"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr", "/lib", "/lib64", "/dev/null"),
    *("/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/fs/cgroup"),
    *("/sys/devices/system/cpu", "/run/systemd/resolve"),
)


def serve(sock: socket.socket) -> None:
    """Do the one task that comes over a socket, record by record, each when it is asked for."""
    threading.Thread(target=_end_with, args=(sock,), daemon=True).start()
    sock.sendall(wire.HELLO.pack(os.getpid()))
    task = wire.unpack_task(wire.receive(sock))
    try:
        found = import_module(task.connector.partition(":")[0])
        connector_type: ConnectorType = getattr(found, task.connector.partition(":")[2])
        _bound(task)
        connector = connector_type(task.config)
        if task.verb == "check":
            wire.send(sock, wire.pack_end(_checked(connector, task)))
        else:
            _send_records(sock, connector, task)
    except wire.Broken:
        return
    except MemoryError:
        os._exit(1)  # the parent says which bounds there are
    except Exception as error:  # noqa: BLE001 -- the parent decides
        if not isinstance(error, IngestError):
            traceback.print_exc(file=sys.stderr)
        with contextlib.suppress(OSError):
            wire.send(sock, wire.pack_error(error))


def _end_with(sock: socket.socket) -> None:
    """End this process when nobody listens any more, whatever it is busy with."""
    watched = select.poll()
    watched.register(sock, select.POLLRDHUP)
    watched.poll()
    os._exit(1)


def _bound(task: wire.Task) -> None:
    """Take this process's freedom: memory, time, files, connections."""
    hold(task.authority)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_AS, task.memory)
    _limit(resource.RLIMIT_CPU, task.seconds)
    landlock.keep_to([*SYSTEM, *_code(), *task.authority.permit.local_roots])
    Guard(task.authority.permit).stand()


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    now = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (now, now))


def _code() -> Iterator[str]:
    """Return where Python and the packages that are loaded lie, and no folder above them."""
    yield from {path for name, path in sysconfig.get_paths().items() if "lib" in name}
    yield str(Path(sys.base_prefix) / "lib")
    loaded = {name.partition(".")[0] for name in sys.modules}
    for name in loaded:
        module = sys.modules.get(name)
        yield from getattr(module, "__path__", None) or ()


def _checked(connector: Connector, task: wire.Task) -> str:
    try:
        connector.judge(task.authority.permit)
        return connector.check()
    finally:
        connector.close()


def _send_records(sock: socket.socket, connector: Connector, task: wire.Task) -> None:
    try:
        connector.judge(task.authority.permit)
        records = iter(connector.read(overrides=task.overrides, at=task.at))
        while True:
            _wait(sock)
            record = next(records, None)
            if record is None:
                wire.send(sock, wire.pack_end())
                return
            wire.send(sock, _packed(record))
    finally:
        connector.close()


def _wait(sock: socket.socket) -> None:
    """Wait until the parent asks for what comes next."""
    if not sock.recv(1):
        raise wire.Broken("nobody asks any more")


def _packed(record: Record) -> bytes:
    """Write a record; a table with a text that is no Unicode costs itself alone."""
    try:
        return wire.pack_record(record)
    except (PydanticSerializationError, UnicodeError):
        if not isinstance(record, Table):
            raise
        ref = record.descriptor.ref
        message = "what the source says of it cannot be written as text"
        return wire.pack_record(Trouble(ref.namespace, _printable(ref.name), message))


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()

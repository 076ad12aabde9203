"""The process that reading processes are forked from: what they need is loaded once. Free of Django.

`python -m ingestors.isolation.template HANDLE` takes sockets over the socket HANDLE and forks a reader for each. It
has an environment of its own, never holds a secret, and ends with its parent, or when nothing comes for a while.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from importlib import import_module
from importlib.util import find_spec

from ingestors.isolation.child import serve

IDLE = 300.0
_NEEDED = (
    "ingestors.connectors.dbt.connector",
    "ingestors.connectors.files.connector",
    "ingestors.connectors.sql.connector",
    "fsspec.implementations.local",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "duckdb",
    "psycopg",
)


def main(handle: int) -> None:
    """Fork a reader for each socket that comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _load()
    with socket.socket(fileno=handle) as control:
        control.settimeout(IDLE)
        while True:
            try:
                _, handles, _, _ = socket.recv_fds(control, 1, 1)
            except TimeoutError:
                return
            if not handles:
                return
            if os.fork() == 0:
                _become_reader(control, handles[0])
            os.close(handles[0])


def _load() -> None:
    for name in _NEEDED:
        if find_spec(name.partition(".")[0]):
            import_module(name)
    gc.collect()
    gc.freeze()


def _become_reader(control: socket.socket, handle: int) -> None:
    """Serve one socket; never returns."""
    status = 1
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with socket.socket(fileno=handle) as sock:
            serve(sock)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]))
    os._exit(0)  # nothing is to be said of what stays loaded

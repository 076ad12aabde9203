"""Judge every connection that Python code of this process opens, whichever library asks. Free of Django.

Names are resolved through the permit, and what a socket connects to is judged once more as it connects: so a name
that means something else a moment later, or a redirect, leads nowhere. Hooks of `sys.addaudithook` stay for good.
"""

from __future__ import annotations

import socket
import sys
from collections import defaultdict
from ipaddress import ip_address
from typing import Any

from ingestors.authority.permits import Closed, Permit

_RUNNING = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.spawn"}
)
_SERVING = frozenset({"socket.bind", "socket.sendto", "socket.sendmsg"})
_NAMING = frozenset({"socket.gethostbyname", "socket.gethostbyaddr"})


class ConnectionClosed(PermissionError):
    """A connection that the permit does not open."""

    def __init__(self, message: str) -> None:
        super().__init__(13, message)


class Guard:
    """Knows which names were resolved to which addresses."""

    def __init__(self, permit: Permit) -> None:
        self.permit = permit
        self._names: dict[str, set[str]] = defaultdict(set)
        self._ask = socket.getaddrinfo

    def stand(self) -> None:
        """Guard this process from now on."""
        socket.getaddrinfo = self.resolve
        sys.addaudithook(self.see)

    def resolve(self, host: Any, port: Any, *said: Any, **more: Any) -> Any:
        """Resolve a name as ever, and remember what it stands for."""
        found = self._ask(host, port, *said, **more)
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        for one in found:
            self._names[str(one[4][0])].add(name)
        return found

    def see(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse what is not open."""
        if event == "socket.connect":
            self._judge(arguments[0], arguments[1])
        elif event in _SERVING or event in _RUNNING or event in _NAMING:
            raise ConnectionClosed(f"{event} is closed to sources")

    def _judge(self, sock: socket.socket, address: Any) -> None:
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            raise ConnectionClosed("sockets of this machine are closed to sources")
        text, port = str(address[0]), int(address[1])
        try:
            ip_address(text.partition("%")[0])
        except ValueError:
            raise ConnectionClosed("a name was not resolved before connecting") from None
        problem = ""
        for name in self._names.get(text) or {text}:
            try:
                self.permit.check_address(name, text, port)
                return
            except Closed as error:
                problem = str(error)
        raise ConnectionClosed(problem)

"""Open the file system of an address, where the permit lets it. Free of Django.

Addresses are local paths or fsspec URLs of one scheme. Links are resolved before a path is judged.
"""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from ingestors.authority.permits import Closed, Permit
from ingestors.connectors.secrets import scrub
from ingestors.errors import ConfigInvalid, SourceUnavailable

GLOB = re.compile(r"[*?\[]")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_LOCAL = frozenset({"file", "local"})
#: Schemes whose addresses begin with the host that answers, and its usual port.
_HOSTS = {
    "http": 80,
    "https": 443,
    "ftp": 21,
    "sftp": 22,
    "ssh": 22,
    "smb": 445,
    "webhdfs": 9870,
    "hdfs": 8020,
}


def scheme_of(path: str) -> str:
    """Return how an address begins; a plain path is `file`."""
    found = _SCHEME.match(path)
    scheme = found[1].lower() if found else "file"
    return "file" if scheme in _LOCAL else scheme


def judge_place(path: str, permit: Permit, *, field: str = "path") -> None:
    """Refuse an address that the permit does not open. Raises ConfigInvalid."""
    try:
        _judge(path, permit)
    except Closed as error:
        raise ConfigInvalid.of(field, repr(scrub(path)), str(error)) from None


def _judge(path: str, permit: Permit) -> None:
    scheme = scheme_of(path)
    if "::" in path:
        raise Closed("an address of one scheme is taken, without ::")
    if scheme == "file":
        permit.check_path(scheme, before_glob(local_path(path)))
    elif scheme in _HOSTS:
        url = urlsplit(path)
        try:
            port = url.port or _HOSTS[scheme]
        except ValueError:
            raise Closed("its port is no number") from None
        permit.check_host(scheme, url.hostname or "", port)
    else:
        permit.check_object(scheme, before_glob(path))


def is_open(path: str, permit: Permit) -> bool:
    """Tell whether a file of this machine is open, wherever its links lead."""
    try:
        permit.check_path("file", path)
    except Closed:
        return False
    return True


def open_place(path: str, permit: Permit, *, field: str = "path") -> tuple[Any, str]:
    """Return the file system of an address, and the path in it. Raises ConfigInvalid, SourceUnavailable."""
    import fsspec

    judge_place(path, permit, field=field)
    try:
        filesystem, root = fsspec.core.url_to_fs(path)
    except ImportError as error:
        said = f"its driver is not installed: {error}"
        raise ConfigInvalid.of(field, repr(scrub(path)), said) from None
    except ValueError as error:
        raise ConfigInvalid.of(field, repr(scrub(path)), scrub(str(error))[:300]) from None
    except OSError as error:
        said = error.strerror or type(error).__name__
        raise SourceUnavailable(scrub(said)[:300]) from None
    return filesystem, str(root).rstrip("/")


def local_path(path: str) -> str:
    """Return the absolute path that fsspec makes of a local address."""
    plain = _SCHEME.sub("", path, count=1) if _SCHEME.match(path) else path
    return os.path.abspath(os.path.expanduser(plain))


def before_glob(root: str) -> str:
    """Return the part of a path that stands before its first wildcard."""
    found = GLOB.search(root)
    return root[: found.start()].rpartition("/")[0] or "/" if found else root

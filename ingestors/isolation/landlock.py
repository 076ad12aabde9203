"""Let the kernel keep a process to the folders it may read (Linux 5.13, `man 7 landlock`). Free of Django.

Where the kernel has no Landlock, the judgement of each path by its connector stands alone.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_BELOW = 1
_READ_FILE = 1 << 2
_NO_NEW_PRIVILEGES = 38


def is_there() -> bool:
    """Tell whether the kernel has Landlock."""
    return sys.platform == "linux" and _call(_CREATE, None, 0, _VERSION) >= 1


def keep_to(folders: Iterable[str]) -> bool:
    """Let this process open files below some folders and nowhere else, for good; False where it cannot."""
    if not is_there():
        return False
    wanted = struct.pack("Q", _READ_FILE)
    rules = _call(_CREATE, wanted, len(wanted), 0)
    if rules < 0:
        return False
    try:
        for folder in folders:
            _allow(rules, folder)
        ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return _call(_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(rules: int, folder: str) -> None:
    try:
        handle = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        _call(_ADD, rules, _BELOW, struct.pack("=Qi", _READ_FILE, handle), 0)
    finally:
        os.close(handle)


def _call(number: int, *arguments: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return int(library.syscall(ctypes.c_long(number), *map(_word, arguments)))


def _word(value: object) -> object:
    return ctypes.c_long(value) if isinstance(value, int) else value

"""A body of any length, a piece at a time: unpacked, cut into lines, never held whole. Free of Django."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

PIECE = 64 * 1024
#: How much one step of unpacking may yield, in bytes.
_STEP = 256 * 1024


class Stopped(Exception):
    """The body could not be read to its end; what came before stands. The text says why."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most `size` bytes; empty at the end."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One line: its number from 1, its bytes, and why they cannot be read (then there are none)."""

    number: int
    text: bytes
    fault: str = ""


def pieces(stream: Readable, announced: int | None) -> Iterator[bytes]:
    """Read to the end. Raises Stopped when fewer bytes come than were announced."""
    seen = 0
    try:
        while piece := stream.read(PIECE):
            seen += len(piece)
            yield piece
    except OSError as error:
        raise Stopped("the connection was lost before the end of the body") from error
    if announced is not None and seen < announced:
        raise Stopped(f"the body ends after {seen} of {announced} bytes")


def unpacked(packed: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, of one member or several. Raises Stopped for what is none, or ends too early."""
    unpack = _gzip()
    is_open = False
    for piece in packed:
        while piece:
            try:
                found = unpack.decompress(piece, _STEP)
            except zlib.error as error:
                message = "is broken" if is_open else "is said to be gzip, and is not"
                raise Stopped(f"the body {message}") from error
            is_open = True
            if found:
                yield found
            piece = unpack.unconsumed_tail
            if unpack.eof:
                piece, unpack, is_open = unpack.unused_data, _gzip(), False
    if is_open:
        raise Stopped("the gzip body ends too early")


def at_most(parts: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Pass on what does not go beyond `most` bytes. Raises Stopped at the first that does."""
    seen = 0
    for part in parts:
        seen += len(part)
        if seen > most:
            raise Stopped(f"the body has more than {most} bytes, unpacked")
        yield part


def lines(parts: Iterable[bytes], longest: int) -> Iterator[Raw]:
    """Cut into lines. Of a line longer than `longest` bytes nothing is held; blank lines are passed over.

    What stands after the last line break counts as a line only when the body came to its end.
    """
    number, held, is_long = 1, bytearray(), False
    for part in parts:
        first, *rest = part.split(b"\n")
        is_long = _add(held, first, longest, is_long)
        for following in rest:
            if line := _line(number, held, longest, is_long):
                yield line
            number += 1
            held.clear()
            is_long = _add(held, following, longest, False)
    if line := _line(number, held, longest, is_long):
        yield line


def _add(held: bytearray, more: bytes, longest: int, is_long: bool) -> bool:
    if is_long or len(held) + len(more) > longest:
        held.clear()
        return True
    held += more
    return False


def _line(number: int, held: bytearray, longest: int, is_long: bool) -> Raw | None:
    if is_long:
        return Raw(number, b"", f"is longer than {longest} bytes")
    text = bytes(held).strip()
    return Raw(number, text) if text else None


def _gzip() -> zlib._Decompress:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

"""Hold lines in a file, so that what runs in one transaction does not wait for the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from catalog.push.body import Raw, Stopped


class TooManyLines(Exception):
    """What has to run in one transaction is too long for one; nothing was changed."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"at most {most} lines run in one transaction; leave dryRun and atomic out, or push in parts"
        )


@contextmanager
def held(raws: Iterable[Raw], *, most: int) -> Iterator[Iterator[Raw]]:
    """Read lines to the end, then give them again. Raises TooManyLines."""
    stopped = ""
    with TemporaryFile() as file:
        try:
            for count, raw in enumerate(raws):
                if count >= most:
                    raise TooManyLines(most)
                file.write(b"%d\t%s\t%s\n" % (raw.number, raw.fault.encode(), raw.text))
        except Stopped as error:
            stopped = str(error)
        file.seek(0)
        yield _again(file, stopped)


def _again(file: IO[bytes], stopped: str) -> Iterator[Raw]:
    for line in file:
        number, fault, text = line.rstrip(b"\n").split(b"\t", 2)
        yield Raw(int(number), text, fault.decode())
    if stopped:
        raise Stopped(stopped)

"""What a harvest read, kept aside until all of it is known. Free of Django.

Nothing enters the catalog before the whole source was read: so a read that breaks off, or one that found
suspiciously little, changes nothing. Tables wait in a temporary file, not in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

from catalog.descriptors import DatasetDescriptor, Observation
from ingestors.connectors.base import Table

IN_MEMORY = 8_000_000


class Spool:
    """Tables of one harvest in the order they were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        #: The addresses read from their store, and which of them are paths.
        self.read_from_store: dict[tuple[str, str], bool] = {}

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Spool]:
        """Open an empty one; its file goes with it."""
        with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
            yield cls(file)

    def put(self, table: Table) -> None:
        """Keep a table."""
        if table.is_reflected:
            about = table.descriptor
            self.read_from_store[about.namespace, about.name] = about.kind == "file"
        seen = table.observation
        rest = {"is_reflected": table.is_reflected, "owners": table.owners}
        for line in (
            table.descriptor.model_dump_json(exclude_unset=True),
            seen.model_dump_json(exclude_unset=True) if seen else "",
            json.dumps(rest),
        ):
            self._file.write(line.encode() + b"\n")

    def batches(self, size: int) -> Iterator[list[Table]]:
        """Give the tables back, some at a time."""
        self._file.seek(0)
        batch: list[Table] = []
        while line := self._file.readline():
            descriptor = DatasetDescriptor.model_validate_json(line)
            seen = self._file.readline().strip()
            observation = Observation.model_validate_json(seen) if seen else None
            rest = json.loads(self._file.readline())
            owners = tuple(rest["owners"])
            batch.append(
                Table(descriptor, observation, is_reflected=rest["is_reflected"], owners=owners)
            )
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

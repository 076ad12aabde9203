"""How one column goes into another. Free of Django."""

from __future__ import annotations

from typing import NamedTuple

ColumnKey = tuple[str, str, str, str]


class ColumnFlow(NamedTuple):
    """A column (upstream) goes into a column (downstream); empty means the whole dataset."""

    upstream: str
    downstream: str
    type: str = ""  # DIRECT, INDIRECT
    subtype: str = ""  # IDENTITY, TRANSFORMATION, AGGREGATION, JOIN, FILTER, …
    is_masking: bool | None = None
    description: str = ""

    @property
    def key(self) -> ColumnKey:
        """What tells it from the other flows between the same datasets."""
        return (self.upstream, self.downstream, self.type, self.subtype)

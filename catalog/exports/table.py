"""Tables for spreadsheets: RFC 4180, in UTF-8, safe to open. Free of Django."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

#: With these a spreadsheet begins a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Between the texts of a list.
BETWEEN = "; "


class _Line:
    """A file whose line is what was written last."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def lines(header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table: the header, then the cells of each row in its order."""
    writer = csv.writer(_Line())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([harmless(cell_text(row.get(name))) for name in header])


def cell_text(value: Any) -> str:
    """Return a value as the text of a cell: texts of a list are joined, anything deeper is JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return BETWEEN.join(value)
    if isinstance(value, list | Mapping):
        return json.dumps(value, ensure_ascii=False, default=str) if value else ""
    return str(value)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe goes before it. Numbers stay."""
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def plain(text: str) -> str:
    """Return what `harmless` was given."""
    is_guarded = text[:1] == "'" and text[1:].startswith(FORMULA)
    return text[1:] if is_guarded else text


def _is_number(text: str) -> bool:
    return (
        text[1:2].isdigit()
        and text[1:].replace(".", "", 1).isascii()
        and text[1:].replace(".", "", 1).isdigit()
    )

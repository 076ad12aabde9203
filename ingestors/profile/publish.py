"""The last gate: turn facts and sampled rows into what may be stored. Free of Django.

A column that is sensitive (and not opened by its owner) loses every statistic that would show a
value. What is left is scanned once more, value by value, so nothing recognisable slips through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.descriptors import ColumnProfile, FrequentValue, JsonValue
from catalog.descriptors import Sensitivity as S
from ingestors.profile.statements import Facts
from ingestors.profile.subject import SCALARS, Field
from ingestors.profile.values import CELL_LENGTH, STATISTIC_LENGTH, plain, shortened, text_of
from ingestors.sensitivity.mask import LABELS, mask
from ingestors.sensitivity.scan import findings

#: Texts longer than this are prose: first and last in the alphabet tell nothing but a stranger's words.
PROSE = 80
HELD_BACK = "holds what looks like personal data"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what was decided about it."""

    field: Field
    sensitivity: S
    is_open: bool  # a person let raw values through

    @property
    def is_masked(self) -> bool:
        """Whether raw values stay back."""
        return self.sensitivity is not S.NONE and not self.is_open

    @property
    def reason(self) -> str:
        """Why raw values stay back; empty when they do not."""
        return LABELS[self.sensitivity] if self.is_masked else ""


def columns_of(
    columns: Sequence[Column], facts: Mapping[str, Facts], *, approximate: bool
) -> list[ColumnProfile]:
    """Return the statistics of the columns that may be stored."""
    return [_profile(c, facts[c.field.path], approximate) for c in columns]


def _profile(column: Column, facts: Facts, approximate: bool) -> ColumnProfile:
    counted = {
        "path": column.field.path,
        "rows": facts.rows,
        "nulls": max(facts.rows - facts.filled, 0),
        "distinct": facts.distinct,
        "distinct_is_approximate": approximate and facts.distinct is not None,
    }
    is_secret = column.is_masked and column.sensitivity in (S.CREDENTIAL, S.FREE_TEXT)
    if not is_secret:
        counted |= {"min_length": facts.min_length, "max_length": facts.max_length}
    if column.is_masked:
        return ColumnProfile.model_validate({**counted, "masked": column.reason})
    minimum, maximum = _text(facts.minimum), _text(facts.maximum)
    frequent = facts.frequent
    if column.field.type == "string" and (facts.max_length or 0) > PROSE and not column.is_open:
        minimum = maximum = None
        frequent = [item for item in frequent if len(item.value) <= PROSE]
    values = [*filter(None, (minimum, maximum)), *(item.value for item in frequent)]
    if not column.is_open and any(_is_telling(column.field, value) for value in values):
        return ColumnProfile.model_validate({**counted, "masked": HELD_BACK})
    return ColumnProfile.model_validate(
        {
            **counted,
            "minimum": minimum,
            "maximum": maximum,
            "mean": facts.mean,
            "histogram": facts.histogram,
            "frequent": [FrequentValue(value=i.value, count=i.count) for i in frequent],
        }
    )


def sample_of(
    columns: Sequence[Column], rows: Sequence[Sequence[object]]
) -> tuple[list[str], list[list[JsonValue]], dict[str, str]]:
    """Return the names, the masked rows and the reason for each masked column."""
    names = [c.field.path for c in columns]
    masked = {c.field.path: c.reason for c in columns if c.is_masked}
    sample = [
        [_cell(column, cell) for column, cell in zip(columns, row, strict=True)] for row in rows
    ]
    return names, sample, masked


def _cell(column: Column, cell: object) -> JsonValue:
    value = plain(cell)
    if column.is_masked:
        return mask(value, column.sensitivity)
    if not isinstance(value, str):
        return value
    if not column.is_open and _is_telling(column.field, value):
        return mask(value, S.FREE_TEXT)
    return shortened(value, CELL_LENGTH)


def _is_telling(field: Field, value: str) -> bool:
    if field.type in SCALARS and field.type != "string":
        return False
    return bool(findings(value))


def _text(value: object) -> str | None:
    return None if value is None else shortened(text_of(value), STATISTIC_LENGTH)

"""The last gate: turn facts and sampled rows into what may be stored. Free of Django.

A column that is sensitive (and not opened by its owner) loses every statistic that would show a
value. So does a text that is not positively harmless: least, greatest and frequent values are kept of codes, kinds
and flags alone. What is left is scanned once more, value by value, so nothing recognisable slips through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.descriptors import ColumnProfile, FrequentValue, JsonValue
from catalog.descriptors import Sensitivity as S
from ingestors.profile.statements import Facts
from ingestors.profile.subject import SCALARS, Field
from ingestors.sensitivity.harmless import Exposure, is_kind, is_sentence
from ingestors.sensitivity.mask import mask
from ingestors.sensitivity.scan import findings
from ingestors.sensitivity.words import speaks_of_things
from ingestors.values import CELL_LENGTH, STATISTIC_LENGTH, plain, shortened, text_of

#: More different values than this are no kinds.
MOST_KINDS = 200
HELD_BACK = "holds what looks like personal data"
#: Why a text to which no class was given stays back.
UNREAD = "free text, which its owner may show"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what was decided about it."""

    field: Field
    sensitivity: S
    is_open: bool  # a person let raw values through
    exposure: Exposure = Exposure.LABELS  # of texts to which no class was given

    @property
    def is_masked(self) -> bool:
        """Whether raw values stay back."""
        return not self.is_open and (self.sensitivity is not S.NONE or self._is_unread)

    @property
    def shows_values(self) -> bool:
        """Whether least, greatest and frequent values may be kept."""
        if self.is_masked:
            return False
        return self.is_open or self.field.type != "string" or self.exposure is Exposure.KINDS

    @property
    def reason(self) -> str:
        """Why raw values stay back; empty when they do not."""
        if not self.is_masked:
            return ""
        return UNREAD if self.sensitivity is S.NONE else self.sensitivity.words

    @property
    def _is_unread(self) -> bool:
        return self.sensitivity is S.NONE and self.exposure is Exposure.NOTHING


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
    if not column.shows_values or _is_more_than_kinds(column, facts):
        return ColumnProfile.model_validate(counted)
    minimum, maximum = _text(facts.minimum), _text(facts.maximum)
    frequent = facts.frequent
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


def _is_more_than_kinds(column: Column, facts: Facts) -> bool:
    """Tell whether further down stands what the first rows did not show: many values, or sentences."""
    if column.is_open or column.field.type != "string":
        return False
    values = [_text(facts.minimum), _text(facts.maximum), *(item.value for item in facts.frequent)]
    return (facts.distinct or 0) > MOST_KINDS or not all(
        is_kind(value) for value in values if value
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
        is_classed = column.sensitivity is not S.NONE
        return mask(value, column.sensitivity if is_classed else S.FREE_TEXT)
    if not isinstance(value, str):
        return value
    if not column.is_open and (_is_telling(column.field, value) or _is_aside(column, value)):
        return mask(value, S.FREE_TEXT)
    return shortened(value, CELL_LENGTH)


def _is_aside(column: Column, value: str) -> bool:
    """Tell whether a cell says more than a label among labels."""
    return is_sentence(value) and not speaks_of_things(column.field.path)


def _is_telling(field: Field, value: str) -> bool:
    if field.type in SCALARS and field.type != "string":
        return False
    return bool(findings(value))


def _text(value: object) -> str | None:
    return None if value is None else shortened(text_of(value), STATISTIC_LENGTH)

"""Profile one dataset: a sample, statistics, keys; classified and masked. Free of Django."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.db.batches import batched
from catalog.descriptors import KeyFinding, Observation
from catalog.descriptors import Sensitivity as S
from ingestors.errors import Unreadable
from ingestors.profile import freshness, statements
from ingestors.profile.keys import key_findings
from ingestors.profile.limits import Correction, Limits
from ingestors.profile.publish import Column, columns_of, sample_of
from ingestors.profile.statements import Facts
from ingestors.profile.subject import (
    DATES,
    NUMBERS,
    SCALARS,
    BadValue,
    Field,
    ItemMissing,
    Runner,
    Subject,
    TimedOut,
)
from ingestors.sensitivity.classify import NOTHING, Candidate, Finding, classify
from ingestors.sensitivity.harmless import Exposure, exposures
from ingestors.values import moment, plain, text_of, whole

FALLBACK_ROWS = 10_000
EXACT_DISTINCT = 100_000
FEW_ROWS = 5_000
CELL_SCANNED = 4_000
#: Of so many columns it is found out which cannot be read.
PROBED = 300


@dataclass(frozen=True, slots=True)
class Profiled:
    """What was measured, what each column holds, and what could not be read."""

    observation: Observation
    findings: Mapping[str, Finding]
    trouble: str = ""


def profile_dataset(
    subject: Subject,
    runner: Runner,
    *,
    limits: Limits,
    corrections: Mapping[str, Correction],
    at: datetime,
) -> Profiled:
    """Measure a dataset within its limits.

    Raises ItemMissing when the dataset vanished, Unreadable when a fragile one is damaged. What else cannot be read is said in `trouble` and in
    the notes of the observation; neither they nor the statistics hold sensitive values.
    """
    return _Profile(subject, runner, limits, corrections, at).run()


class _Profile:
    def __init__(
        self,
        subject: Subject,
        runner: Runner,
        limits: Limits,
        corrections: Mapping[str, Correction],
        at: datetime,
    ) -> None:
        self.subject, self.runner, self.limits, self.at = subject, runner, limits, at
        self.corrections = corrections
        self.dialect = runner.dialect
        self.deadline = time.monotonic() + limits.max_seconds
        self.notes: list[str] = list(subject.notes)
        self.trouble = ""
        self.facts = {column.path: Facts() for column in subject.fields}
        self.findings: dict[str, Finding] = {}
        self.exposures: dict[str, Exposure] = {}
        self.sampled: list[Sequence[object]] = []
        self.profiled: int | None = None
        self.row_count = subject.row_count
        self.is_estimate = False
        self.updated_at = subject.updated_at
        self.keys: list[KeyFinding] = []
        self.is_cut = False

    def run(self) -> Profiled:
        """Do the parts in order; the first that the store refuses ends the rest."""
        try:
            self._look()
            if self.subject.fields and self.limits.max_rows:
                self._measure()
            self._count()
        except ItemMissing:
            raise
        except Unreadable as e:
            self._bear(e)
            self.trouble = str(e)
            self.notes.append(f"not all could be read: {e}")
        if not self.findings:
            self._classify()
        return Profiled(self._observation(), self.findings, self.trouble)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimedOut(f"took longer than {self.limits.max_seconds:g} s")
        return left

    def _ask(self, statement: str) -> Sequence[Sequence[object]]:
        return self.runner.rows(statement, seconds=self._left())

    def _try(self, what: str, statement: str) -> Sequence[Sequence[object]] | None:
        """Ask for a part that may be left out when time is up or the store refuses."""
        try:
            return self._ask(statement)
        except ItemMissing:
            raise
        except Unreadable as e:
            self._bear(e)
            self._note_untold(what, e)
        return None

    def _bear(self, error: Unreadable) -> None:
        if self.subject.is_fragile and not isinstance(error, TimedOut):
            raise error

    # -- sample and classes ---------------------------------------------------------------

    def _look(self) -> None:
        columns = self.subject.fields
        if not columns:
            return
        shown = ", ".join(self.dialect.shown(c.expression, c.type) for c in columns)
        source = self.dialect.limited(self.subject.relation, self.limits.scan_rows)
        try:
            self.sampled = list(self._ask(f"SELECT {shown} FROM {source}"))
        except ItemMissing:
            raise
        except Unreadable as error:
            self._bear(error)
            if isinstance(error, BadValue) and self._leave_out_unreadable(source, "{}"):
                return self._look()
            self._note_untold("sample", error)
        self._classify()

    def _leave_out_unreadable(self, source: str, asked: str) -> bool:
        """Find the columns whose cells cannot be read and go on without them; False: no such."""
        readable = []
        for index, column in enumerate(self.subject.fields):
            shown = self.dialect.shown(column.expression, column.type)
            try:
                if index < PROBED:
                    self._ask(f"SELECT {asked.format(shown)} FROM {source}")
            except BadValue as error:
                self._note_untold(f"column '{column.path}'", error)
            else:
                readable.append(index)
        is_fewer = 0 < len(readable) < len(self.subject.fields)
        if is_fewer:
            kept = tuple(self.subject.fields[index] for index in readable)
            self.subject = replace(self.subject, fields=kept)
            self.sampled = [[row[index] for index in readable] for row in self.sampled]
        return is_fewer

    def _note_untold(self, what: str, error: Unreadable) -> None:
        if not isinstance(error, TimedOut):
            self.trouble = self.trouble or f"{what} not measured: {error}"
        self.notes.append(f"{what} not measured: {error}")

    def _classify(self) -> None:
        candidates = []
        for index, column in enumerate(self.subject.fields):
            cells = [(n, row[index]) for n, row in enumerate(self.sampled)]
            filled = [(n, _scanned(cell)) for n, cell in cells if cell is not None and cell != ""]
            candidates.append(
                Candidate(
                    column.path,
                    column.type,
                    column.native_type,
                    tuple(text for _, text in filled),
                    tuple(n for n, _ in filled),
                )
            )
        table = self.subject.ref.name
        self.findings = classify(table, candidates)
        self.exposures = exposures(table, candidates, self.findings)

    def _column(self, column: Field) -> Column:
        correction = self.corrections.get(column.path, Correction(None))
        finding = self.findings.get(column.path, NOTHING)
        sensitivity = correction.sensitivity
        return Column(
            column,
            S(finding.sensitivity if sensitivity is None else sensitivity),
            is_open=correction.unmasked or sensitivity == S.NONE,
            exposure=self.exposures.get(column.path, Exposure.LABELS),
        )

    # -- statistics -----------------------------------------------------------------------

    def _relation(self, rows: int) -> str:
        total = self.row_count
        if total is not None and total <= rows:
            return self.subject.relation
        return self.dialect.limited(self.subject.relation, rows)

    def _measure(self) -> None:
        why = ""
        attempts = [self.limits.max_rows]
        if self.limits.max_rows > FALLBACK_ROWS:
            attempts.append(FALLBACK_ROWS)
        for rows in attempts:
            try:
                self._aggregate(rows)
            except TimedOut as e:
                why = str(e)
                self.deadline = time.monotonic() + min(self.limits.max_seconds, 5.0)
                continue
            except BadValue as e:
                self._bear(e)
                if not self._leave_out_unreadable(self._relation(rows), "COUNT({})"):
                    raise
                return self._measure()
            self._note_cut(rows)
            self._details(self._relation(rows))
            return
        self.notes.append(f"statistics not measured: {why}")

    def _aggregate(self, rows: int) -> None:
        relation = self._relation(rows)
        expected = self.row_count if self.row_count is not None else self.subject.row_estimate
        is_many = expected is None or min(rows, expected) > EXACT_DISTINCT
        self.approximate = self.dialect.can_approximate and is_many
        dated = [path for group in self._dated() for path in group]
        for columns in batched(self.subject.fields, statements.BATCH):
            statement, setters = statements.aggregates(
                self.dialect,
                relation,
                columns,
                approximate=self.approximate,
                few=expected is not None and min(rows, expected) <= FEW_ROWS,
                dated=dated,
                now=self.at.timestamp(),
            )
            row = self._ask(statement)[0]
            self.profiled = whole(row[0])
            for (path, setter), value in zip(setters, row[1:], strict=True):
                self.facts[path].rows = self.profiled
                setter(self.facts[path], value)
        self._find_late_emails()

    def _find_late_emails(self) -> None:
        """A text column that holds e-mail addresses beyond the sampled rows is free text."""
        for column in self.subject.fields:
            count = self.facts[column.path].emails
            if count and self.findings.get(column.path, NOTHING).sensitivity is S.NONE:
                reason = (
                    f"found in {self.facts[column.path].filled} texts: e-mail address in {count}"
                )
                self.findings[column.path] = Finding(S.FREE_TEXT, 0.9, reason)

    def _note_cut(self, rows: int) -> None:
        profiled = self.profiled or 0
        total = self.row_count
        if total is None and profiled < rows:
            self.row_count = profiled
        elif total is None or total > profiled:
            self.is_cut = True
            of = f" of {total:,}" if total is not None else ""
            self.notes.append(f"statistics describe the first {profiled:,} rows{of}")

    def _details(self, relation: str) -> None:
        columns = [self._column(c) for c in self.subject.fields]
        shown = [c.field for c in columns if not c.is_masked]
        binned = [c for c in shown if c.type in (*NUMBERS, *DATES) and self._has_range(c)]
        self._in_batches("histograms", binned, relation)
        kinds = [c.field for c in columns if c.shows_values and c.field.type in SCALARS]
        few = [c for c in kinds if self._is_low_cardinality(c)]
        self._in_batches("frequent values", few, relation)
        self._fresh()
        self.keys = key_findings(self.subject, relation, self._try)

    def _in_batches(self, what: str, columns: list[Field], relation: str) -> None:
        for part in batched(columns, 30):
            if what == "histograms":
                rows = self._try(
                    what, statements.histograms(self.dialect, relation, part, self.facts)
                )
                statements.fill_histograms(rows or [], part, self.facts)
            else:
                rows = self._try(what, statements.frequent(self.dialect, relation, part))
                statements.fill_frequent(rows or [], part, self.facts)

    def _has_range(self, column: Field) -> bool:
        facts = self.facts[column.path]
        is_key = any(unique.columns == (column.path,) for unique in self.subject.uniques)
        has_both = facts.low is not None and facts.high is not None
        return has_both and facts.low != facts.high and not is_key

    def _is_low_cardinality(self, column: Field) -> bool:
        facts = self.facts[column.path]
        if not facts.distinct:
            return False
        repeats = facts.distinct <= facts.filled / 2
        few = facts.distinct <= statements.LOW_CARDINALITY
        return repeats and (few or facts.distinct <= facts.filled / 50)

    # -- freshness, keys, count -----------------------------------------------------------

    def _dated(self) -> list[list[str]]:
        open_columns = [c for c in self.subject.fields if not self._column(c).is_masked]
        return freshness.dated(open_columns, reads_text=self.dialect.reads_dates_in_text)

    def _fresh(self) -> None:
        groups = self._dated()
        if self.is_cut and groups:
            self._ask_newest(groups[0])
        for group in groups:
            found = [
                (newest, path) for path in group if (newest := self.facts[path].newest) is not None
            ]
            if found:
                seconds, path = max(found)
                self.updated_at = moment(seconds) or self.updated_at
                self.notes.append(f"data time is the newest '{path}' that is not in the future")
                return

    def _ask_newest(self, paths: Sequence[str]) -> None:
        fields = [c for c in self.subject.fields if c.path in paths]
        asked = ", ".join(statements.newest(self.dialect, c, self.at.timestamp()) for c in fields)
        rows = self._try("newest time", f"SELECT {asked} FROM {self.subject.relation}")
        for column, value in zip(fields, rows[0] if rows else (), strict=False):
            statements._set_newest(self.facts[column.path], value)

    def _count(self) -> None:
        if self.row_count is not None:
            return
        rows = self._try("row count", f"SELECT COUNT(*) FROM {self.subject.relation}")
        if rows:
            self.row_count = whole(rows[0][0])
        elif self.subject.row_estimate is not None:
            self.row_count, self.is_estimate = self.subject.row_estimate, True

    def _observation(self) -> Observation:
        columns = [self._column(c) for c in self.subject.fields]
        statistics = []
        if self.profiled is not None:
            statistics = columns_of(columns, self.facts, approximate=self.approximate)
        names, rows, masked = sample_of(columns, self.sampled[: self.limits.sample_rows])
        return Observation(
            namespace=self.subject.ref.namespace,
            name=self.subject.ref.name,
            observed_at=self.at,
            row_count=self.row_count,
            row_count_is_estimate=self.is_estimate,
            byte_size=self.subject.byte_size,
            data_updated_at=self.updated_at,
            rows_profiled=self.profiled,
            columns=statistics,
            keys=self.keys,
            sample_columns=names,
            sample_rows=rows,
            sample_masked=masked,
            notes=list(dict.fromkeys(self.notes)),
        )


def _scanned(cell: object) -> str:
    return text_of(plain(cell))[:CELL_SCANNED]

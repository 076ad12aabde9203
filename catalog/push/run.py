"""Run a push: lines gathered into batches, each batch taken whole, each line answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from catalog.events import log as event_log
from catalog.push.body import Raw, Stopped
from catalog.push.call import Call, Taker, register, takers
from catalog.push.checks import take_checks
from catalog.push.documents import take_contracts, take_descriptors
from catalog.push.lines import Faulty, Line, parse
from catalog.push.prune import mark_unsaid
from catalog.push.quality_results import take_results
from catalog.push.results import LineResult, PruneResult, Summary, refused
from catalog.push.subjects import take_datasets, take_products
from catalog.registry.outcomes import Problem

#: A batch ends with so many lines, or so many bytes of them.
BATCH_LINES, BATCH_BYTES = 1000, 4 * 1024 * 1024
_TRIES = 3
_PAUSE = 0.2  # seconds

register("dataset", take_datasets)
register("product", take_products)
register("descriptor", take_descriptors)
register("contract", take_contracts)
register("check", take_checks)
register("results", take_results)

#: Told of each line when its batch is settled, in the order of the lines.
Tell = Callable[[LineResult], None]


def push(raws: Iterable[Raw], *, call: Call, tell: Tell) -> Summary:
    """Take lines. A refused line leaves the good ones taken, unless the call is atomic.

    Memory does not grow with the number of lines; a batch is one transaction. What cannot be read to its end
    ends the push: what came before stands. Raises OperationalError when the database stays away.
    """
    summary = Summary(call.source, call.is_dry, call.is_atomic)

    def count(result: LineResult) -> None:
        summary.add(result)
        tell(result)

    if call.is_whole:
        with transaction.atomic():
            _run(raws, call, count, summary)
            if not summary.is_applied:
                transaction.set_rollback(True)
    else:
        _run(raws, call, count, summary)
    return summary


def _run(raws: Iterable[Raw], call: Call, tell: Tell, summary: Summary) -> None:
    reading = _Reading(raws)
    for batch, faulty in reading.batches():
        results = [*faulty, *_taken(batch, call)]
        for result in sorted(results, key=lambda result: result.line):
            tell(result)
    summary.stopped = reading.stopped
    if reading.stopped:
        tell(refused(reading.last + 1, "", [Problem("", None, reading.stopped)]))
    if call.is_complete:
        summary.gone = _unsaid(call, summary)


def _unsaid(call: Call, summary: Summary) -> PruneResult:
    if count := summary.count("refused"):
        return PruneResult(held=f"{count} lines were refused, so what is missing is not known")
    return mark_unsaid(call)


class _Reading:
    """The lines of a body as batches, and why reading stopped; empty: it came to the end."""

    def __init__(self, raws: Iterable[Raw]) -> None:
        self._raws = iter(raws)
        self.stopped = ""
        self.last = 0

    def batches(self) -> Iterator[tuple[list[Line], list[LineResult]]]:
        """Yield the good lines of a batch, and the answers to its bad ones."""
        good: list[Line] = []
        bad: list[LineResult] = []
        size = 0
        for raw in self._until_stopped():
            size += len(raw.text)
            try:
                good.append(parse(raw))
            except Faulty as error:
                bad.append(refused(raw.number, error.kind, error.problems))
            if len(good) + len(bad) >= BATCH_LINES or size >= BATCH_BYTES:
                yield good, bad
                good, bad, size = [], [], 0
        if good or bad:
            yield good, bad

    def _until_stopped(self) -> Iterator[Raw]:
        try:
            for raw in self._raws:
                self.last = raw.number
                yield raw
        except Stopped as error:
            self.stopped = str(error)


def _taken(batch: Sequence[Line], call: Call) -> list[LineResult]:
    """Take a batch; tried again where the database ended one of two transactions that waited for each other."""
    if not batch:
        return []
    if connection.in_atomic_block:
        return _settled(batch, call)
    for left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return _settled(batch, call)
        except OperationalError:
            if not left:
                raise
            connection.close_if_unusable_or_obsolete()
            time.sleep(_PAUSE)
    return []


def _settled(batch: Sequence[Line], call: Call) -> list[LineResult]:
    event_log.lock()
    results: list[LineResult] = []
    known = dict.fromkeys(line.kind for line in batch)
    for kind, taker in takers():
        if kind in known:
            of_kind = [line for line in batch if line.kind == kind]
            results += _safely(of_kind, taker, call)
    return results


def _safely(lines: Sequence[Line], taker: Taker, call: Call) -> list[LineResult]:
    """Take lines; where the database refuses them, find the line that is to blame."""
    try:
        with transaction.atomic():
            return taker(lines, call)
    except (DataError, IntegrityError) as error:
        if len(lines) == 1:
            message = f"cannot be stored: {str(error).splitlines()[0][:200]}"
            return [refused(lines[0].number, lines[0].kind, [Problem("document", None, message)])]
    half = len(lines) // 2
    return _safely(lines[:half], taker, call) + _safely(lines[half:], taker, call)

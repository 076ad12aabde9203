"""Take lines of a push that are OpenLineage events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.push.call import Call
from catalog.push.lines import Line
from catalog.push.results import Ending, LineResult
from catalog.registry.outcomes import Problem
from lineage.openlineage.ingest import take_events

_ENDINGS: Mapping[str, Ending] = {
    "accepted": "created",
    "duplicate": "unchanged",
    "refused": "refused",
}


def take_lineage(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Take events, in whatever order; the same event again changes nothing."""
    taken = take_events([line.document for line in lines], by=call.by)
    results = []
    for line, one in zip(lines, taken, strict=True):
        remarks = [Problem(remark.path, None, remark.message) for remark in one.remarks]
        is_refused = one.status == "refused"
        results.append(
            LineResult(
                line.number,
                "lineage",
                _ENDINGS[one.status],
                subject=_subject(line.document),
                problems=remarks if is_refused else (),
                warnings=() if is_refused else remarks,
            )
        )
    return results


def _subject(event: Mapping[str, object]) -> str:
    for part in ("job", "dataset"):
        named = event.get(part)
        if isinstance(named, dict):
            return f"{named.get('namespace', '')} {named.get('name', '')}"[:300]
    return ""

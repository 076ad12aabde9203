"""What became of the lines of a push, one by one and together. Free of Django."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.registry.outcomes import Problem

Ending = Literal["created", "changed", "unchanged", "refused"]
ENDINGS: tuple[Ending, ...] = ("created", "changed", "unchanged", "refused")


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line. `changes`, `comparison` and `affected` are told of a dry run alone."""

    line: int
    kind: str
    outcome: Ending
    subject: str = ""
    guid: str | None = None
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    comparison: Mapping[str, Any] | None = None
    affected: Mapping[str, Any] | None = None

    def as_data(self, *, is_dry: bool) -> dict[str, Any]:
        """Return it as JSON values."""
        data: dict[str, Any] = {
            "line": self.line,
            "kind": self.kind,
            "subject": self.subject,
            "guid": self.guid,
            "outcome": self.outcome,
            "problems": _problems(self.problems),
            "warnings": _problems(self.warnings),
        }
        if is_dry:
            data |= {
                "changes": list(self.changes),
                "comparison": self.comparison,
                "affected": self.affected,
            }
        return data


def refused(line: int, kind: str, problems: Iterable[Problem], **said: Any) -> LineResult:
    """Say that a line was not taken."""
    return LineResult(line, kind, "refused", problems=tuple(problems), **said)


def _problems(found: Iterable[Problem]) -> list[dict[str, object]]:
    return [{"path": p.path, "value": _shown(p.value), "message": p.message} for p in found]


def _shown(value: object) -> object:
    if isinstance(value, str) and len(value) > 200:
        return f"{value[:200]}… ({len(value)} characters)"
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return f"a {'list' if isinstance(value, list | tuple) else type(value).__name__}"


@dataclass(slots=True)
class PruneResult:
    """What a complete push no longer says: how much of how much was marked, or why nothing was."""

    marked: int = 0
    known: int = 0
    held: str = ""
    subjects: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "marked": self.marked,
            "known": self.known,
            "held": self.held,
            "subjects": list(self.subjects),
        }


@dataclass(slots=True)
class Summary:
    """A whole push."""

    source: str = ""
    is_dry: bool = False
    is_atomic: bool = False
    lines: int = 0
    stopped: str = ""
    gone: PruneResult | None = None
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, result: LineResult) -> None:
        """Count a line."""
        self.lines += 1
        self.kinds[result.kind][result.outcome] += 1

    def count(self, ending: Ending) -> int:
        """Count the lines that ended in one way."""
        return sum(counts[ending] for counts in self.kinds.values())

    @property
    def is_applied(self) -> bool:
        """Tell whether what is counted stands: not in a dry run, nor in an atomic one that failed."""
        return not self.is_dry and not (self.is_atomic and self.count("refused"))

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "lines": self.lines,
            **{ending: self.count(ending) for ending in ENDINGS},
            "markedGone": self.gone.marked if self.gone else 0,
            "dryRun": self.is_dry,
            "atomic": self.is_atomic,
            "applied": self.is_applied,
            "source": self.source,
            "kinds": {
                kind: {ending: counts[ending] for ending in ENDINGS}
                for kind, counts in sorted(self.kinds.items())
                if kind
            },
            "stopped": self.stopped or None,
            "gone": self.gone.as_data() if self.gone else None,
        }

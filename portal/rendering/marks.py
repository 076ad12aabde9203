"""Icon, word and tone for each state people meet. A tone never stands alone: it comes with both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """How one state looks."""

    word: str
    icon: str
    tone: str  # good warn bad info mute, or empty for plain ink


FAMILIES: dict[str, dict[str, Mark]] = {
    "status": {
        "proposed": Mark("Proposed", "circle-dashed", "info"),
        "active": Mark("Active", "circle-check", "good"),
        "deprecated": Mark("Deprecated", "alert-triangle", "warn"),
        "retired": Mark("Retired", "ban", "mute"),
    },
    "outcome": {
        "passed": Mark("Passed", "circle-check", "good"),
        "warned": Mark("Warning", "alert-triangle", "warn"),
        "failed": Mark("Failed", "circle-x", "bad"),
        "error": Mark("Could not run", "circle-alert", "bad"),
        "skipped": Mark("Skipped", "circle-minus", "mute"),
        "unknown": Mark("Not run yet", "circle-dashed", "mute"),
    },
    "kept": {
        "true": Mark("Kept", "circle-check", "good"),
        "false": Mark("Broken", "circle-x", "bad"),
        "none": Mark("Not measured", "circle-dashed", "mute"),
    },
    "run": {
        "queued": Mark("Waiting", "clock", "mute"),
        "running": Mark("Running", "loader", "info"),
        "succeeded": Mark("Succeeded", "circle-check", "good"),
        "partial": Mark("With problems", "alert-triangle", "warn"),
        "failed": Mark("Failed", "circle-x", "bad"),
        "held": Mark("Held back", "pause", "warn"),
        "lost": Mark("Lost", "unlink", "bad"),
        "cancelled": Mark("Cancelled", "ban", "mute"),
    },
    "job": {
        "new": Mark("New", "circle-dashed", "mute"),
        "running": Mark("Running", "loader", "info"),
        "completed": Mark("Completed", "circle-check", "good"),
        "failed": Mark("Failed", "circle-x", "bad"),
        "aborted": Mark("Aborted", "ban", "warn"),
    },
    "health": {
        "failing": Mark("Fails", "circle-x", "bad"),
        "stale": Mark("Stale", "clock", "warn"),
        "gone": Mark("Gone", "unlink", "bad"),
        "deprecated": Mark("Deprecated", "alert-triangle", "warn"),
    },
    "request": {
        "open": Mark("Waiting", "clock", "info"),
        "approved": Mark("Approved", "circle-check", "good"),
        "rejected": Mark("Rejected", "circle-x", "bad"),
        "withdrawn": Mark("Withdrawn", "undo-2", "mute"),
    },
    "grant": {
        "active": Mark("Granted", "lock-open", "good"),
        "revoked": Mark("Revoked", "ban", "bad"),
        "expired": Mark("Expired", "clock", "mute"),
    },
    "classification": {
        "public": Mark("Public", "globe", ""),
        "internal": Mark("Internal", "users", ""),
        "confidential": Mark("Confidential", "lock", "warn"),
        "restricted": Mark("Restricted", "shield-alert", "bad"),
    },
    "archetype": {
        "source-aligned": Mark("Source-aligned", "database", ""),
        "aggregate": Mark("Aggregate", "layers", ""),
        "consumer-aligned": Mark("Consumer-aligned", "target", ""),
    },
    "kind": {
        "table": Mark("Table", "table-2", ""),
        "view": Mark("View", "eye", ""),
        "file": Mark("File", "file-spreadsheet", ""),
        "topic": Mark("Topic", "radio", ""),
    },
}


def mark_of(family: str, state: object) -> Mark:
    """Return the mark of a state; an unknown state is shown as its own word, plain."""
    key = str(state).lower()
    return FAMILIES[family].get(key) or Mark(
        str(state).replace("-", " ").capitalize(), "circle", ""
    )


def quality_tone(score: float | None) -> str:
    """Name the tone of a score: good from 90, warn from 70, bad below, mute if not measured."""
    if score is None:
        return "mute"
    return "good" if score >= 90 else "warn" if score >= 70 else "bad"

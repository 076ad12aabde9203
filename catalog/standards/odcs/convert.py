"""A contract in another version of the standard, and what found no place there. Free of Django."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from catalog.standards.diagnostics import Diagnostic, Pointer, brief, errors, path_of
from catalog.standards.odcs import v2
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.versions import (
    NEW_TYPES,
    NEWEST,
    OLDER_TYPE,
    SINCE,
    VERSIONS,
    is_known,
    is_older,
    is_second,
)
from catalog.standards.odcs.walk import parts
from catalog.standards.reading import Document

#: What library rules of version 3.0 are called since 3.1.
_METRICS = {
    "duplicateCount": "duplicateValues",
    "rowCount": "rowCount",
    "nullCheck": "nullValues",
    "nullCount": "nullValues",
    "missingCheck": "missingValues",
    "invalidCount": "invalidValues",
}
_RULES = {
    "duplicateValues": "duplicateCount",
    "rowCount": "rowCount",
    "nullValues": "nullCheck",
    "missingValues": "missingCheck",
    "invalidValues": "invalidCount",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """A contract in the version asked for. `unplaced` names what that version cannot say."""

    content: dict[str, Any]
    unplaced: tuple[Diagnostic, ...]


def convert(content: dict[str, Any], to: str) -> Converted:
    """Say a contract in another version. Its own version gives it back as it is.

    Raises ValueError for a version that is not known.
    """
    if not is_known(to):
        raise ValueError(f"{to!r} is no version; allowed are {', '.join(VERSIONS)}")
    declared = content.get("apiVersion")
    if declared == to:
        return Converted(content, ())
    made, lost = deepcopy(content), []
    if is_second(made):
        if to.startswith("v2"):
            return Converted({**made, "apiVersion": to}, ())
        made = v2.to_third(made)
        declared = made["apiVersion"]
    source = str(declared) if is_known(declared) else NEWEST
    if to.startswith("v2"):
        lost = _lowered(made, "v3.0.2")
        older, more = v2.from_third(made)
        return Converted({**older, "apiVersion": to}, (*lost, *more))
    made["apiVersion"] = to
    lost = _lowered(made, to) if is_older(to, source) else _raised(made, source, to)
    wrong = errors(lint(Document(made)))
    return Converted(made, (*lost, *wrong))


def _raised(content: dict[str, Any], source: str, to: str) -> list[Diagnostic]:
    if is_older(source, "v3.1.0") and not is_older(to, "v3.1.0"):
        for kind, _, part in parts(content):
            if kind == "quality" and "metric" not in part and part.get("rule") in _METRICS:
                part["metric"] = _METRICS[part.pop("rule")]
    return []


def _lowered(content: dict[str, Any], to: str) -> list[Diagnostic]:
    lost: list[Diagnostic] = []
    if is_older(to, "v3.1.0") and isinstance(content.get("team"), dict):
        lost += _team_as_list(content)
    for kind, pointer, part in list(parts(content)):
        if kind == "quality" and is_older(to, "v3.1.0") and part.get("metric") in _RULES:
            part["rule"] = _RULES[part.pop("metric")]
        for name in [n for n in part if _is_newer(kind, n, to)]:
            lost.append(_lost((*pointer, name), part.pop(name), SINCE[kind, name]))
        logical = str(part.get("logicalType"))
        if kind == "property" and is_older(to, NEW_TYPES.get(logical, to)):
            lost.append(_lost((*pointer, "logicalType"), logical, NEW_TYPES[logical]))
            part["logicalType"] = OLDER_TYPE[logical]
    if is_older(to, "v3.2.0") and "status" not in content:
        content["status"] = "active"
    return lost


def _is_newer(kind: str, name: str, to: str) -> bool:
    since = SINCE.get((kind, name))
    return since is not None and is_older(to, since)


def _team_as_list(content: dict[str, Any]) -> list[Diagnostic]:
    team = content["team"]
    content["team"] = team.get("members") or []
    rest = {name: value for name, value in team.items() if name != "members"}
    return [_lost(("team", name), value, "v3.1.0") for name, value in rest.items()]


def _lost(pointer: Pointer, value: object, since: str) -> Diagnostic:
    return Diagnostic(path_of(pointer), brief(value), f"came with {since}", "warning")

"""Say a product descriptor in another version of the standard. Free of Django."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from catalog.standards.diagnostics import Diagnostic, Pointer, brief, path_of
from catalog.standards.odps.shape import NEWEST, SINCE_11, VERSIONS


def convert(content: dict[str, Any], to: str) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return a descriptor in a version, and what that version cannot say; its own gives it back as it is.

    Raises ValueError for a version that is not known.
    """
    if to not in VERSIONS:
        raise ValueError(f"{to!r} is no version; allowed are {', '.join(VERSIONS)}")
    declared = content.get("apiVersion")
    if declared == to:
        return content, []
    made = {**deepcopy(content), "apiVersion": to}
    lost: list[Diagnostic] = []
    team = made.get("team")
    if isinstance(team, list) and to != "v0.9.0":
        made["team"] = {"members": team}
    if to != NEWEST:
        lost += _lowered(made)
        made.setdefault("status", "active")
    if isinstance(team, dict) and to == "v0.9.0":
        made["team"] = team.get("members") or []
        rest = {name: value for name, value in team.items() if name != "members"}
        lost += [_lost(("team", name), value, "v1.0.0") for name, value in rest.items()]
    return made, lost


def _lowered(content: dict[str, Any]) -> list[Diagnostic]:
    lost = []
    for name, newer in SINCE_11.items():
        held = [((), content)] if not name else _items(content, name)
        for pointer, holder in held:
            for field in [field for field in newer if field in holder]:
                lost.append(_lost((*pointer, field), holder.pop(field), NEWEST))
    return lost


def _items(content: dict[str, Any], name: str) -> list[tuple[Pointer, dict[str, Any]]]:
    rows = content.get(name)
    listed = enumerate(rows if isinstance(rows, list) else ())
    return [((name, place), row) for place, row in listed if isinstance(row, dict)]


def _lost(pointer: Pointer, value: object, since: str) -> Diagnostic:
    return Diagnostic(path_of(pointer), brief(value), f"came with {since}", "warning")

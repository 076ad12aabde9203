"""What a change does to the data that a contract allows. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.standards.odcs.compare import Difference, keyed
from catalog.standards.odcs.directions import (
    BOTH,
    LOOSENS,
    TIGHTENS,
    UNDETERMINED,
    UNTESTED,
    Direction,
)
from catalog.standards.odcs.thresholds import OPERATORS, compare_rules, seconds

Verdict = tuple[Direction, str]
_FLAGS = {
    "required": ("is never empty", "may be empty"),
    "unique": ("holds each value once", "may hold a value more than once"),
    "primaryKey": ("is the key", "is the key no more"),
    "uniqueItems": ("holds each item once", "may hold an item more than once"),
}
_LEAST = frozenset({"minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"})
_MOST = frozenset({"maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"})
_FORMS = frozenset({"pattern", "format"})
_QUIET = frozenset({"warning", "info", "warn", "low"})


def judge(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    """Say whether a change lets more, fewer or other data pass, and why. The contracts are of version 3."""
    path = one.path
    if path[0] == "slaProperties":
        return _freshness(one, before, after)
    if path[0] != "schema":
        return UNTESTED, ""
    if len(path) == 2:
        return _came_or_went(one, f"table {one.name}")
    if "quality" in path:
        return _quality(one, before, after)
    if "relationships" in path:
        return _relationship(one)
    if "enum" in path:
        return _enum(one)
    if path[-2] == "properties":
        return _came_or_went(one, f"column {one.name}")
    return _field(one, before, after)


def _came_or_went(one: Difference, what: str) -> Verdict:
    if one.what == "added":
        return TIGHTENS, f"{what} is new: it has to be delivered"
    if one.what == "removed":
        return LOOSENS, f"{what} is gone: whatever reads it fails"
    return UNTESTED, ""


def _field(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    name, holder = one.name, one.path[-2]
    if name in _FLAGS:
        return _flag(one, before, after)
    is_column = "properties" in one.path
    if name in {"logicalType", "physicalType"} and is_column:
        return _by_presence(one, BOTH, f"{holder} has another type: {one.before} → {one.after}")
    if name == "physicalName":
        same = (one.before or holder) == (one.after or holder)
        moved = f"{holder} is called {one.after or holder} now, not {one.before or holder}"
        return (UNTESTED, "") if same else (BOTH, moved)
    if name in _LEAST | _MOST:
        return _bound(one)
    if name in _FORMS and holder == "logicalTypeOptions":
        message = f"another {name}: whether it lets less pass is not known"
        return _by_presence(one, UNDETERMINED, message)
    if name == "properties" and one.what != "changed":
        return _by_presence(one, UNTESTED, f"the columns of {holder} {one.what}")
    return UNTESTED, ""


def _by_presence(one: Difference, changed: Direction, said: str) -> Verdict:
    if one.what == "added":
        return TIGHTENS, f"{one.name} is promised now: {_brief(one.after)}"
    if one.what == "removed":
        return LOOSENS, f"{one.name} is promised no more: it was {_brief(one.before)}"
    return changed, said


def _flag(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    was, now = bool(one.before), bool(one.after)
    if was == now:
        return UNTESTED, ""
    direction = TIGHTENS if now else LOOSENS
    if one.name == "primaryKey" and max(_keys(before, one), _keys(after, one)) > 1:
        direction = BOTH
    return direction, f"{one.path[-2]} {_FLAGS[one.name][0 if now else 1]} now"


def _keys(content: Mapping[str, Any], one: Difference) -> int:
    for thing in content.get("schema") or ():
        if thing.get("name") == one.path[1]:
            return sum(bool(column.get("primaryKey")) for column in thing.get("properties") or ())
    return 0


def _bound(one: Difference) -> Verdict:
    if one.what != "changed":
        return _by_presence(one, UNDETERMINED, "")
    try:
        grew = float(one.after) > float(one.before)
    except (TypeError, ValueError):
        if isinstance(one.after, str) and isinstance(one.before, str):
            grew = one.after > one.before  # dates as text
        else:
            return UNDETERMINED, f"{one.name}: {one.before} → {one.after}"
    direction = TIGHTENS if grew == (one.name in _LEAST) else LOOSENS
    lets = "fewer" if direction == TIGHTENS else "more"
    return direction, f"{one.name} {one.before} → {one.after} lets {lets} values pass"


def _enum(one: Difference) -> Verdict:
    place = one.path.index("enum")
    depth = len(one.path) - place
    if depth == 1:
        return _by_presence(one, UNDETERMINED, "")
    if depth > 2 or one.what == "changed":
        return UNTESTED, ""
    if place + 2 == len(one.path) and one.what == "added":
        return LOOSENS, f"the value {one.name} may appear now"
    return TIGHTENS, f"the value {one.name} appears no more"


def _relationship(one: Difference) -> Verdict:
    if one.path[-2] == "relationships" or one.name == "relationships":
        return _by_presence(one, BOTH, "the reference changed")
    if one.name in {"from", "to"}:
        return BOTH, "the reference points elsewhere"
    return UNTESTED, ""


def _quality(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    place = one.path.index("quality")
    if len(one.path) <= place + 2:
        rules = one.after if one.what == "added" else one.before
        listed = rules if isinstance(rules, list) else [rules]
        if not any(_guards(rule) for rule in listed):
            return UNTESTED, ""
        direction, verb = (TIGHTENS, "new") if one.what == "added" else (LOOSENS, "gone")
        return direction, f"a rule of quality is {verb}: {_brief(listed[0])}"
    old, new = _at(before, one.path[: place + 2]), _at(after, one.path[: place + 2])
    was, now = _guards(old), _guards(new)
    if was != now:
        direction = TIGHTENS if now else LOOSENS
        return direction, f"a rule of quality {'holds now' if now else 'only warns now'}"
    if not now:
        return UNTESTED, ""
    if one.name in OPERATORS:
        direction = compare_rules(old, new)
        message = f"the rule asks for {one.name} {_brief(one.after)}, before {_brief(one.before)}"
        return direction, message if direction != UNTESTED else ""
    if one.name == "metric":
        return BOTH, "the rule measures something else"
    if one.name in {"query", "implementation", "arguments", "unit", "engine", "type"}:
        return UNDETERMINED, f"another {one.name}: whether it asks for less is not known"
    return UNTESTED, ""


def _guards(rule: Any) -> bool:
    """Tell whether a rule is a promise: it can be run, and breaking it is an error."""
    if not isinstance(rule, Mapping) or str(rule.get("severity", "")).lower() in _QUIET:
        return False
    kind = rule.get("type") or "library"
    if kind == "custom":
        return bool(rule.get("implementation"))
    has_bound = any(name in rule for name in OPERATORS)
    return has_bound and bool(
        rule.get("query") if kind == "sql" else rule.get("metric") or rule.get("rule")
    )


def _freshness(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    if one.path[1].partition("#")[0] != "freshness":
        return UNTESTED, ""
    old, new = _at(before, one.path[:2]), _at(after, one.path[:2])
    was, now = _is_checked(old, before), _is_checked(new, after)
    if was != now:
        direction = TIGHTENS if now else LOOSENS
        return direction, f"freshness is promised {'now' if now else 'no more'}"
    if not now:
        return UNTESTED, ""
    if one.name == "element":
        return BOTH, "freshness is measured by another column"
    if one.name not in {"value", "unit"}:
        return UNTESTED, ""
    first, second = (seconds(sla.get("value"), sla.get("unit")) for sla in (old, new))
    if first is None or second is None:
        return UNDETERMINED, "freshness changed; its unit is not known"
    if first == second:
        return UNTESTED, ""
    message = f"data may be {_span(new)} old, before {_span(old)}"
    return (LOOSENS if second > first else TIGHTENS), message


def _is_checked(sla: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    table, dot, column = str(sla.get("element") or "").partition(".")
    names = {thing.get("name") for thing in content.get("schema") or ()}
    return bool(dot and column) and table in names and sla.get("value") is not None


def _span(sla: Mapping[str, Any]) -> str:
    return f"{sla.get('value')} {sla.get('unit') or ''}".strip()


def _at(content: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    here: Any = content
    for place, part in enumerate(path):
        if isinstance(here, list):
            here = keyed(path[place - 1], here).get(part)
        else:
            here = here.get(part) if isinstance(here, Mapping) else None
    return here if isinstance(here, dict) else {}


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("metric") or value.get("description") or "a rule"
    text = str(value)
    return text if len(text) <= 80 else f"{text[:80]}…"

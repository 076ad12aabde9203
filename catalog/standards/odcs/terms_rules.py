"""What a change does to the terms of a contract, beside the data: promises, places, price, sensitivity. Free of Django.

`datacontract breaking` leaves these out on purpose; who reads the data depends on them all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.standards.odcs.compare import Difference, keyed
from catalog.standards.odcs.directions import Level
from catalog.standards.odcs.thresholds import seconds

Verdict = tuple[Level, str]
NOTHING: Verdict = ("info", "")
_SENSITIVE = ("public", "internal", "confidential", "restricted")
_LIFE = ("proposed", "draft", "active", "deprecated", "retired")
#: Promises of which more is better; of latency, frequency and their like less is.
_MORE_IS_BETTER = frozenset(
    {"retention", "availability", "throughput", "endofsupport", "generalavailability"}
)
_LESS_IS_BETTER = frozenset(
    {
        "latency",
        "freshness",
        "frequency",
        "errorrate",
        "timetodetect",
        "timetonotify",
        "timetorepair",
    }
)
_WORDS = frozenset({"description", "environment", "tags", "id", "customProperties", "roles"})


def judge(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    """Say how a change of terms strikes consumers, and why; `info` without a reason: it does not."""
    top = one.path[0]
    if one.name == "classification":
        return _classification(one)
    if top == "slaProperties":
        return _sla(one, before, after)
    if top == "servers":
        return _server(one)
    if top == "status":
        return _status(one)
    if top == "price":
        return _price(one)
    if top == "roles":
        return _role(one)
    if top == "description" and one.name in {"limitations", "usage"} and one.after:
        return (
            "warning",
            f"the {one.name} of the data {'are' if one.name == 'limitations' else 'is'} told anew",
        )
    if one.name == "deprecated" and one.after is True:
        return "warning", f"{one.path[-2]} is deprecated: it will go"
    return NOTHING


def _classification(one: Difference) -> Verdict:
    was, now = (_rank(value) for value in (one.before, one.after))
    message = f"{one.path[-2]}: {one.before or 'not classified'} → {one.after or 'not classified'}"
    if was is None and now is None:
        return "warning", f"sensitivity changed, {message}"
    if now is None or (was is not None and now < was):
        return "error", f"less sensitive than before, {message}"
    return "warning", f"more sensitive than before, {message}"


def _rank(value: object) -> int | None:
    text = str(value or "").lower()
    return _SENSITIVE.index(text) if text in _SENSITIVE else None


def _sla(one: Difference, before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    if len(one.path) == 1 or len(one.path) == 2:
        if one.what == "removed":
            return "error", f"{one.name} is promised no more"
        return NOTHING
    if one.name not in {"value", "unit", "valueExt"}:
        return NOTHING
    old, new = (keyed("slaProperties", c.get("slaProperties") or []) for c in (before, after))
    was, now = old.get(one.path[1], {}), new.get(one.path[1], {})
    first, second = _amount(was), _amount(now)
    message = f"{one.path[1]}: {_span(was)} → {_span(now)}"
    kind = one.path[1].partition("#")[0].lower()
    if first is None or second is None or kind not in _MORE_IS_BETTER | _LESS_IS_BETTER:
        return "warning", f"a promise changed, {message}"
    if first == second:
        return NOTHING
    is_worse = second < first if kind in _MORE_IS_BETTER else second > first
    return (
        ("error", f"less is promised, {message}")
        if is_worse
        else ("info", f"more is promised, {message}")
    )


def _amount(sla: Mapping[str, Any]) -> float | None:
    span = seconds(sla.get("value"), sla.get("unit"))
    if span is not None:
        return span
    value = sla.get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _span(sla: Mapping[str, Any]) -> str:
    return f"{sla.get('value')} {sla.get('unit') or ''}".strip()


def _server(one: Difference) -> Verdict:
    if len(one.path) <= 2:
        if one.what == "removed":
            return "error", f"the server {one.name} is gone"
        return NOTHING
    if one.name in _WORDS:
        return NOTHING
    return "error", f"the server {one.path[1]} moved: {one.name} {one.before} → {one.after}"


def _status(one: Difference) -> Verdict:
    was, now = str(one.before or "active"), str(one.after or "active")
    if now == "retired" and was not in {"deprecated", "retired"}:
        return "error", f"retired without having been deprecated (it was {was})"
    if now in {"deprecated", "retired"}:
        return "warning", f"{was} → {now}: look for its successor"
    if was in {"active", "deprecated"} and now in {"draft", "proposed"}:
        return "error", f"no longer in force: {was} → {now}"
    return NOTHING


def _price(one: Difference) -> Verdict:
    if one.name != "priceAmount":
        return "warning", f"the price is told anew: {one.name}"
    if not one.after or (one.before and float(one.after) <= float(one.before)):
        return NOTHING
    return "error", f"it costs {one.after} now, before {one.before or 'nothing'}"


def _role(one: Difference) -> Verdict:
    if len(one.path) <= 2 and one.what == "removed":
        return "error", f"the role {one.name} is gone: who held it loses access"
    if one.name == "access":
        return "warning", f"the role {one.path[1]} opens {one.after} now, before {one.before}"
    return NOTHING

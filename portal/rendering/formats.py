"""Numbers and times in words. Free of Django; the browser says times in the same words."""

from __future__ import annotations

from datetime import date, datetime

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86_400, 604_800
_MONTH, _YEAR = 2_629_800, 31_557_600


COMPARISONS = {"<=": "at most", ">=": "at least", "<": "below", ">": "above", "=": "exactly"}
UNITS = {"percent": "%", "hour": "h", "hours": "h", "minutes": "min", "seconds": "s"}
HOURS_AS_DAYS = 72
SPEAKERS = {"source": "Harvest of", "git": "Git push of", "push": "Push of"}


def relative(then: datetime, now: datetime) -> str:
    """Say how long ago or ahead a moment is: `just now`, `5 min ago`, `3 days ago`, `in 2 h`."""
    seconds = round((now - then).total_seconds())
    span = abs(seconds)
    if span < _MINUTE:
        return "just now"
    words = duration(span)
    return f"{words} ago" if seconds >= 0 else f"in {words}"


def duration(seconds: float) -> str:
    """Say a span of time in its largest fitting unit: `42 s`, `5 min`, `3 days`."""
    span = int(abs(seconds))
    for limit, size, unit in (
        (_MINUTE, 1, "s"),
        (_HOUR, _MINUTE, "min"),
        (_DAY, _HOUR, "h"),
        (_DAY * 14, _DAY, "day"),
        (_DAY * 60, _WEEK, "week"),
        (_DAY * 365 * 2, _MONTH, "month"),
    ):
        if span < limit:
            return _count(span // size, unit)
    return _count(span // _YEAR, "year")


def took(seconds: float | None) -> str:
    """Say how long something took in at most two units: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f} s"
    span = round(seconds)
    if span < _MINUTE:
        return f"{span} s"
    if span < _HOUR:
        return f"{span // _MINUTE} min {span % _MINUTE} s"
    return f"{span // _HOUR} h {span % _HOUR // _MINUTE} min"


def _count(count: int, unit: str) -> str:
    if unit in {"s", "min", "h"}:
        return f"{count} {unit}"
    return f"{max(count, 1)} {unit}{'' if count == 1 else 's'}"


def day(value: date) -> str:
    """Write a day as people do: `3 May 2026`."""
    return f"{value.day} {value:%b %Y}"


def exact(value: datetime) -> str:
    """Write a moment in full, with its zone: `3 May 2026, 14:02 UTC`."""
    return f"{day(value)}, {value:%H:%M} {value.tzname() or ''}".strip()


def thousands(value: float | None) -> str:
    """Group digits: 12,345; a dash for nothing."""
    return "–" if value is None else f"{value:,.0f}"


def short(value: float | None) -> str:
    """Write a large number in at most four signs: 940, 12.3k, 1.2M."""
    if value is None:
        return "–"
    for limit, sign in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            scaled = value / limit
            return (
                f"{scaled:.0f}{sign}"
                if scaled >= 100
                else f"{scaled:.1f}".rstrip("0").rstrip(".") + sign
            )
    return f"{value:.0f}"


def number(value: float | None) -> str:
    """Write a measured number without needless decimals: 6, 0.25, 1,204.5."""
    if value is None:
        return "–"
    digits = 0 if float(value).is_integer() else 1 if abs(value) >= 100 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None) -> str:
    """Write a share of 0 to 1 as a percentage; something never rounds to 0 % nor to 100 %."""
    if share is None:
        return "–"
    value = share * 100
    if 0 < value < 0.1:
        return "<0.1 %"
    if 99.9 < value < 100:
        return ">99.9 %"
    return f"{value:.1f}".rstrip("0").rstrip(".") + " %"


def measure(value: float | None, unit: str = "") -> str:
    """Write a measured value with its unit: 99 %, 2.5 h, 100 days, 1,200 rows."""
    if value is None:
        return "–"
    name = UNITS.get(unit.strip().lower(), unit.strip())
    if name == "h" and value >= HOURS_AS_DAYS and value % 24 == 0:
        value, name = value / 24, "days"
    return f"{number(value)} {name}".strip()


def speaker(name: str) -> str:
    """Name who did something: a person as they are, a harvest or a push in words."""
    kind, found, rest = name.partition(":")
    words = SPEAKERS.get(kind) if found else None
    return f"{words} {rest}" if words else name


def bytes_text(value: float | None) -> str:
    """Write a size: 940 B, 12.4 kB, 3 MB."""
    if value is None:
        return "–"
    size = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return (
                f"{size:.0f} {unit}"
                if unit == "B" or size >= 100
                else f"{size:.1f}".rstrip("0").rstrip(".") + f" {unit}"
            )
        size /= 1000
    return f"{size:,.1f} TB"

"""Turn what drivers hand over into plain values and short texts. Free of Django."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from catalog.descriptors import JsonValue

CELL_LENGTH = 300
STATISTIC_LENGTH = 100


def plain(value: object) -> JsonValue:
    """Return a JSON value for a cell."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    return text_of(value)


def text_of(value: object) -> str:
    """Return a value as text, the same for every driver."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.is_finite() else str(value)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (Mapping, list, tuple)):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, (UUID, timedelta)):
        return str(value)
    return str(value)


def number_text(value: float) -> str:
    """Return a number without needless digits: `3`, `2.5`, `0.333333`."""
    if value != value or abs(value) == float("inf"):
        return str(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def shortened(text: str, length: int) -> str:
    """Cut a text to a length; a cut one ends in an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def whole(value: object) -> int:
    """Return a count a driver handed over in whatever number type."""
    return int(value) if isinstance(value, (int, float, Decimal)) else 0


def real(value: object) -> float | None:
    """Return a finite floating-point number, or nothing."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        number = float(value)
        return number if number == number and abs(number) != float("inf") else None
    return None


def moment(seconds: float) -> datetime | None:
    """Return the UTC time of seconds since 1970, or nothing outside the calendar."""
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None

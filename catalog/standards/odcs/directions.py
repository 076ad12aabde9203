"""How a change moves the set of data a contract allows. Free of Django.

Source: the model of `datacontract breaking` (datacontract-cli 1.2): consumers are hurt by what loosens, producers by
what tightens.
"""

from __future__ import annotations

from typing import Literal

Direction = Literal["tightens", "loosens", "both", "undetermined", "untested"]
Level = Literal["error", "warning", "info"]
TIGHTENS: Direction = "tightens"
LOOSENS: Direction = "loosens"
BOTH: Direction = "both"
UNDETERMINED: Direction = "undetermined"
UNTESTED: Direction = "untested"
LEVELS: tuple[Level, ...] = ("info", "warning", "error")


def for_consumers(direction: Direction) -> Level:
    """Say how a change strikes those who read the data."""
    return _level(direction, LOOSENS)


def for_producers(direction: Direction) -> Level:
    """Say how a change strikes those who make the data."""
    return _level(direction, TIGHTENS)


def worst(levels: list[Level]) -> Level | Literal["none"]:
    """Return the highest of some levels, `none` of none."""
    return max(levels, key=LEVELS.index) if levels else "none"


def _level(direction: Direction, hurting: Direction) -> Level:
    if direction in {hurting, BOTH}:
        return "error"
    return "warning" if direction == UNDETERMINED else "info"

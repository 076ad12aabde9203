"""Why a store refused, in our words: messages of drivers quote cells, so they are sorted and never shown.

Free of Django.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ingestors.connectors.secrets import scrub
from ingestors.errors import SourceUnavailable, Unreadable
from ingestors.profile.subject import BadValue, ItemMissing, TimedOut

BAD = "a value cannot be read as what its column or view says it is"
GONE = "it was there when the harvest began and is not any more"
#: SQLSTATE (its first two or all five characters) and what it means.
_STATES = {
    "22": BAD,
    "42501": "may not be read (permission denied)",
    "42703": "a column that it refers to is not there",
    "42883": "a function that it calls is not there",
    "40": "it was changed while it was read",
    "53": "the store is short of memory, space or connections",
    "54": "it is more than the store can work on at once",
    "55": "it is locked by somebody else",
    "58": "the store cannot read its own files",
    "XX": "the store reports an error of its own",
}
#: Error numbers of MySQL and MariaDB.
_NUMBERS = {
    1142: _STATES["42501"],
    1143: _STATES["42501"],
    1044: _STATES["42501"],
    1054: _STATES["42703"],
    1305: _STATES["42883"],
    1356: "the view refers to what is not there, or may not be read",
    1205: _STATES["55"],
    1264: BAD,
    1292: BAD,
    1366: BAD,
    1411: BAD,
    1690: BAD,
    3141: BAD,
}
#: How messages begin or what they hold, for drivers without codes. What follows in them is not told.
_SIGNS = (
    ("permission denied", _STATES["42501"]),
    ("malformed json", BAD),
    ("could not decode", "a text is not valid UTF-8"),
    ("conversion error", BAD),
    ("integer overflow", BAD),
    ("out of range", BAD),
    ("invalid input", BAD),
    ("no such column", _STATES["42703"]),
    ("no such function", _STATES["42883"]),
    ("no such collation", "a collation that it uses is not there"),
    ("circularly defined", "the view refers to itself"),
    ("disk image is malformed", "the file is damaged"),
    ("not a database", "the file is no database of this kind"),
    ("unable to open", "the file cannot be opened"),
    ("locked", _STATES["55"]),
    ("out of memory", _STATES["53"]),
)
_GONE = ("no such table", "does not exist", "doesn't exist", "no such view")
_STOPPED = ("interrupt", "timeout", "canceling statement", "maximum statement execution time")
#: The name of a type in PostgreSQL's words; it stands before the value.
_TYPE = re.compile(r"invalid input syntax for type ([a-z]+(?: [a-z]+){0,3})(?=:|$)")
_BAD_CLASSES = frozenset({"DataError", "ConversionException", "OutOfRangeException"})


def meaning(error: BaseException | None, *, seconds: float | None = None) -> Unreadable:
    """Return what a driver's error means; neither the statement nor a value is in its text."""
    text = str(error).lower()
    state = str(getattr(error, "sqlstate", None) or "")
    if seconds is not None and any(sign in text for sign in _STOPPED):
        return TimedOut(f"took longer than {seconds:.0f} s")
    if state == "42P01" or (not state and any(sign in text for sign in _GONE)):
        return ItemMissing(GONE)
    reason = _reason(error, state, text)
    return BadValue(reason) if reason.startswith(BAD) else Unreadable(reason)


def _reason(error: Any, state: str, text: str) -> str:
    number = error.args[0] if getattr(error, "args", ()) else None
    found = _STATES.get(state) or _STATES.get(state[:2])
    if not found and isinstance(number, int):
        found = _NUMBERS.get(number)
    if not found and type(error).__name__ in _BAD_CLASSES:
        found = BAD
    if not found and not state:
        found = next((meaning for sign, meaning in _SIGNS if sign in text), None)
    wanted = _TYPE.search(text)
    if found == BAD and wanted:
        return f"{BAD} ({wanted[1]})"
    return found or f"the store refused ({_name(error, state, number)})"


def _name(error: object, state: str, number: object) -> str:
    if state:
        return f"SQLSTATE {state}"
    if isinstance(number, int):
        return f"error {number}"
    return str(getattr(error, "sqlite_errorname", "") or type(error).__name__)


#: What servers say before a table is touched: of hosts, users and databases.
_GREETINGS = frozenset({"08", "28", "3D", "57"})
_GREETING_NUMBERS = frozenset({1040, 1045, 1049, 1130, 2002, 2003, 2005, 2006, 2013, 2055})


def unavailable(error: SQLAlchemyError) -> SourceUnavailable:
    """Return why a store does not answer: in its own words where they are of the connection."""
    inner: Any = getattr(error, "orig", None) or error
    state = str(getattr(inner, "sqlstate", None) or "")
    number = inner.args[0] if inner.args else None
    is_unreached = not state and type(inner).__module__.startswith("psycopg")
    if is_unreached or state[:2] in _GREETINGS or number in _GREETING_NUMBERS:
        lines = str(inner).strip().splitlines() or [type(inner).__name__]
        return SourceUnavailable(scrub(lines[0])[:300])
    return SourceUnavailable(str(meaning(inner)))

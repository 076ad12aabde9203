"""Values that stand inside other texts: literals of statements, what a message quotes. Free of Django.

A statement or a message is metadata; the values it quotes are data, and stay behind.
"""

from __future__ import annotations

import re

HIDDEN = "•••"
#: A backslash escapes a quote there, and double quotes make strings of some.
_BACKSLASH = frozenset(
    {"mysql", "mariadb", "bigquery", "spark", "databricks", "hive", "clickhouse", "snowflake"}
)
_DOUBLE = frozenset({"mysql", "mariadb", "bigquery", "spark", "databricks", "hive"})

_UNIT = (
    r"(?:micro|milli)?seconds?|minutes?|mins?|hours?|days?|weeks?|months?|mons?|quarters?|years?"
    r"|decades?|centur(?:y|ies)|epoch|dow|isodow|doy|isoyear"
)
#: Literals that are part of the language rather than of the data.
_OF_THE_LANGUAGE = re.compile(
    rf"""[^\w]*                                             # blanks and separators
    |\w                                                     # a single character: a flag
    |\d{{1,3}}                                              # a small number
    |(?:%-?[A-Za-z]|[^\w%])+                                # %Y-%m-%d
    |(?-i:(?:YYYY|YY|yyyy|yy|MM|MON|Mon|Month|DDD|DD|dd|HH24|HH12|HH|hh|MI|mm|SS|ss|SSS|MS|US|AM|PM
        |TZ|FM|TH|IYYY|IW|WW|[^\w])+)                      # YYYY-MM-DD
    |[+-]?\ ?(?:\d{{1,4}}\ ?)?(?:{_UNIT})                   # 7 days
    |\$[\w.\[\]*]*                                          # $.a.b
    |true|false|yes|no|t|f|y|n|null|none|n/a|unknown|other|utc|gmt|now|today|localtime|unixepoch
    |start\ of\ (?:day|month|year)|utf-?8|escape|hex|base64""",
    re.VERBOSE | re.IGNORECASE,
)
_LONG_NUMBER = r"(?<![\w.•])(?:\d[\d_]{5,}(?:\.\d+)?|\d+\.\d{4,})(?![\w.])"
_COMMENT = r"--[^\n]*|/\*.*?(?:\*/|\Z)"
_DOLLAR = r"\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z)"
_PLAIN = r"'(?:[^']|'')*(?:'|\Z)"
_ESCAPED = r"'(?:[^'\\]|''|\\.)*(?:'|\Z)"
_STRING_DOUBLE = r'"(?:[^"\\]|""|\\.)*(?:"|\Z)'
_IDENTIFIER = r'"(?:[^"]|"")*(?:"|\Z)|`[^`]*(?:`|\Z)'


def _scanner(*, escaped: bool, double: bool) -> re.Pattern[str]:
    quote = _ESCAPED if escaped else _PLAIN
    strings = rf"(?<![\w])[Ee]{_ESCAPED}|{quote}" + (rf"|{_STRING_DOUBLE}" if double else "")
    return re.compile(
        rf"(?P<comment>{_COMMENT})|(?P<string>{_DOLLAR}|{strings})"
        rf"|(?P<name>{_IDENTIFIER})|(?P<number>{_LONG_NUMBER})",
        re.DOTALL,
    )


_SCANNERS = {
    (escaped, double): _scanner(escaped=escaped, double=double)
    for escaped in (False, True)
    for double in (False, True)
}


def mask_literals(statement: str, technology: str = "") -> str:
    """Return a statement with its literals hidden; what belongs to the language stays.

    Formats of dates, units, flags and small numbers are of the language. Masked twice is masked once.
    """
    kind = technology.lower()
    is_backticked = not kind and "`" in statement
    scanner = _SCANNERS[(kind in _BACKSLASH or is_backticked, kind in _DOUBLE or is_backticked)]
    return scanner.sub(_hidden, statement)


def _hidden(found: re.Match[str]) -> str:
    text = found[0]
    if found["string"] is not None:
        return text if _is_of_the_language(text) else f"'{HIDDEN}'"
    if found["comment"] is not None:
        return without_values(text)
    if found["name"] is not None:
        return f'"{HIDDEN}"' if _ADDRESS.search(text) or _DIGITS.search(text) else text
    return f"'{HIDDEN}'"


def _is_of_the_language(literal: str) -> bool:
    start = literal.find(literal[-1])
    is_closed = literal[-1] in "'\"" and literal[0] != "$" and start < len(literal) - 1
    return is_closed and bool(_OF_THE_LANGUAGE.fullmatch(literal[start + 1 : -1]))


_ADDRESS = re.compile(r"[^\s@'\"<>(),;]+@[^\s@'\"<>(),;]+")
_DIGITS = re.compile(r"\+?\d[\d ().\-/:]{4,}\d")
_QUOTED = re.compile(
    r"'(?:[^'\n]|'(?=\w))*'|\"[^\"\n]*\"|`[^`\n]*`|“[^”\n]*”|«[^»\n]*»|‘[^’\n]*’|„[^“\n]*“"
)
_KEY = re.compile(r"=\s*\([^)\n]*\)|(?<==)[^\s,;)]+")


def without_values(message: str) -> str:
    """Return a message of another program without what it quotes, addresses and long numbers."""
    for pattern, kept in ((_QUOTED, HIDDEN), (_KEY, f"({HIDDEN})"), (_ADDRESS, HIDDEN)):
        message = pattern.sub(kept, message)
    return _DIGITS.sub(HIDDEN, message)

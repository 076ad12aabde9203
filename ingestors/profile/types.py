"""Logical types of columns from what stores call them. Free of Django."""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, str], ...] = (
    (r"\[\]$|^array|^list", "array"),
    (r"^struct|^map|^jsonb?|^object|^row\(|hstore|xml|^union", "object"),
    (r"^bool|^bit$|^bit\(1\)$|^tinyint\(1\)$", "boolean"),
    (r"timestamp|datetime|smalldatetime", "timestamp"),
    (r"^date", "date"),
    (r"^time", "time"),
    (r"interval", "string"),
    (r"blob|binary|bytea|^image|^raw|geometry|geography", "binary"),
    (r"^u?(tiny|small|medium|big|huge)?int(eger)?\d*\b|^(big|small)?serial|^year", "integer"),
    (r"^(number|numeric|decimal|dec)\(\d+\)$|^(number|numeric|decimal|dec)\(\d+, ?0\)$", "integer"),
    (r"^num|^dec|real|double|float", "number"),
)
_COMPILED = tuple((re.compile(pattern), logical) for pattern, logical in _RULES)


def logical_type(native: str) -> str:
    """Return the logical type of a native one: `VARCHAR(20)` is `string`; unknown ones too."""
    name = native.strip().lower()
    for pattern, logical in _COMPILED:
        if pattern.search(name):
            return logical
    return "string"

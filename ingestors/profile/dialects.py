"""How each kind of store says what a profile needs to ask. Free of Django."""

from __future__ import annotations

EMAIL_PATTERN = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+[.][A-Za-z]"


class Dialect:
    """Standard SQL; subclasses say what their store says otherwise."""

    name = "sql"
    text_type = "VARCHAR(4000)"
    can_approximate = False
    reads_dates_in_text = False

    def quote(self, identifier: str) -> str:
        """Quote an identifier."""
        return '"' + identifier.replace('"', '""') + '"'

    def text(self, expression: str) -> str:
        """Turn a value into text."""
        return f"CAST({expression} AS {self.text_type})"

    def number(self, expression: str) -> str:
        """Turn a value of a number column into a number, or nothing when it is none."""
        return expression

    def real(self, expression: str) -> str:
        """Turn a number into a floating-point number."""
        return f"CAST({expression} AS DOUBLE PRECISION)"

    def floor(self, expression: str) -> str:
        """Cut a number that is not negative to a whole one."""
        return f"FLOOR({expression})"

    def epoch(self, expression: str, native_type: str) -> str:
        """Turn a date or a timestamp into seconds since 1970 (UTC)."""
        return f"EXTRACT(EPOCH FROM {expression})"

    def length(self, expression: str) -> str:
        """Count the characters of a text."""
        return f"LENGTH({expression})"

    def distinct(self, expression: str, *, approximate: bool, few: bool = False) -> str:
        """Count different values. `few` says that there are some thousand rows at most."""
        return f"COUNT(DISTINCT {expression})"

    def holds_email(self, expression: str) -> str:
        """Tell whether a text holds what looks like an e-mail address."""
        return f"{expression} LIKE '%_@_%._%'"

    def shown(self, expression: str, logical: str) -> str:
        """Select a value in a form that its driver can hand over."""
        return expression

    def limited(self, relation: str, rows: int) -> str:
        """Take the first rows of a relation."""
        return f"(SELECT * FROM {relation} LIMIT {rows}) AS t"


class DuckDb(Dialect):
    """DuckDB."""

    name = "duckdb"
    text_type = "VARCHAR"
    can_approximate = True

    def real(self, expression: str) -> str:
        """Turn a number into a floating-point number."""
        return f"CAST({expression} AS DOUBLE)"

    def epoch(self, expression: str, native_type: str) -> str:
        """Turn a date or a timestamp into seconds since 1970 (UTC)."""
        return f"epoch({expression})"

    def distinct(self, expression: str, *, approximate: bool, few: bool = False) -> str:
        """Count different values; above a limit by HyperLogLog, few of them three times as fast."""
        if approximate:
            return f"approx_count_distinct({expression})"
        if few:
            return f"list_unique(list({expression}))"
        return super().distinct(expression, approximate=False)

    def holds_email(self, expression: str) -> str:
        """Tell whether a text holds what looks like an e-mail address."""
        return f"(contains({expression}, '@') AND regexp_matches({expression}, '{EMAIL_PATTERN}'))"

    def shown(self, expression: str, logical: str) -> str:
        """Select a value in a form that its driver can hand over without further packages."""
        if logical in ("integer", "number", "boolean"):
            return expression
        if logical in ("object", "array"):
            return f"CAST(to_json({expression}) AS VARCHAR)"
        if logical == "binary":
            return f"'<' || octet_length({expression}) || ' bytes>'"
        return self.text(expression)


class Sqlite(Dialect):
    """SQLite: any cell may hold any type, so numbers and dates are checked cell by cell."""

    name = "sqlite"
    text_type = "TEXT"
    reads_dates_in_text = True

    def number(self, expression: str) -> str:
        """Turn a value of a number column into a number, or nothing when it is none."""
        return f"CASE WHEN typeof({expression}) IN ('integer', 'real') THEN {expression} END"

    def real(self, expression: str) -> str:
        """Turn a number into a floating-point number."""
        return f"CAST({expression} AS REAL)"

    def floor(self, expression: str) -> str:
        """Cut a number that is not negative to a whole one."""
        return f"CAST({expression} AS INTEGER)"

    def epoch(self, expression: str, native_type: str) -> str:
        """Read ISO text, or seconds (milliseconds) since 1970."""
        return (
            f"CASE typeof({expression})"
            f" WHEN 'text' THEN CAST(strftime('%s', {expression}) AS INTEGER)"
            f" WHEN 'integer' THEN CASE WHEN ABS({expression}) > 100000000000"
            f" THEN {expression} / 1000 ELSE {expression} END END"
        )

    def holds_email(self, expression: str) -> str:
        """Tell whether a text holds what looks like an e-mail address."""
        return f"({expression} LIKE '%_@_%._%' AND {expression} NOT LIKE '% @%')"


class Postgres(Dialect):
    """PostgreSQL."""

    name = "postgresql"
    text_type = "TEXT"

    def epoch(self, expression: str, native_type: str) -> str:
        """Turn a date or a timestamp into seconds since 1970; the infinities are no date."""
        return f"CASE WHEN isfinite({expression}) THEN EXTRACT(EPOCH FROM {expression}) END"

    def holds_email(self, expression: str) -> str:
        """Tell whether a text holds what looks like an e-mail address."""
        return f"({expression} LIKE '%@%' AND {expression} ~ '{EMAIL_PATTERN}')"


class MySql(Dialect):
    """MySQL and MariaDB."""

    name = "mysql"
    text_type = "CHAR"

    def quote(self, identifier: str) -> str:
        """Quote an identifier."""
        return "`" + identifier.replace("`", "``") + "`"

    def real(self, expression: str) -> str:
        """Turn a number into a floating-point number."""
        return f"({expression} + 0.0e0)"

    def epoch(self, expression: str, native_type: str) -> str:
        """Turn a date or a timestamp into seconds since 1970 (UTC)."""
        return f"TIMESTAMPDIFF(SECOND, '1970-01-01', {expression})"

    def length(self, expression: str) -> str:
        """Count the characters of a text."""
        return f"CHAR_LENGTH({expression})"

    def holds_email(self, expression: str) -> str:
        """Tell whether a text holds what looks like an e-mail address."""
        return f"({expression} LIKE '%@%' AND {expression} REGEXP '{EMAIL_PATTERN}')"


DIALECTS: dict[str, Dialect] = {
    "sqlite": Sqlite(),
    "postgresql": Postgres(),
    "mysql": MySql(),
    "mariadb": MySql(),
    "duckdb": DuckDb(),
}


def dialect_of(name: str) -> Dialect:
    """Return how a kind of store speaks; standard SQL for one not known."""
    return DIALECTS.get(name, Dialect())

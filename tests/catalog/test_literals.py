"""Values that stand inside statements and messages are data and stay behind."""

from __future__ import annotations

import pytest

from catalog.literals import mask_literals, without_values


@pytest.mark.parametrize(
    ("statement", "technology", "kept"),
    [
        ("SELECT * FROM t WHERE a = 'Maria'", "", "SELECT * FROM t WHERE a = '•••'"),
        ("SELECT 'it''s her', b FROM t", "", "SELECT '•••', b FROM t"),
        ("SELECT 'C:\\', 'Smith'", "postgresql", "SELECT '•••', '•••'"),
        ("SELECT 'O\\'Brien', \"Joe\" FROM `t`", "mysql", "SELECT '•••', '•••' FROM `t`"),
        ("SELECT E'O\\'Brien', $x$Joe$x$", "postgresql", "SELECT '•••', '•••'"),
        ("SELECT 'never closed", "", "SELECT '•••'"),
        ("WHERE phone = 442079460123 AND n > 5", "", "WHERE phone = '•••' AND n > 5"),
        ("WHERE lat = 52.520008 AND share < 0.25", "", "WHERE lat = '•••' AND share < 0.25"),
        ("SELECT 1 -- not 'Bo', nor bo@b.example", "", "SELECT 1 -- not •••, nor •••"),
        ("SELECT 1 /* bo@b.example */", "", "SELECT 1 /* ••• */"),
        ('WHERE mail = "bo@b.example"', "sqlite", 'WHERE mail = "•••"'),
        (
            'SELECT "first name" FROM "Order Details"',
            "",
            'SELECT "first name" FROM "Order Details"',
        ),
        ("SELECT strftime('%Y-%m', d), date(d, '-7 days')", "", None),
        ("SELECT to_char(d, 'YYYY-MM-DD'), date_trunc('month', d), a || ', ' || b", "", None),
        ("SELECT json_extract(x, '$.a.b'), coalesce(c, ''), flag = 'Y', now() - '1 day'", "", None),
    ],
)
def test_literals_are_hidden_and_the_language_stays(
    statement: str, technology: str, kept: str | None
) -> None:
    masked = mask_literals(statement, technology)
    assert masked == (statement if kept is None else kept)
    assert mask_literals(masked, technology) == masked


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ('invalid input syntax for type integer: "bo@b.example"',
         "invalid input syntax for type integer: •••"),
        ("Key (email)=(bo) already exists", "Key (email)(•••) already exists"),
        ("could not parse 'it's' of 442079460123", "could not parse ••• of •••"),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
    ],
)  # fmt: skip
def test_what_a_message_quotes_is_left_out(message: str, kept: str) -> None:
    assert without_values(message) == kept

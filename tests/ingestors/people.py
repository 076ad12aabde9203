"""A made-up store full of personal and secret values, each of which must stay where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

COUNT = 45
_SYLLABLES = ("zan", "qui", "vor", "mek", "thul", "bri", "xan", "dru", "pol", "wex")


def _word(number: int) -> str:
    parts = [_SYLLABLES[number // 10**place % 10] for place in range(3)]
    return "".join(parts).capitalize()


def first_name(n: int) -> str:
    """Return a first name that nothing else is called."""
    return f"{_word(n * 7 + 3)}ia"


def last_name(n: int) -> str:
    """Return a family name that nothing else is called."""
    return f"{_word(n * 13 + 511)}orp"


def full_name(n: int) -> str:
    """Return first and family name."""
    return f"{first_name(n)} {last_name(n)}"


def email(n: int) -> str:
    """Return an address of a domain that is not there."""
    return f"{last_name(n).lower()}{n}@quovadimus.example"


def phone(n: int) -> str:
    """Return a number that is kept free for stories."""
    return (f"+44 20 7946 0{n:03d}", f"(212) 555-{n:04d}", f"030 901820{n:02d}")[n % 3]


def address(n: int) -> str:
    """Return a street and a house number."""
    return f"{117 + n} {_word(n * 3 + 77)}wood Road"


def birth_date(n: int) -> str:
    """Return a day of the last century."""
    return f"19{41 + n % 50}-{1 + n % 12:02d}-{1 + (n * 11) % 28:02d}"


def national_id(n: int) -> str:
    """Return a US social security number."""
    return f"{219 + n:03d}-{11 + n % 80:02d}-{4321 + n * 17:04d}"


def card(n: int) -> str:
    """Return a card number with a right check digit."""
    body = f"4539{n:04d}8612{n * 3:03d}"
    return body + str(luhn.calc_check_digit(body))


def iban(n: int) -> str:
    """Return a German IBAN with a right check number."""
    account = f"37040044{532013000 + n * 977:010d}"
    return f"DE{mod_97_10.calc_check_digits(account + 'DE')}{account}"


def ip_address(n: int) -> str:
    """Return an address of a documentation network."""
    return f"203.0.113.{n + 100}"


def credential(n: int) -> str:
    """Return what looks like a token of a code host."""
    return f"ghp_{_word(n)}{_word(n * 31 + 9)}{'A1b2C3d4E5f6G7h8'}{n:04d}"


def diagnosis(n: int) -> str:
    """Return an illness that nobody has."""
    return f"{_word(n * 17 + 91)} syndrome"


def latitude(n: int) -> str:
    """Return a precise degree."""
    return f"{51.473291 + n * 0.013117:.6f}"


MAKERS: dict[str, Callable[[int], str]] = {
    "first_name": first_name,
    "last_name": last_name,
    "full_name": full_name,
    "email": email,
    "phone": phone,
    "home_address": address,
    "birth_date": birth_date,
    "ssn": national_id,
    "card_number": card,
    "iban": iban,
    "ip_address": ip_address,
    "api_token": credential,
    "diagnosis": diagnosis,
    "latitude": latitude,
}
#: What stands for itself, whatever its column is called.
TELLING = (
    "email",
    "phone",
    "home_address",
    "ssn",
    "card_number",
    "iban",
    "ip_address",
    "api_token",
)
TABLES = ("customer", "odd", "ticket", "event", "visit", "call")
TEXTS = {
    "email": "please answer to {} before Friday",
    "phone": "wants to be called on {} in the evening",
    "home_address": "parcel goes to {} next week",
    "ssn": "gave the number {} at the desk",
    "card_number": "paid with {} at the till",
    "iban": "money back to {} please",
    "ip_address": "signed in from {} twice",
    "api_token": "the script uses {} still",
    "full_name": "spoke to {} about the refund",
}


def raw_values() -> frozenset[str]:
    """Return every value that must not be found anywhere."""
    found = {make(n) for make in MAKERS.values() for n in range(COUNT)}
    return frozenset(found | {email(n).partition("@")[0] for n in range(COUNT)})


def fill(db: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Make the tables in a DuckDB; return their names."""
    people = [
        [str(n), *(make(n) for make in MAKERS.values()), f"-0.1{n:05d}"] for n in range(COUNT)
    ]
    _table(db, "customer", ["customer_id", *MAKERS, "longitude"], people)
    _table(
        db,
        "odd",
        [f"c{n}" for n in range(len(TELLING))],
        [[MAKERS[name](n) for name in TELLING] for n in range(COUNT)],
    )
    notes = [
        [
            str(n),
            *(TEXTS[name].format(MAKERS[name](n)) if n % 5 == 0 else "nothing" for name in TEXTS),
        ]
        for n in range(COUNT)
    ]
    _table(db, "ticket", ["ticket_id", *(f"text_{n}" for n in range(len(TEXTS)))], notes)
    documents = [
        [str(n), f'{{"who": {{"mail": "{email(n)}", "phones": ["{phone(n)}"]}}, "n": {n}}}', str(n)]
        for n in range(COUNT)
    ]
    _table(db, "event", ["event_id", "payload", "amount"], documents)
    _table(db, "visit", ["visit_id", "remark"], _late(email))
    _table(db, "call", ["call_id", "remark"], _late(full_name))
    return TABLES


def _late(make: Callable[[int], str]) -> list[list[str]]:
    """Return rows of which just the last few hold anything, first and last in the alphabet."""
    rows = [[str(n), "fine"] for n in range(3_000)]
    for n, start in enumerate(("aaa met", "zzz met", "zzzz met")):
        rows.append([str(3_000 + n), f"{start} {make(n)} {'in the yard ' * 9}"])
    return rows


def _table(
    db: duckdb.DuckDBPyConnection, name: str, columns: list[str], rows: list[list[str]]
) -> None:
    db.execute(f"CREATE TABLE {name} ({', '.join(f'{c} VARCHAR' for c in columns)})")
    db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)


def write_files(folder: Path, form: str) -> None:
    """Write each table as a file."""
    options = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet", "ndjson": "FORMAT json"}
    with duckdb.connect() as db:
        for name in fill(db):
            db.execute(f"COPY {name} TO '{folder / f'{name}.{form}'}' ({options[form]})")


def all_rows() -> dict[str, tuple[list[str], list[tuple[str, ...]]]]:
    """Return the tables as columns and rows, for databases."""
    found = {}
    with duckdb.connect() as db:
        for name in fill(db):
            rows = db.execute(f"SELECT * FROM {name}").fetchall()
            columns = [str(row[0]) for row in db.execute(f"DESCRIBE {name}").fetchall()]
            found[name] = (columns, rows)
    return found

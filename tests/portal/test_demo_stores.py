"""The made-up stores of the demo: their size, their rows, and how they evolve."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import phonenumbers
import pytest
from stdnum import iban, luhn
from stdnum.nl import bsn

from portal.demo.stores import advance, generate
from portal.demo.stores.spec import PlanUnreadable, read_plan, read_plans

FIRST_DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stores at the end of their first day; tests only read them."""
    folder = tmp_path_factory.mktemp("stores")
    generate(folder, FIRST_DAY)
    return folder


def rows(folder: Path, store: str, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / f"{store}.sqlite")) as database:
        return database.execute(sql).fetchall()


def test_the_stores_are_of_the_promised_size(stores: Path) -> None:
    plans = read_plans()
    tables = [table for plan in plans for table in plan.tables]
    names = {
        plan.key: [*(t.name for t in plan.tables), *(v.name for v in plan.views)]
        for plan in plans
        if plan.kind == "sqlite"
    }
    columns = sum(len(t.columns) for plan in plans if plan.kind == "files" for t in plan.tables)
    for store, things in names.items():
        for thing in things:
            columns += len(rows(stores, store, f"SELECT * FROM pragma_table_info('{thing}')"))
    assert len(plans) == 17
    assert 115 <= len(tables) + sum(len(plan.views) for plan in plans) <= 140
    assert 1400 <= columns <= 1600
    assert sum(table.rows for table in tables) >= 150_000


def test_every_planned_table_and_view_can_be_read(stores: Path) -> None:
    for plan in read_plans():
        names = [table.name for table in plan.tables] + [view.name for view in plan.views]
        if plan.kind == "sqlite":
            for name in names:
                assert rows(stores, plan.key, f"SELECT count(*) FROM {name}")[0][0], name
        else:
            found = {path.name.partition(".")[0] for path in (stores / plan.key).iterdir()}
            assert found == set(names)


def test_partitions_carry_their_day_and_parquet_keeps_types(stores: Path) -> None:
    days = sorted(path.name for path in (stores / "play-events" / "play_event").iterdir())
    assert days[-1] == f"event_date={FIRST_DAY}"
    described = duckdb.execute(
        f"DESCRIBE SELECT * FROM '{stores}/risk/exposure.parquet'"
    ).fetchall()
    types = {name: kind for name, kind, *_ in described}
    assert types["insured_sum"] == "DECIMAL(12,2)"
    assert types["loaded_at"] == "TIMESTAMP"


def test_numbers_of_people_pass_the_checks_of_their_kind(stores: Path) -> None:
    cards = rows(stores, "billing", "SELECT card_number FROM payment WHERE card_number > ''")
    accounts = rows(stores, "claims", "SELECT payee_iban FROM claim_payment LIMIT 200")
    citizens = rows(stores, "special-investigations", "SELECT national_id FROM suspect")
    phones = rows(stores, "customer", "SELECT phone FROM customer WHERE phone > '' LIMIT 200")
    assert all(luhn.is_valid(str(value)) for (value,) in cards)
    assert all(iban.is_valid(str(value)) for (value,) in accounts)
    assert all(bsn.is_valid(str(value)) for (value,) in citizens)
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(str(v))) for (v,) in phones)


def test_comments_keys_and_indexes_are_in_the_schema(stores: Path) -> None:
    sql = rows(stores, "claims", "SELECT sql FROM sqlite_master WHERE name = 'claim'")[0][0]
    assert "-- Claims as notified" in str(sql)
    assert "-- Claim number, printed on every letter" in str(sql)
    keys = rows(stores, "claims", "SELECT * FROM pragma_foreign_key_list('claim_payment')")
    assert [(key[2], key[3]) for key in keys] == [("claim", "claim_id")]
    assert rows(stores, "claims", "SELECT * FROM pragma_index_list('claim')")


def test_there_are_orphans_duplicates_and_missing_values(stores: Path) -> None:
    orphans = (
        "SELECT count(*) FROM claim_payment AS p LEFT JOIN claim AS c USING (claim_id) "
        "WHERE c.claim_id IS NULL"
    )
    repeated = "SELECT count(*) - count(DISTINCT isrc) FROM track"
    assert rows(stores, "claims", orphans)[0][0]
    assert rows(stores, "artists", repeated)[0][0]
    assert rows(stores, "customer", "SELECT count(*) FROM customer WHERE email IS NULL")[0][0]


def test_the_same_seed_gives_the_same_rows_and_the_stores_evolve(
    stores: Path, tmp_path: Path
) -> None:
    generate(tmp_path, FIRST_DAY)
    query = "SELECT * FROM customer ORDER BY customer_id LIMIT 500"
    assert rows(tmp_path, "customer", query) == rows(stores, "customer", query)
    before = rows(tmp_path, "claims", "SELECT count(*) FROM claim")[0][0]
    advance(tmp_path, FIRST_DAY + timedelta(days=5))
    missing = "SELECT count(*) FROM invoice WHERE due_on IS NULL"
    assert rows(tmp_path, "billing", missing)[0][0]
    assert rows(tmp_path, "agency", "SELECT count(*) FROM agent_bonus_2024")
    advance(tmp_path, FIRST_DAY + timedelta(days=14))
    after = rows(tmp_path, "claims", "SELECT count(*) FROM claim")[0][0]
    assert isinstance(before, int)
    assert after == before + 14 * 34
    assert rows(tmp_path, "billing", missing)[0][0] == 0
    assert rows(tmp_path, "claims", "SELECT count(fraud_score) FROM claim")[0][0] == after
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        rows(tmp_path, "agency", "SELECT count(*) FROM agent_bonus_2024")
    stale = duckdb.execute(
        f"SELECT max(indexed_at) FROM '{tmp_path}/podcasts/transcript_index.parquet'"
    ).fetchall()
    assert stale[0][0].date() == FIRST_DAY + timedelta(days=3)


def test_a_day_told_twice_changes_nothing_and_today_ends_now(stores: Path, tmp_path: Path) -> None:
    shutil.copytree(stores, tmp_path, dirs_exist_ok=True)
    next_day = FIRST_DAY + timedelta(days=1)
    now = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    advance(tmp_path, next_day, until=now)
    newest = "SELECT max(reported_at), count(*) FROM claim"
    told = rows(tmp_path, "claims", newest)
    advance(tmp_path, next_day, until=now)
    assert rows(tmp_path, "claims", newest) == told
    assert "2026-03-03 00:00:00" < str(told[0][0]) <= "2026-03-03 09:30:00"


def test_an_unreadable_plan_names_the_line() -> None:
    with pytest.raises(PlanUnreadable, match="needs a name and a generator"):
        read_plan("store x sqlite\n\n== t rows=3 ; T\nlonely", {})
    with pytest.raises(PlanUnreadable, match="store KEY"):
        read_plan("store x oracle", {})

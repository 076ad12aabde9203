"""How long the profile of a large Parquet file takes: `python -m benchmarks.profile [ROWS]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.setting import machine, peak_memory

#: Twenty columns as stores have them: keys, words, numbers, money, times, people, texts.
COLUMNS = """
    i AS claim_id,
    'P-' || (hash(i, 1) % 400000)::VARCHAR AS policy_number,
    (hash(i, 2) % 250000)::INTEGER AS customer_id,
    ['open', 'paid', 'closed', 'refused'][1 + (hash(i, 3) % 4)::INTEGER] AS status,
    ['motor', 'home', 'travel', 'health', 'liability'][1 + (hash(i, 4) % 5)::INTEGER] AS line,
    (hash(i, 5) % 1000000)::DECIMAL(18, 2) / 100 AS reserve,
    CASE WHEN hash(i, 6) % 10 < 3 THEN NULL ELSE (hash(i, 7) % 5000000) / 100.0 END AS paid,
    DATE '2020-01-01' + (hash(i, 8) % 2000)::INTEGER AS loss_date,
    TIMESTAMP '2020-01-01' + INTERVAL (hash(i, 9) % 170000000) SECOND AS reported_at,
    TIMESTAMPTZ '2020-01-01 00:00:00+00' + INTERVAL (hash(i, 10) % 170000000) SECOND AS updated_at,
    hash(i, 11) % 2 = 0 AS is_litigated,
    ['Ana', 'Bo', 'Chen', 'Dora', 'Emil'][1 + (hash(i, 12) % 5)::INTEGER] || ' '
        || ['Moreau', 'Lind', 'Osei', 'Roth'][1 + (hash(i, 13) % 4)::INTEGER] AS claimant_name,
    'person' || (hash(i, 14) % 250000)::VARCHAR || '@mail.example.net' AS claimant_email,
    '+44 20 7946 0' || lpad((hash(i, 15) % 1000)::VARCHAR, 3, '0') AS claimant_phone,
    lpad((hash(i, 16) % 99999)::VARCHAR, 5, '0') AS postcode,
    (hash(i, 17) % 18000) / 100.0 - 90 AS latitude,
    (hash(i, 18) % 36000) / 100.0 - 180 AS longitude,
    'Vehicle ' || (hash(i, 19) % 90)::VARCHAR || ' was hit at the crossing, see file '
        || (hash(i, 20) % 1000000)::VARCHAR || '; repair is under way' AS note,
    md5(i::VARCHAR) AS checksum,
    (hash(i, 21) % 1000)::SMALLINT AS handler
"""


def write(path: Path, rows: int) -> None:
    """Write a Parquet file of mixed columns, the same each time."""
    import duckdb

    with duckdb.connect() as db:
        db.execute(
            f"COPY (SELECT {COLUMNS} FROM range({rows}) r(i)) TO '{path}'"
            " (FORMAT parquet, ROW_GROUP_SIZE 122880)"
        )


def run(rows: int = 1_000_000) -> None:
    """Read the file through the connector, cold and warm; print seconds and memory."""
    from ingestors.connectors.base import Table
    from ingestors.connectors.registry import open_connector

    with tempfile.TemporaryDirectory(prefix="gazetteer-bench-") as folder:
        path = Path(folder) / "claims.parquet"
        write(path, rows)
        for word in ("first", "again"):
            connector = open_connector("files", {"path": str(path), "namespace": "file://bench"})
            start = time.perf_counter()
            (table,) = (record for record in connector.read() if isinstance(record, Table))
            seconds = time.perf_counter() - start
            if (seen := table.observation) is None:
                raise SystemExit("the rows were not read")
            masked = sum(1 for c in table.descriptor.columns if c.sensitivity not in (None, "none"))
            print(
                f"profile, {word}: {seconds:.2f} s for {seen.rows_profiled:,} rows of"
                f" {len(seen.columns)} columns, {masked} of them sensitive"
                f" ({path.stat().st_size / 1e6:.0f} MB of Parquet, peak {peak_memory():.0f} MB; {machine()})"
            )
            for note in seen.notes:
                print(f"  {note}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

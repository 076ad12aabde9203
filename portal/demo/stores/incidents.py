"""What goes wrong, and is put right, while the stores live: SQL by day and store."""

from __future__ import annotations

INCIDENTS: dict[tuple[int, str], tuple[str, ...]] = {
    # A change of the print job loses the due date of every fifth invoice; it is repaired.
    (4, "billing"): ("UPDATE invoice SET due_on = NULL WHERE rowid % 5 = 0",),
    (9, "billing"): (
        "UPDATE invoice SET due_on = date(issued_on, '+30 days') WHERE due_on IS NULL",
    ),
    # A second run of an import doubles a quarter of the tax rates; the copies go a week later.
    (3, "streaming-payments"): (
        "INSERT INTO tax_rate SELECT rate_id + 1000, country_code, kind, percent, valid_from, "
        "valid_to FROM tax_rate WHERE rate_id % 4 = 0",
    ),
    (10, "streaming-payments"): ("DELETE FROM tax_rate WHERE rate_id > 1000",),
    # Unknown states appear in claims, which the declared check of allowed values finds.
    (7, "claims"): ("UPDATE claim SET status = 'tbd' WHERE rowid % 60 = 0",),
    (11, "claims"): ("UPDATE claim SET status = 'in-review' WHERE status = 'tbd'",),
    # Policies sold by a bank get the code of the bank's own list; nobody has noticed yet.
    (12, "policy"): ("UPDATE policy SET line_of_business = 'MOT' WHERE rowid % 90 = 0",),
    # An import writes refunds as negative quotes; customers get a state that nobody agreed on.
    (10, "underwriting"): (
        "UPDATE quote SET gross_premium = -gross_premium WHERE rowid % 300 = 0",
    ),
    (12, "customer"): ("UPDATE customer SET kyc_status = 'unknown' WHERE rowid % 70 = 0",),
    (11, "streaming-payments"): ("UPDATE subscription SET status = 'paused' WHERE rowid % 45 = 0",),
    # Genres lose their names for two days.
    (5, "artists"): ("UPDATE release SET genre = '' WHERE rowid % 8 = 0",),
    (8, "artists"): ("UPDATE release SET genre = 'folk' WHERE genre = ''",),
}

"""What backups there are, for the operation page."""

from __future__ import annotations

from portal.models import Backup


def last_backup() -> Backup | None:
    """Return the newest archive that was written in full, or None."""
    return Backup.objects.first()

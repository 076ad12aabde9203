"""What the ingestors tell the floors above."""

from django.dispatch import Signal

#: A run waits for a worker; sent after the commit with `run_id`.
run_queued = Signal()

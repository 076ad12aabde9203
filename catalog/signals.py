"""What the catalog tells the floors above."""

from django.dispatch import Signal

#: Events were recorded; sent after their commit, without arguments: whoever follows the log may look now.
events_recorded = Signal()

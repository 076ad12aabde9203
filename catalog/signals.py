"""What the catalog tells the floors above."""

from django.dispatch import Signal

#: Events were recorded; sent after their commit, without arguments: whoever follows the log may look now.
events_recorded = Signal()

#: Names have a new owner: `claim` (a NamespaceClaim) and `token`, the audience of what was kept apart
#: under them until now. Sent in the transaction of the change.
namespace_taken = Signal()

"""What a domain does with contracts that break their consumers."""

from __future__ import annotations

from django.db import transaction

from catalog.events.log import NewEvent, record
from catalog.models import Domain, User
from catalog.models.domains import BREAKING_CHOICES


def set_breaking_changes(domain: Domain, policy: str, *, by: User) -> None:
    """Let a domain `flag` or `refuse` breaks without a new major version. Raises ValueError."""
    allowed = [name for name, _ in BREAKING_CHOICES]
    if policy not in allowed:
        raise ValueError(f"{policy!r} is no policy; allowed are {', '.join(allowed)}")
    if domain.breaking_changes == policy:
        return
    with transaction.atomic():
        Domain.objects.filter(pk=domain.pk).update(breaking_changes=policy)
        domain.breaking_changes = policy
        event = NewEvent(
            type="domain.saved",
            actor=by,
            actor_name=str(by),
            subject_kind="domain",
            subject_key=domain.key,
            subject_id=domain.pk,
            audience=domain.audience,
            data={"name": domain.name, "breakingChanges": policy},
        )
        record([event])

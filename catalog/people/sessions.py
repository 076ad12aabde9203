"""Sessions of browsers: all of a person's end at once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from catalog.events.log import NewEvent, record
from catalog.models import User
from catalog.visibility import person_token


def end_sessions(user: User, *, by: User) -> None:
    """Sign a person out wherever they are signed in; API tokens stay."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
        user.refresh_from_db(fields=["session_round"])
        event = NewEvent(
            type="sessions.ended",
            actor=by,
            subject_kind="person",
            subject_key=user.username,
            subject_id=user.pk,
            audience=person_token(user.pk),
            data={"name": str(user)},
        )
        record([event])

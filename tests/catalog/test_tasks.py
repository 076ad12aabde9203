"""A follower that is far behind does not keep a worker from its other tasks."""

from __future__ import annotations

import pytest

from catalog import tasks
from catalog.models import Cursor, Event
from catalog.outbound import notifications
from tests.conftest import Mesh
from tests.factories import make_product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("task", "cursor"), [(tasks.notify, notifications.FOLLOWER), (tasks.index, "search")]
)
def test_it_reads_some_events_and_asks_to_go_on(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch, task: object, cursor: str
) -> None:
    for number in range(4):
        make_product(f"p{number}")
    asked: list[str] = []
    monkeypatch.setattr(tasks, "EVENTS_AT_ONCE", 2)
    monkeypatch.setattr("catalog.search.follow.BATCH", 2)
    monkeypatch.setattr(notifications, "AT_ONCE", 2)
    monkeypatch.setattr(task, "delay", lambda: asked.append("again"))
    last = Event.objects.order_by("-id").values_list("id", flat=True)[0]
    task()  # type: ignore[operator]
    assert asked == ["again"]
    assert Cursor.objects.get(name=cursor).event_id < last
    for _ in range(20):
        task()  # type: ignore[operator]
    assert Cursor.objects.get(name=cursor).event_id == last

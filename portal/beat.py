"""The clock alone: tells workers what is due, without loading Django's apps (`celery -A portal.beat beat`)."""

from typing import Any

from celery import Celery
from celery.signals import beat_init

from ingestors.scheduling.clock import SCHEDULE

app = Celery("gazetteer-beat", fixups=[])
app.config_from_object("portal.settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE


@beat_init.connect
def prepare(**_: Any) -> None:
    """Make the queue of files, where the clock starts before any worker."""
    from portal import settings
    from portal.data_folder import prepare_broker

    if not settings.REDIS_URL:
        prepare_broker(settings.BROKER_DIR)

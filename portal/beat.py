"""The clock alone: tells workers what is due, without loading Django's apps (`celery -A portal.beat beat`)."""

from celery import Celery

from ingestors.scheduling.clock import SCHEDULE

app = Celery("gazetteer-beat", fixups=[])
app.config_from_object("portal.settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE

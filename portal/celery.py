"""The Celery application: workers and beat start from here."""

import os

from celery import Celery

from ingestors.scheduling.clock import SCHEDULE
from portal import alive, task_logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
app = Celery("gazetteer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_logs.connect()
alive.connect()

app.conf.beat_schedule = SCHEDULE

"""The Django project and the web pages of Gazetteer: the composition root."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]

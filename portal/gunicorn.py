"""How gunicorn serves the web pages: `gunicorn --config python:portal.gunicorn portal.wsgi:application`."""

from __future__ import annotations

import os
from typing import Any

from portal import logs

bind = f"0.0.0.0:{os.environ.get('WEB_PORT', '8000')}"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 25
keepalive = 75
"""Longer than a proxy keeps an unused connection, so that it never sends into a closed one."""
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
control_socket_disable = True
preload_app = False
accesslog = None
"""Requests are told by `portal.middleware.RequestLog`."""
logconfig_dict = {
    **logs.config(
        os.environ.get("LOG_FORMAT", "json"), os.environ.get("LOG_LEVEL", "INFO").upper()
    ),
}
logconfig_dict["loggers"] |= {
    "gunicorn.error": {
        "level": "INFO",
        "handlers": [],
        "propagate": True,
        "qualname": "gunicorn.error",
    },
    "gunicorn.access": {
        "level": "WARNING",  # with a configuration of logs, gunicorn tells each request once more
        "handlers": [],
        "propagate": True,
        "qualname": "gunicorn.access",
    },
}


def post_worker_init(worker: Any) -> None:
    """Read ahead what the first search would wait for; called when a process has loaded the application."""
    from portal.warm import warm_aside

    warm_aside()

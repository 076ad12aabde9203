"""How gunicorn serves the web pages: `gunicorn --config python:portal.gunicorn portal.wsgi:application`."""

from __future__ import annotations

import os
from typing import Any

from portal import logs
from portal.environment import Environment

env = Environment(os.environ)
bind = f"0.0.0.0:{env.integer('WEB_PORT', 8000, least=1, most=65_535)}"
workers = env.integer("WEB_PROCESSES", 2, least=1, most=1_000)
threads = env.integer("WEB_THREADS", 8, least=1, most=1_000)
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
        env.choice("LOG_FORMAT", logs.FORMATS, "json"),
        env.choice("LOG_LEVEL", logs.LEVELS, "INFO"),
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

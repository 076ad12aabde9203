"""Log lines: JSON for machines or text for people, each with the request, the person and the task it belongs to.

What is bound with `bound` comes with every line of this thread of work, whichever module writes it. Passwords,
tokens and mail addresses are taken out of every line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from django.utils.functional import LazyObject, empty
from structlog.contextvars import bound_contextvars, get_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from ingestors.connectors.secrets import HIDDEN, scrub

if TYPE_CHECKING:  # the clock writes lines, too, and has no use for Django's models
    from django.http import HttpRequest

FORMATS = ("json", "text")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
#: What lines may carry beside their message.
FIELDS = ("method", "path", "status", "ms", "task", "state")
PASSED_ON = ("request_id", "user_id")

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_TOKEN = re.compile(r"\bgz_[\w-]{8,}|(?<=[Bb]earer )[\w.~+/=-]{8,}")
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def request_id(given: str) -> str:
    """Take the number a proxy gave a request when it is one, else make one."""
    return given if REQUEST_ID.fullmatch(given) else uuid4().hex


@contextmanager
def bound(request: HttpRequest, number: str) -> Iterator[None]:
    """Let every line until the end carry a request's number and who made it."""
    mark = _request.set(request)
    try:
        with bound_contextvars(request_id=number):
            yield
    finally:
        _request.reset(mark)


def passed_on() -> dict[str, Any]:
    """Return what a task should carry on: the request's number and the person's."""
    numbers = _add_person(None, "", dict(get_contextvars()))
    return {name: numbers[name] for name in PASSED_ON if name in numbers}


def formatter(kind: str) -> structlog.stdlib.ProcessorFormatter:
    """Make the formatter of log lines, `json` or `text`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_person,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        _hide,
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if kind == "json":
        last += [
            structlog.processors.EventRenamer("message"),
            _in_order,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    else:
        last.append(_as_text)
    return structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=shared)


def _add_person(_: WrappedLogger | None, __: str, line: EventDict) -> EventDict:
    """Add who made the request, once that is known; never ask the database for it."""
    request = _request.get()
    user = getattr(request, "user", None) if request is not None else None
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return line
    if user is not None and user.pk is not None:
        line.setdefault("user_id", user.pk)
    return line


def _hide(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    return {name: _hidden(value) for name, value in line.items()}


def _hidden(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _ADDRESS.sub(HIDDEN, _TOKEN.sub(HIDDEN, scrub(value)))


def _in_order(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Put what every line has first."""
    first = {name: line.pop(name) for name in ("time", "level", "logger", "message")}
    return {**first, **line}


def _as_text(_: WrappedLogger, __: str, line: EventDict) -> str:
    """Render `time LEVEL logger message name=value …`, a traceback below it."""
    trace = line.pop("exception", "")
    head = (line.pop("time"), line.pop("level").upper(), line.pop("logger"), line.pop("event"))
    rest = (f"{name}={value}" for name, value in line.items())
    return " ".join(map(str, (*head, *rest))) + (f"\n{trace}" if trace else "")


def config(kind: str, level: str) -> dict[str, Any]:
    """Return the configuration of `logging`: every logger writes to stderr, in one form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "portal.logs.formatter", "kind": kind}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "loggers": {
            "elastic_transport": {"level": "WARNING"},
            # Django's own go through the root; refused requests are told by the line of each request.
            "django": {"handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},
        },
        "root": {"handlers": ["stderr"], "level": level},
    }

"""Options that several commands take."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gazetteer import console
from gazetteer.settings import DEFAULT_URL, Settings, read_settings

if TYPE_CHECKING:
    from gazetteer.server import Server

_Command = TypeVar("_Command", bound=Callable[..., Any])

as_json = click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
folders = click.argument(
    "folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]..."
)


def on_server(command: _Command) -> _Command:
    """Add the options that name a server."""
    url = click.option(
        "--url",
        envvar="GAZETTEER_URL",
        default=DEFAULT_URL,
        show_default=True,
        show_envvar=True,
        help="Address of the server.",
    )
    timeout = click.option(
        "--timeout",
        envvar="GAZETTEER_TIMEOUT",
        type=click.FloatRange(0.1, 600),
        default=30.0,
        show_default=True,
        show_envvar=True,
        help="Seconds to wait for an answer; for one to a push ten times as long.",
    )
    return url(timeout(command))


@contextmanager
def connected(url: str, timeout: float) -> Iterator[Server]:
    """Open a server for one command. Raises UsageError."""
    from gazetteer.server import Server

    settings = read_settings(url, timeout, os.environ)
    _warn(settings)
    server = Server(settings, tell=lambda said: console.aside(console.plain(said)))
    try:
        yield server
    finally:
        server.close()


def _warn(settings: Settings) -> None:
    if settings.is_open_road:
        message = "your token goes through the network unprotected; use https"
        console.aside(f"{console.level('warning')}: {message}")


def chosen(named: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the folders that are named, or the current one."""
    return named or (Path(),)

"""`manage.py demo` refuses what cannot work, and starts over after an interruption."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog.people.domains import save_domain
from portal import broker
from portal.launch import hold
from portal.management.commands import demo


@pytest.fixture
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.DATA_DIR = tmp_path
    settings.QUEUE_FILE = tmp_path / "queue.sqlite3"
    return tmp_path


def test_a_port_in_use_is_named_with_the_way_out(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"port {port} .* make demo PORT={port + 1}"):
            call_command("demo", port=port)
    assert not (folder / "demo" / "unfinished").exists()


def test_a_second_demo_on_the_same_data_is_refused(folder: Path) -> None:
    (folder / "demo").mkdir()
    with (
        hold(folder / "demo" / "lock", said=""),
        pytest.raises(CommandError, match="a demo already runs on"),
    ):
        call_command("demo", prepare_only=True)


@pytest.mark.django_db
def test_a_database_with_somebody_elses_mesh_is_left_alone(folder: Path) -> None:
    save_domain("sales", name="Sales", by=None)
    with pytest.raises(CommandError, match="already holds domains"):
        call_command("demo", prepare_only=True)
    assert not (folder / "demo" / "stores").exists()


def test_an_interrupted_preparation_is_cleared_away(folder: Path) -> None:
    stores = folder / "demo" / "stores"
    stores.mkdir(parents=True)
    (stores / "half.sqlite").touch()
    with closing(broker.open_file(folder / "queue.sqlite3")) as queue:
        queue.execute("INSERT INTO message (queue, content) VALUES ('harvest', '{}')")
    demo._remove_leftovers(folder / "demo")
    assert not stores.exists()
    assert broker.waiting(folder / "queue.sqlite3") == {}

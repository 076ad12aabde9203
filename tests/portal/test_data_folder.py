"""The data folder is made when Gazetteer starts, and holds one key that all processes share."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.data_folder import find_key, make_key
from tests.installations import ROOT, Installation


def run(folder: Path, script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python on an installation in a folder."""
    environment = {**Installation(folder, settings={}).environment, "SECRET_KEY": "", **settings}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment | {"GAZETTEER_DATA": str(folder / "data")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_reading_the_settings_makes_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, "import portal.settings").returncode == 0
    assert list(tmp_path.iterdir()) == []


CLOCK = "from portal.beat import app; app.send_task('ingestors.tick')"


@pytest.mark.parametrize("start", ["import portal.wsgi", CLOCK], ids=["web", "clock"])
def test_a_start_makes_the_folder(tmp_path: Path, start: str) -> None:
    done = run(tmp_path, start, DJANGO_SETTINGS_MODULE="portal.settings")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data").is_dir()


def test_sessions_are_signed_with_one_key_from_the_first_start_on(tmp_path: Path) -> None:
    script = "import portal.wsgi; from django.conf import settings; print(settings.SECRET_KEY)"
    said = [run(tmp_path, script, DJANGO_SETTINGS_MODULE="portal.settings").stdout for _ in "ab"]
    assert said[0] == said[1]
    assert len(said[0].strip()) > 50
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_many_first_starts_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(make_key, [tmp_path] * 64))
    assert keys == {find_key(tmp_path)}
    assert len(keys.pop()) > 50
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    done = run(tmp_path, "import portal.wsgi", DJANGO_SETTINGS_MODULE="portal.settings")
    assert "GAZETTEER_DATA is" in done.stderr
    assert os.fspath(tmp_path / "data") in done.stderr

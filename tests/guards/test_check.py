"""The whole check: steps side by side, engines as they are deployed, suites that leave nothing out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests import budget, compose

ROOT = Path(__file__).parents[2]
TOGETHER = ROOT / ".ci" / "together"
NAMED = {
    "TEST_POSTGRES_URL": "postgres://somebody@db.example/tests",
    "TEST_REDIS_URL": "redis://cache.example:6379",
    "TEST_ELASTICSEARCH_URL": "http://search.example:9200",
    "CHROMIUM": "/opt/a browser",
}


def together(*arguments: str, times: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TOGETHER, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**outside(), **({"STEP_TIMES": str(times)} if times else {})},
    )


def outside() -> dict[str, str]:
    """Return the environment without what a check that runs this test has set for its own steps."""
    return {name: value for name, value in os.environ.items() if name != "STEP_TIMES"}


def test_steps_run_side_by_side_and_each_tells_its_time(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # each end waits for the other: one after the other they would never end
    done = together("2", f"reads=cat {pipe}", f"writes=echo met >{pipe}", times=tmp_path / "times")
    assert done.returncode == 0, done.stdout
    assert "\nmet\n" in done.stdout
    told = (tmp_path / "times").read_text().splitlines()
    assert {line.split()[0] for line in told} == {"reads", "writes"}
    assert all(re.search(r" ok +\d+ s  \(\d+ s of processors\)$", line) for line in told)


def test_a_failure_is_told_and_stops_no_other_step(tmp_path: Path) -> None:
    done = together("1", "bad=echo why; exit 3", f"next=touch {tmp_path / 'began'}")
    assert done.returncode == 1
    assert "why\n===== bad          FAILED" in done.stdout
    assert (tmp_path / "began").exists()


def test_what_runs_beside_a_failed_step_is_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = together("2", f"slow=cat {pipe}; echo whole", f"bad=echo >{pipe}; exit 1")
    assert done.returncode == 1
    assert "whole\n===== slow         ok" in done.stdout


def test_an_ended_check_leaves_no_process_behind(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with subprocess.Popen(
        [TOGETHER, "1", f"long=sleep 300 & echo $! >{note}; echo >{note}.whole; wait"],
        stdout=subprocess.DEVNULL,
        env=outside(),
    ) as running:
        while not note.with_suffix(".whole").exists():
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=30) == 1
    gone = Path(f"/proc/{note.read_text().strip()}/stat")
    deadline = time.monotonic() + 30
    while gone.exists() and gone.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not gone.exists() or gone.read_text().split()[2] == "Z"


def engines(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".ci" / "engines"],
        env={"HOME": "/nowhere", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_engines_that_the_environment_names_are_used_as_they_are() -> None:
    done = engines({**NAMED, "PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    said = dict(re.findall(r"^export (\w+)=(.*)$", done.stdout, re.M))
    assert said == {**NAMED, "CHROMIUM": r"/opt/a\ browser"}, "nothing may be started or killed"
    assert "unset DATABASE_URL REDIS_URL ELASTICSEARCH_URL" in done.stdout


def test_docker_compose_starts_the_engines_that_are_not_named(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\n')
    docker.chmod(0o755)
    given = {"CHROMIUM": "/opt/chromium", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = engines(given)
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[-1].endswith("up --detach --wait --wait-timeout 300 postgres redis elasticsearch")
    said = dict(re.findall(r"^export (\w+)=(.*)$", done.stdout, re.M))
    assert said["TEST_POSTGRES_URL"] == "postgres://gazetteer:gazetteer@127.0.0.1:55432/gazetteer"
    assert said["TEST_SERVICES"] == str(ROOT / ".ci" / "compose-services")

    done = engines({**given, "TEST_REDIS_URL": "redis://cache.example:6379"})
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[-1].endswith("up --detach --wait --wait-timeout 300 postgres elasticsearch")
    assert "TEST_SERVICES" not in done.stdout, "an engine of somebody else's is not killed"


def test_the_engines_to_test_with_are_those_that_are_deployed() -> None:
    said: dict[str, Any] = yaml.safe_load(
        compose.interpolate((ROOT / ".ci/compose.yml").read_text(), {})
    )
    vendored = files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    jsonschema.validate(said, json.loads(vendored.read_text()))
    deployed = compose.read(compose.example())["services"]
    for name, service in said["services"].items():
        assert service["image"] == deployed[name]["image"]
        assert service["healthcheck"]["test"], "the check waits until it answers"
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name


def test_every_suite_of_the_check_has_a_target_and_every_mark_a_suite() -> None:
    steps = re.findall(r'"(\w+)=make ([^"]+)"', (ROOT / ".ci/run").read_text())
    makefile = (ROOT / "Makefile").read_text()
    for _, targets in steps:
        for target in targets.split():
            assert re.search(rf"^{target}:", makefile, re.M), target
    left_out = re.search(r'-m "(not processes[^"]*)"\n\n# Whole', makefile)
    assert left_out
    for mark in left_out[1].replace("not ", "").split(" and "):
        assert re.search(rf"-m {mark}\b", makefile), f"no suite runs what is marked {mark}"


@pytest.mark.parametrize(("name", "tried"), [("quick", 75), ("", 300), ("nightly", 6000)])
def test_a_profile_decides_how_many_examples_are_tried(
    name: str, tried: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_PROFILE", name)
    assert budget.examples(300) == tried


def test_a_profile_that_there_is_not_is_named_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEST_PROFILE", "hasty")
    with pytest.raises(ValueError, match="'hasty'; allowed are quick, standard, nightly"):
        budget.examples(1)

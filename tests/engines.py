"""Real engines a test may need: found, or skipped with a reason, or (when required) a failure."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

DATA = Path(os.environ.get("GAZETTEER_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def required() -> frozenset[str]:
    """Return the engines that must be there, from REQUIRE_SERVICES."""
    return frozenset(filter(None, os.environ.get("REQUIRE_SERVICES", "").split(",")))


def absent(engine: str, why: str) -> None:
    """Skip the test, or fail it when the engine is required."""
    if engine in required():
        pytest.fail(f"{engine} is required here, but {why}")
    pytest.skip(f"needs {engine}: {why}")


def postgres_url() -> str:
    """Return the address of a PostgreSQL server that tests may use."""
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if not url:
        absent("postgres", "TEST_POSTGRES_URL names no server")
    return url


def elasticsearch_url() -> str:
    """Return the address of an Elasticsearch that tests may use."""
    url = os.environ.get("TEST_ELASTICSEARCH_URL", "")
    if not url:
        absent("elasticsearch", "TEST_ELASTICSEARCH_URL names no server")
    return url


def redis_url() -> str:
    """Return the address of a Redis that tests may use."""
    url = os.environ.get("TEST_REDIS_URL", "")
    if not url:
        absent("redis", "TEST_REDIS_URL names no server")
    return url


def chromium() -> str:
    """Return the path of a Chromium."""
    named = os.environ.get("CHROMIUM", "")
    found = named or shutil.which("chromium") or shutil.which("google-chrome") or ""
    if not found:
        absent("chromium", "CHROMIUM names none and none is on the path")
    return found


def client(name: str) -> str:
    """Return the path of a real client of a standard, as `make clients` installs them."""
    path = Path(__file__).parents[1] / ".venv-clients" / "bin" / name
    if not path.exists():
        absent("clients", f"{name} is not in .venv-clients (make clients)")
    return str(path)


def material(*parts: str) -> Path:
    """Return a folder or file of the third-party material, or skip when it is not there."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"third-party material is not there: {path} (set GAZETTEER_TEST_DATA)")
    return path
